import { bare, isBlank, type Line } from './line.ts'

/** What Outlook and its kin write above the mail that is answered: labels of a few headers, in the language of the program. */
const LABELS: readonly (readonly [kind: 'from' | 'date' | 'to' | 'subject', words: string])[] = [
  [
    'from',
    'from|von|de|da|van|från|fra|frá|lähettäjä|od|nadawca|expéditeur|mittente|remitente|от|от кого|від|отправитель|kimden|gönderen|发件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람|발신인|מאת|من|από|feladó|de la|saatja|nuo|no|từ|dari|prima',
  ],
  [
    'date',
    "date|message du|sent|sent at|datum|gesendet|envoyé|envoyé le|date d'envoi|enviado|enviado el|enviado em|enviada em|enviada|fecha|inviato|data|data invio|verzonden|verzonden op|skickat|skickad|sendt|dato|lähetetty|päivämäärä|päiväys|wysłano|wysłane|odesláno|odoslané|дата|отправлено|надіслано|tarih|gönderme tarihi|gönderildi|发送时间|发送日期|日期|寄件日期|傳送日期|送信日時|日付|보낸 날짜|날짜|נשלח|תאריך|تاريخ|تم الإرسال|أرسلت|ημερομηνία|στάλθηκε|elküldve|dátum|küldve|trimis|trimis la|saadetud|kuupäev|išsiųsta|nosūtīts|đã gửi|ngày|tanggal|dikirim",
  ],
  [
    'to',
    'to|an|à|pour|destinataire|a|para|per|aan|till|til|vastaanottaja|do|dla|adresat|komu|pro|кому|для|kime|alıcı|收件人|收件者|宛先|받는 사람|받는사람|수신인|אל|إلى|προς|címzett|către|catre|saaja|kam|cc|kopie|copie à|copie|копия|抄送|đến|kepada|za',
  ],
  [
    'subject',
    'subject|betreff|objet|sujet|asunto|oggetto|assunto|onderwerp|ämne|emne|efni|aihe|temat|předmět|predmet|тема|konu|主题|主旨|件名|제목|נושא|الموضوع|θέμα|tárgy|subiect|teema|tema|temats|chủ đề|subjek|perihal',
  ],
]
const KINDS = new Map(LABELS.flatMap(([kind, words]) => words.split('|').map((word) => [word, kind] as const)))
const LINES_MAX = 12

/** True when a block of headers of another mail begins with this line: who, and two of when, to whom, about what; or as many kinds as are asked. */
export function isHeaderBlock(lines: readonly Line[], at: number, kindsWanted = 3): boolean {
  const first = lines[at]
  if (!first || first.quoted || labelOf(first) === null) return false
  const kinds = new Set<string>()
  let strangers = 0
  for (let i = at; i < Math.min(lines.length, at + LINES_MAX); i += 1) {
    const line = lines[i]
    if (!line) break
    if (isBlank(line)) {
      // Paragraphs of their own each, as Outlook's HTML becomes text.
      if (i > at && isBlank(lines[i + 1] ?? line)) break
      continue
    }
    const kind = labelOf(line)
    if (kind !== null) {
      kinds.add(kind)
      strangers = 0
    } else if (++strangers > 1) break
    if (kinds.has('from') && kinds.size >= kindsWanted) return true
  }
  return false
}

/** The kind of header that a line names; null for a line that names none. Bold type becomes asterisks in plain text. */
function labelOf(line: Line): string | null {
  const found = /^[\s*_]{0,8}([^:\uff1a*<>@]{1,24}?)[\s\u00a0*_]{0,4}[:\uff1a]/.exec(line.text)
  return found?.[1] === undefined ? null : (KINDS.get(found[1].trim().replace(/\s+/g, ' ').toLowerCase()) ?? null)
}

/** "-----Original Message-----" in any language: words between dashes, with headers of a mail below, or known words. */
export function isOriginalLine(lines: readonly Line[], at: number): boolean {
  const line = lines[at]
  if (!line || line.quoted || !/^\s*[-_=*]{2}/.test(line.text)) return false
  const words = /^[-_=*]{2,40} ?([^-_=*].{1,60}?) ?[-_=*]{2,40}$/.exec(bare(line))?.[1]
  if (words === undefined || FORWARDED.test(words)) return false
  if (ORIGINAL.test(words)) return true
  return headersBelow(lines, at)
}

/** A rule of underscores or dashes that programs draw above such headers. */
export function isRuleAboveHeaders(lines: readonly Line[], at: number): boolean {
  const line = lines[at]
  return (
    line !== undefined &&
    !line.quoted &&
    /^\s*(?:_{4,}|-{4,}|\u2500{4,}|={4,}|\*{4,})\s*$/.test(line.text) &&
    headersBelow(lines, at)
  )
}

function headersBelow(lines: readonly Line[], at: number): boolean {
  let below = at + 1
  while (below < at + 4 && lines[below] && isBlank(lines[below] as Line)) below += 1
  return isHeaderBlock(lines, below)
}

const ORIGINAL =
  /original (?:message|e?-?mail|appointment)|ursprüngliche(?:n|s)? (?:nachricht|mail)|originalnachricht|original-?nachricht|message d['’ ]?origine|message original|mensaje original|messaggio originale|mensagem original|oorspronkelijk(?:e)? bericht|originalmeddelelse|oprindelig meddelelse|ursprungligt? meddelande|originalmeddelande|opprinnelig melding|alkuperäinen viesti|(?:oryginalna )?wiadomość (?:oryginalna|pierwotna)|oryginalna wiadomość|původní (?:zpráva|e-?mail)|pôvodná správa|исходное (?:сообщение|письмо)|оригинальное сообщение|вихідне повідомлення|özgün ileti|orijinal (?:mesaj|ileti)|eredeti üzenet|mesaj original|algne (?:sõnum|kiri)|原始邮件|原始郵件|元のメッセージ|원본 메(?:시지|일)|הודעה מקורית|الرسالة الأصلية|αρχικό μήνυμα|tin nhắn gốc|pesan asli|^original$/i

/** What is forwarded was sent to be read: it is never folded away. */
export const FORWARDED =
  /forwarded|weitergeleitete|transféré|transmis|reenviado|reenviada|encaminhad|inoltrato|doorgestuurd|vidarebefordra|videresendt|välitetty|przekazan|přeposlan|preposlan|пересланн|пересылаем|переслан|iletilen|továbbított|redirecționat|edasi saadetud|转发|轉寄|転送|전달된|הועבר|تمت إعادة توجيه|προωθημένο|chuyển tiếp|diteruskan/i

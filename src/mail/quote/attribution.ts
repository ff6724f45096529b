import { bare, isBlank, type Line } from './line.ts'

/** Lines `from` to `to` (not included) say who wrote what follows: "On Tuesday, Ann <ann@example.org> wrote:". */
export interface Attribution {
  readonly from: number
  readonly to: number
  /** It names a day or an address, so that it needs no quoted line below it to be believed. */
  readonly isSure: boolean
}

/**
 * "wrote" as the mail programs of many languages say it. Words, since programs write them; names, dates and their order are left open.
 */
const WROTE = new RegExp(
  `(?:^|[\\s,>"')\\]-])(?:${[
    'wrote|writes|schrieb|schreibt|geschrieben|a écrit|écrit|ha scritto|scrive|escribió|escribi[oó]|escreveu|va escriure',
    'schreef|het volgende geschreven|skrev|skreiv|kirjoitti|kirjutas|napisał(?:\\(a\\)|a|/a)?|pisze|napsal(?:\\(a\\)|a)?|napísal(?:\\(a\\)|a)?',
    'írta|ezt írta|a scris|je napisa[lo](?:\\(a\\)|/la)?|je napisao(?:/la)?|rakstīja|rašė|skrifaði|yazdı|şunu yazdı|đã viết|menulis|nulis',
    'написала?|написал\\(а\\)|пишет|писал\\(?а?\\)?|пише|написав|написа|έγραψε|כתב(?:ה)?|كتب(?:ت)?|نوشت|เขียนว่า',
  ].join('|')})(?:[\\s:(]|$)|写道|寫道|写了|さんは書きました|書きました|さんのメール|님이 작성|님이 씀|작성:`,
  'iu',
)
/** How such lines begin: a word for "on", a day, or the digits of a date. */
const OPENS = new RegExp(
  `^["'*_-]{0,6}\\s?(?:(?:on|le|am|op|el|il(?: giorno)?|em|den|dne|dnia|w dniu|v|på|pe|a|la|ngày|pada|στις|в|у|بتاريخ|في|בתאריך|ב)(?=[\\s\\d.-])|` +
    '(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|seg|ter|qua|qui|sex|man|tir|tirs|ons|tor|tors|fre|lør|lörd?|sön|søn|ma|ti|ke|to|la|su|pon|wt|śr|czw|pt|sob|ndz|niedz|po|út|st|čt|pá|so|ne|пн|вт|ср|чт|пт|сб|вс|нд|paz|pzt|sal|çar|per|cum|cmt)\\p{L}{0,9}(?!\\p{L})\\.?,?|\\d{1,4}[.:\\-/年])',
  'iu',
)
const ADDRESS = /[^\s<>"(),:;]{1,100}@[^\s<>"(),:;]{1,200}/u
/** A year, a time of day, or a date in figures. */
const DAY = /\b(?:19|20)\d\d\b|\d{1,2}[:.h]\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-](?:\d\d)?\d\d\b|\d年/u
const ENDS =
  /[:\uff1a]["*_\s\u200b-\u200f\u202a-\u202e]*$|-{2,}\s*$|(?:wrote|schrieb|écrit|scritto|escribió|escreveu|skrev|schreef)\s*$/iu
const SPAN_MAX = 4
const LENGTH_MAX = 500

/** The attribution that ends with line `end`, if one does; asked of each line, so that what most lines lack is looked for first. */
export function attributionEndingAt(lines: readonly Line[], end: number): Attribution | null {
  const last = lines[end]
  if (!last || (last.quoted && !/^\s*:\s*$/.test(last.text)) || !ENDS.test(last.text.slice(-12))) return null
  return spanEndingAt(lines, end)
}

/** Such a line is often broken in two or three: of the spans that read as one, the one that begins as they do, else the shortest. */
function spanEndingAt(lines: readonly Line[], end: number): Attribution | null {
  let text = ''
  let best: Attribution | null = null
  for (let from = end; from >= 0 && end - from < SPAN_MAX; from -= 1) {
    const line = lines[from]
    if (!line || (line.quoted && from !== end) || isBlank(line)) break
    text = from === end ? bare(line) : `${bare(line)} ${text}`
    if (text.length > LENGTH_MAX) break
    const verdict = judge(text)
    if (verdict === null) continue
    const opens = OPENS.test(text)
    if (best === null || opens) best = { from, to: end + 1, isSure: verdict === 'sure' }
    if (opens && DAY.test(text)) break
  }
  return best
}

function judge(text: string): 'sure' | 'likely' | null {
  const isEnded = /[:\uff1a]["*_ ]{0,4}$/.test(text)
  // Zoho frames the line instead.
  const isFramed = /^-{2,} .{4,300} -{2,}$/.test(text)
  const hasAddress = ADDRESS.test(text)
  const hasDay = DAY.test(text)
  if (WROTE.test(text)) {
    if (hasDay && hasAddress && OPENS.test(text)) return 'sure'
    if (!isEnded && !isFramed) return null
    if ((hasDay && OPENS.test(text)) || (hasAddress && text.length < 200)) return 'sure'
    // "Ann wrote:" is believed only where a quoted line follows.
    return isFramed || text.length > 120 ? null : 'likely'
  }
  // In a language that is not known here: a year, a time, and an address in angle brackets at the end.
  const isDated = /\b(?:19|20)\d\d\b/.test(text) || (hasDay && OPENS.test(text))
  return isEnded && isDated && hasAddress && /\d[:.h]\d\d/.test(text) && /<[^<>\s]{1,300}>,? ?:$/.test(text) ? 'sure' : null
}

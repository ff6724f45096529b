import type { SmtpStage } from './smtp-answer.ts'
import type { SmtpReply } from './smtp-reply.ts'

/** Reports quote a reply somewhere in their words. Everything here reads at most so much of them. */
const WORDS_MAX = 4_000

/** "550 5.1.1", also as Cisco writes it: "550-'5.7.1". */
const WITH_ENHANCED = /(?<![\w.:/-])([45]\d\d)[ '"-]{1,3}#?\(?([45]\.\d{1,3}\.\d{1,3})(?![\d.])\)?:?/
/** Three digits alone are a code only where speech begins: a line's start, or after "said:", "<<<", "reason:", a quote. */
const AT_START = /(?:^|[:;,<>()["']|\bsaid|\bwith|\breturned|\bresponded|\bwas)[ \t]*([45]\d\d)(?=[ :,-]|$)(?![ :-]*\d)/m
const AS_ERROR_CODE = /\b(?:error|reply|status)[_ ]?code ?:? ?([45]\d\d)\b/i
const ENHANCED_ALONE = /(?:^|(?<!version|exim|sendmail|server)[\s#([:;<])([45]\.\d\.\d{1,3})(?![\d.])/i

/** The reply that a report quotes, or null when it has no code at all. */
export function replyInWords(words: string): SmtpReply | null {
  const text = words.slice(0, WORDS_MAX).replace(/\r/g, '')
  const full = WITH_ENHANCED.exec(text)
  if (full) return { code: Number(full[1]), enhanced: full[2] ?? null, text: rest(text, full, full[2] ?? '') }
  const bare = AT_START.exec(text) ?? AS_ERROR_CODE.exec(text)
  if (bare) return { code: Number(bare[1]), enhanced: enhancedIn(text), text: rest(text, bare, '') }
  const alone = ENHANCED_ALONE.exec(text)
  return alone?.[1] ? { code: alone[1].startsWith('4') ? 450 : 550, enhanced: alone[1], text: oneLine(text) } : null
}

function enhancedIn(text: string): string | null {
  return ENHANCED_ALONE.exec(text)?.[1] ?? null
}

/** What follows the code, without the codes that a long reply repeats on its lines; everything where nothing follows. */
function rest(text: string, match: RegExpExecArray, enhanced: string): string {
  const after = text.slice(match.index + match[0].length)
  const again = new RegExp(
    `(?:^|[\\s-])${match[1]}[ -]${enhanced === '' ? '' : `(?:${enhanced.replaceAll('.', '\\.')} ?)?`}`,
    'g',
  )
  const said = oneLine(after.replace(again, ' '))
  return /[a-z]{2}/i.test(said) ? said : oneLine(text)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** How those who report name the command that was answered. */
const COMMANDS: readonly (readonly [RegExp, SmtpStage])[] = [
  [/^(?:connect|initial|greeting|talk)/i, 'banner'],
  [/^(?:ehlo|helo|lhlo)/i, 'ehlo'],
  [/^starttls/i, 'starttls'],
  [/^auth/i, 'auth'],
  [/^(?:mail|sender)/i, 'mail'],
  [/^(?:rcpt|recipient)/i, 'rcpt'],
  [/^(?:data|text|end|final|sent|\.)/i, 'dot'],
]

const NAMES = '(RCPT|MAIL|DATA|EHLO|HELO|LHLO|STARTTLS|AUTH|end of data|final dot|initial connection)'
const HINTS: readonly RegExp[] = [
  // Postfix, Exim, DragonFly
  /\(in reply to ([a-z]+(?: of DATA)?)\b/i,
  new RegExp(`\\bafter (?:pipelined )?(?:sending )?${NAMES}`, 'i'),
  new RegExp(`\\bdid not like our (?:final )?${NAMES}`, 'i'),
  // Yahoo, transcripts of sendmail and others, qmail
  /\[(RCPT|MAIL|DATA|EHLO|HELO)(?:_TO|_FROM)?\]/,
  /(?:>>>|In:) *(RCPT|MAIL|DATA|EHLO|HELO|\.)[^\n]{0,400}\n(?:[^\n]{0,400}\n){0,2} *(?:<<<|Out:) *[45]\d\d/i,
  /\bSent <<< *(RCPT|MAIL|DATA|EHLO|HELO)[^\n]{0,400}\n *Received >>> *[45]\d\d/i,
  /\b(?:SMTP:)(RCPT|MAIL|DATA|EHLO|HELO)\b/,
  /\b(RCPT TO|MAIL FROM|DATA) response\b/,
  /SMTP command\s{1,8}(RCPT|MAIL|DATA|EHLO|HELO)\b/i,
  /\b(RCPT|MAIL|DATA|TEXT|EHLO|HELO) command\b/,
  /\((RCPT|MAIL|DATA|EHLO|HELO)(?: TO| FROM)?\)/,
  /\bdoes not like (recipient)\b/i,
  /\bbut (sender) was rejected\b/i,
  /\bfailed after I (sent) the message\b/i,
  /\brefused to (talk) to me\b/i,
  /\bbut (greeting) failed\b/i,
  /while receiving the (initial) server greeting/i,
]
const NOBODY_LEFT = /<<< *(?:503\b|5\d\d[^\n]{0,60}(?:need rcpt|no valid recipients))/i
/** Gmail's own numbering of the stages. */
const STATES: Readonly<Record<string, SmtpStage>> = {
  '6': 'starttls',
  '9': 'ehlo',
  '13': 'mail',
  '14': 'rcpt',
  '17': 'dot',
  '18': 'dot',
}

/** The stage at which a quoted reply was given, where the words tell. */
export function stageInWords(words: string): SmtpStage | null {
  const text = words.slice(0, WORDS_MAX)
  for (const hint of HINTS) {
    const name = hint.exec(text)?.[1]
    const stage = name === undefined ? undefined : COMMANDS.find(([pattern]) => pattern.test(name))?.[1]
    // sendmail writes DATA before it reads what RCPT was answered with; that nobody was left to send to then tells.
    if (stage) return stage === 'dot' && NOBODY_LEFT.test(text) ? 'rcpt' : stage
  }
  const state = /\(state (\d{1,2})\)/.exec(text)?.[1]
  return state === undefined ? null : (STATES[state] ?? null)
}

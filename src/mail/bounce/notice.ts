import type { ParsedMail } from '../parse.ts'
import { replyInWords } from '../reply-in-words.ts'

/** A notice in words: what was written above the mail that came back, and what stands below. */
export interface Notice {
  readonly words: string
  readonly below: string
}

const TEXT_MAX = 256 * 1024

/** A line that says that the returned mail begins below it. */
const ANNOUNCED: readonly RegExp[] = [
  /^[-=|>* \t]{0,80}(?:this|below|enclosed|included|attached|here)(?: this line)? is (?:a|the) (?:copy|header)/im,
  /^[-=|>* \t]{0,80}below this line/im,
  /^[-=|>* \t]{0,80}(?:the )?(?:original|returned|unsent|undelivered|bounced) (?:message|mail|e-mail)(?: text| headers?| info| as)?(?: follows?)?\.?:?[-=| \t]{0,80}$/im,
  /^[-=|>* \t]{0,80}(?:the )?(?:message|mail) (?:text|headers?)(?: of the original message)? (?:follows?|is following)/im,
  /^[-=|>* \t]{0,80}the headers? of the original message/im,
]
/** Its first header, where nothing announces it. */
const HEADER = /^(?:received|return-path|dkim-signature|x-received|arc-seal|x-google-smtp-source|domainkey-signature):/im

/** Parts the words of a notice from the mail that came back below them, once somebody asks: of most mails the head says that they are none. */
export function noticeOf(mail: ParsedMail): Notice {
  let parted: Notice | null = null
  const both = () => (parted ??= part(mail))
  return {
    get words() {
      return both().words
    },
    get below() {
      return both().below
    },
  }
}

function part(mail: ParsedMail): Notice {
  const text = (mail.text?.trim() ? mail.text : wordsOfHtml(mail.html ?? '')).slice(0, TEXT_MAX).replace(/\r/g, '')
  const announced = Math.min(...ANNOUNCED.map((line) => placeOf(line, text)))
  const header = placeOf(HEADER, text)
  if (header < announced) return { words: text.slice(0, header), below: text.slice(header) }
  const end = text.indexOf('\n', announced)
  return { words: text.slice(0, announced), below: end === -1 ? '' : text.slice(end + 1) }
}

/** Never the very beginning, above which nothing could have been said; the end where there is no such line. */
function placeOf(line: RegExp, text: string): number {
  const at = text.search(line)
  return at > 0 ? at : text.length
}

/** Rough, since only words and their lines matter: never shown to anybody. */
function wordsOfHtml(html: string): string {
  return html
    .slice(0, TEXT_MAX / 2)
    .replace(/<(?:style|script|head)\b[^>]{0,500}>[^<]{0,20000}/gi, ' ')
    .replace(/<(?:br|\/p|\/div|\/tr|\/li|\/h\d|p|div|tr|li)\b[^>]{0,500}>/gi, '\n')
    .replace(/<[^>]{0,300}>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&(?:nbsp|#160);/g, ' ')
    .replace(/&(?:quot|#34);/g, '"')
    .replace(/&(?:apos|#39);/g, "'")
    .replace(/&amp;/g, '&')
}

const DAEMON =
  /^(?:mail(?:er)?[-_. ]?daemon|post[-_.]?master|mail[-_.]?delivery[-_.]?(?:sub)?system|mdaemon|mailer|bounces?)(?:[-+=][^@]*)?(?:@|$)/i
const DAEMON_NAME =
  /mail(?:er)?[- ]?(?:delivery|deliver|daemon)|\bpostmaster\b|system administrator|delivery (?:subsystem|system|service)|\bNDR\b/i
const MACHINE = /^(?:no-?reply|do-?not-?reply|notifications?|admin|[^@]{1,40}-admin|sysadmin)@/i
const SUBJECT =
  /^(?:[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5} )?(?:(?:e-?mail|mail|message) )?(?:undeliver(?:able|ed)|returned (?:mail|e-?mail|to sender)|mail (?:delivery )?(?:fail|system error|error)|(?:mail |message )?delivery (?:has )?(?:fail|status|notification|delay|problem|error)|fail(?:ure|ed) (?:notice|delivery)|failed mail|non-?delivery|notification d'|delivery report|could not (?:send|deliver)|not delivered|warning: (?:message|could not)|there was an error sending|loop alert|postfix smtp server: errors|postmaster notify|bounce|mail failed|(?:message|mail) (?:rejected|not delivered)|rejected (?:mail|message))/i
const BODY =
  /(?:could ?n[o']t|cannot|can ?not|was ?n[o']t|were ?n[o']t|has not(?: yet)?|not(?: yet)?) (?:able to )?(?:be(?:en)? )?deliver|unable to (?:deliver|send)|deliver(?:y|ing)? (?:to|of) the following|delivery (?:has )?fail|fail(?:ed|ure) (?:permanently|deliver|address|reason)|address(?:es|\(es\))?(?: has| have| had)?(?: permanent)? (?:failed|fatal|delivery|errors?|had)|had (?:permanent|delivery|transient)|(?:did|have) not (?:reach|receive)|undeliver|mail failed|error(?: has occurred)? (?:while attempting to deliver|delivering your)|trouble delivering|transcript of session|rejected (?:by a remote|and discarded|by the (?:server|system))|automatically rejected|unknown user:|invalid (?:final delivery|user address)|duplicated message-id|no valid recipients|delayed for more than|could not be posted|can't be delivered/i

/**
 * True when a mail without a machine-readable report is a notice of failure or delay all the same: who sends it, how it is headed and what
 * it says have to agree. A person's mail that quotes a notice has neither the sender nor the heading of one.
 */
export function isNotice(mail: ParsedMail, notice: Notice): boolean {
  if (header(mail, 'x-failed-recipients') !== null) return true
  const sender = senderPoints(mail)
  const headed = SUBJECT.test(mail.subject) ? 2 : 0
  const isReply = header(mail, 'in-reply-to') !== null && sender === 0
  if (isReply || (sender === 0 && headed === 0)) return false
  const says = BODY.test(notice.words) ? 2 : 0
  const quotes = replyInWords(notice.words) === null ? 0 : 1
  // Shops write of deliveries too: without a word of failure or a server's reply only a mail server's own heading tells.
  if (says + quotes === 0 && sender + headed < 4) return false
  // An answer (RFC 3834 §3.1.7) that quotes no server is an answer of the recipient's side, whatever it says.
  if (/^auto-replied/i.test(header(mail, 'auto-submitted') ?? '') && quotes === 0 && !isReport(mail)) return false
  const returned = notice.below !== '' || mail.attachments.some(({ contentType }) => contentType === 'message/rfc822') ? 1 : 0
  return sender + headed + says + returned + quotes >= 3
}

function senderPoints(mail: ParsedMail): number {
  const address = mail.from?.address ?? ''
  const path = header(mail, 'return-path')
  const isNull = path !== null && /^<>$|^<?mailer-daemon/i.test(path.trim())
  if (isNull || DAEMON.test(address) || DAEMON_NAME.test(mail.from?.name ?? '') || address === '') return 2
  return MACHINE.test(address) ? 1 : 0
}

/** True when the structure of the mail says that it is a report, whether or not its parts can be read. */
export function isReport(mail: ParsedMail): boolean {
  const type = header(mail, 'content-type') ?? ''
  return /^multipart\/report/i.test(type.trim()) && !/disposition-notification|feedback-report/i.test(type)
}

const DELAY =
  /\bdelay(?:ed)?\b|not yet been delivered|warning message only|temporary failure report|still undelivered|will (?:be retried|keep trying)|could not send message for/i
const FINAL = /permanent|given up|giving up|will not (?:be )?(?:try|retr)|(?:been|was) returned|undeliverable|returned to sender/i

/** True when the mail still waits somewhere and is tried again. */
export function isDelay(mail: ParsedMail, notice: Notice): boolean {
  if (/\(delay\)|\bdelay(?:ed)?\b|^warning:/i.test(mail.subject)) return true
  return DELAY.test(notice.words) && !FINAL.test(notice.words) && !/fail|return|undeliver/i.test(mail.subject)
}

/** The first value of a header, or null. */
export function header(mail: ParsedMail, name: string): string | null {
  return mail.headers.find((found) => found.name.toLowerCase() === name)?.value ?? null
}

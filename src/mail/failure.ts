import { CLASS_FACTS } from './failure-classes.ts'
import { classOfLoss } from './failure-loss.ts'
import { classOfReply } from './failure-rules.ts'
import { plainText, retryAfterSeconds } from './reply-text.ts'
import { SMTP_STAGES, type SmtpAnswer, type SmtpStage } from './smtp-answer.ts'
import type { SmtpReply } from './smtp-reply.ts'

/** Who has to wait, or change, because of a failure. Only `message` and `recipient` cost a message one of its tries. */
export const FAILURE_SCOPES = ['message', 'recipient', 'domain', 'receiver', 'route', 'identity', 'address', 'system'] as const
export type FailureScope = (typeof FAILURE_SCOPES)[number]

/**
 * How long to wait between tries (workers read delivery/retry.ts): network, greylist, deferral or rate, mailbox full, quota.
 * `login` waits for a person, who has to change something; it is tried rarely, since repeated log-ins lock accounts. `none`: not again.
 */
export const RETRY_LADDERS = ['network', 'greylist', 'deferral', 'mailbox', 'quota', 'login', 'none'] as const
export type RetryLadder = (typeof RETRY_LADDERS)[number]

/** Everything that can go wrong between us and a mail server, in the order of the dialogue. */
export const FAILURE_CLASSES = [
  // Before a connection.
  'host_missing',
  'configuration_wrong',
  'private_address_refused',
  'local_fault',
  'dns_name_not_found',
  'dns_no_mail_server',
  'dns_null_mx',
  'dns_temporary',
  'tcp_refused',
  'tcp_timeout',
  'tcp_unreachable',
  'tcp_reset',
  // Before MAIL.
  'greeting_timeout',
  'greeting_busy',
  'greeting_refused',
  'ehlo_rejected',
  'tls_mode_mismatch',
  'starttls_missing',
  'tls_failed',
  'tls_certificate_name',
  'tls_certificate_expired',
  'tls_certificate_untrusted',
  'tls_policy',
  'auth_unsupported',
  'auth_required',
  'auth_failed',
  'auth_app_password',
  'auth_disabled',
  'auth_token_expired',
  'auth_temporary',
  // About the sender.
  'sender_rejected',
  'sender_domain_unresolved',
  'sender_unauthenticated',
  'reverse_dns_missing',
  'address_blocked',
  'reputation_blocked',
  'sending_disabled',
  // About the recipient.
  'recipient_unknown',
  'recipient_gone',
  'recipient_disabled',
  'recipient_refused',
  'recipient_unavailable',
  'recipient_rate',
  'mailbox_full',
  'provider_suppressed',
  'domain_not_found',
  'too_many_recipients',
  'greylisted',
  // About the amount of mail.
  'rate_limited',
  'quota_exhausted',
  // About the message.
  'content_spam',
  'content_virus',
  'message_malformed',
  'policy_refused',
  'too_large',
  'smtputf8_unsupported',
  'eight_bit_unsupported',
  'content_unsupported',
  'routing_loop',
  'expired',
  // The far end or the way to it.
  'service_closing',
  'remote_temporary',
  'remote_fault',
  'remote_unreachable',
  'protocol_error',
  'reply_timeout',
  'connection_lost',
  'drop_before_dot',
  'no_reply_after_dot',
  'disconnected_at_quit',
  // Answers that no rule knows: collected by fingerprint for review.
  'unknown_temporary',
  'unknown_permanent',
] as const
export type FailureClass = (typeof FAILURE_CLASSES)[number]

/** A failure that explains itself. Plain data: it is stored with the attempt and shown to people as it is. */
export interface Failure {
  readonly class: FailureClass
  readonly scope: FailureScope
  /** Of a message or recipient: final. Of anything shared: time alone does not heal it, a person has to change something. */
  readonly permanent: boolean
  readonly ladder: RetryLadder
  /** True when the address itself is known not to take mail: it is suppressed. */
  readonly suppress: boolean
  readonly stage: SmtpStage
  readonly reply: SmtpReply | null
  /** One sentence: what happened, whose side it is on. */
  readonly sentence: string
  /** What a person can do, in one or two sentences. */
  readonly hint: string
  /** A wait that the far end itself asked for, in seconds. */
  readonly retryAfterSeconds: number | null
}

/**
 * What an answer means. Stage and error code first; of a reply the known texts, then its enhanced code, then its three digits, since
 * servers send wrong enhanced codes more often than wrong words. Total: an answer that nothing recognises defers (4yz) or ends (5yz)
 * its own message and nothing else.
 */
export function classify(answer: SmtpAnswer): Failure {
  return failureOf(classOf(answer), answer)
}

/** A reply that somebody else reports: the stage may be unknown, and whether it is final is said apart from its digits. */
export type ReportedAnswer = Omit<Extract<SmtpAnswer, { kind: 'reply' }>, 'stage'> & {
  readonly stage: SmtpStage | null
  readonly isFinal: boolean
}

/** The failure that an answer of a known class is. */
export function failureOf(found: FailureClass, told: SmtpAnswer | ReportedAnswer): Failure {
  // A report is about a mail that was taken: no earlier stage can be meant where none is said.
  const answer: SmtpAnswer = told.stage === null ? { ...told, stage: 'dot' } : (told as SmtpAnswer)
  const facts = CLASS_FACTS[found]
  const scope = scopeOf(found, answer)
  const permanent = 'isFinal' in told && told.kind === 'reply' ? told.isFinal : isPermanent(found, answer)
  return {
    class: found,
    scope,
    permanent,
    ladder: ladderOf(found, scope, permanent),
    suppress: permanent && scope === 'recipient' && facts.suppress === true,
    stage: answer.stage,
    reply: answer.kind === 'reply' || answer.kind === 'told' ? answer.reply : null,
    sentence: sentenceOf(found, answer, told.stage),
    hint: typeof facts.hint === 'string' ? facts.hint : facts.hint(answer),
    retryAfterSeconds: permanent ? null : waitOf(answer),
  }
}

/** The wait that was asked for, in words or in a field of its own. */
function waitOf(answer: SmtpAnswer): number | null {
  if (answer.kind === 'told') return answer.retryAfterSeconds
  return answer.kind === 'reply' ? retryAfterSeconds(answer.reply) : null
}

function classOf(answer: SmtpAnswer): FailureClass {
  switch (answer.kind) {
    case 'told':
      return answer.class
    case 'reply':
      return classOfReply(answer.reply, answer.stage)
    case 'lost':
      return classOfLoss(answer)
    case 'unable':
      return answer.lack === 'configuration' && answer.host.trim() === '' ? 'host_missing' : LACKS[answer.lack]
  }
}

const LACKS = {
  size: 'too_large',
  '8bitmime': 'eight_bit_unsupported',
  smtputf8: 'smtputf8_unsupported',
  starttls: 'starttls_missing',
  auth: 'auth_unsupported',
  private_address: 'private_address_refused',
  configuration: 'configuration_wrong',
  wellformed: 'message_malformed',
  content: 'content_unsupported',
} as const

const ABOUT_THE_ROUTE_EVEN_LATE: ReadonlySet<FailureClass> = new Set<FailureClass>([
  'service_closing',
  'rate_limited',
  'quota_exhausted',
  'auth_required',
  'disconnected_at_quit',
])

const FIRST_STAGE_OF_A_MESSAGE = SMTP_STAGES.indexOf('mail')

/** What goes wrong before MAIL cannot be the fault of a message, whatever was said; the exception is what we found in the message ourselves. */
function scopeOf(found: FailureClass, answer: SmtpAnswer): FailureScope {
  const scope = CLASS_FACTS[found].scope[answer.mode]
  const ofMessage = scope === 'message' || scope === 'recipient' || scope === 'identity'
  if (ofMessage && answer.kind !== 'unable' && SMTP_STAGES.indexOf(answer.stage) < FIRST_STAGE_OF_A_MESSAGE) {
    return answer.mode === 'relay' ? 'route' : 'domain'
  }
  // A reply to the final dot of several recipients says nothing certain about one of them.
  if (scope === 'recipient' && answer.recipient === null) return 'message'
  // By then the relay has taken us, our sender and the recipient: only what it says about the amount of mail can concern other messages.
  const late = answer.kind === 'reply' && SMTP_STAGES.indexOf(answer.stage) > SMTP_STAGES.indexOf('rcpt')
  if (scope === 'route' && late && !ABOUT_THE_ROUTE_EVEN_LATE.has(found)) return 'message'
  return scope
}

/** What is final is not tried again. Where only a stranger could change something, time is all there is. */
function ladderOf(found: FailureClass, scope: FailureScope, permanent: boolean): RetryLadder {
  if (permanent && (scope === 'message' || scope === 'recipient' || scope === 'domain')) return 'none'
  const { permanent: lasting, ladder } = CLASS_FACTS[found]
  return lasting === 'relay' && scope === 'domain' ? 'network' : ladder
}

/** The first digit decides (RFC 5321 §4.2.1), except where a class is known to heal by waiting, such as a daily quota told with 550. */
function isPermanent(found: FailureClass, answer: SmtpAnswer): boolean {
  const { permanent } = CLASS_FACTS[found]
  if (answer.kind !== 'reply') {
    if (permanent === 'relay') return answer.mode === 'relay'
    return (
      permanent === 'yes' ||
      (permanent === 'by_digit' && (answer.kind === 'unable' || (answer.kind === 'told' && answer.isFinal)))
    )
  }
  return answer.reply.code >= 500 && permanent !== 'no'
}

function sentenceOf(found: FailureClass, answer: SmtpAnswer, stage: SmtpStage | null): string {
  const what = CLASS_FACTS[found].sentence
    .replace(/ \(at \{stage\}\)| at \{stage\}/, stage === null ? '' : '$&')
    .replaceAll('{stage}', stage ?? '')
    .replaceAll('{place}', () => placeOf(answer))
  if (answer.kind === 'reply' || answer.kind === 'told') return `${what}: ${quoted(answer.reply)}`
  const detail = cleaned(answer.message)
  return detail === '' || CLASS_FACTS[found].selfEvident ? what : `${what}: ${detail}`
}

/** "10.0.0.5:587 (smtp.example.com)", or as much of it as is known. */
function placeOf({ host, address, port }: SmtpAnswer): string {
  const name = cleaned(host)
  const number = address === null ? null : cleaned(address)
  const bare = number ?? (name === '' ? 'the mail server' : name)
  const dialled = port === null ? bare : bare.includes(':') ? `[${bare}]:${port}` : `${bare}:${port}`
  return number === null || name === '' || name === number ? dialled : `${dialled} (${name})`
}

function quoted(reply: SmtpReply): string {
  const text = plainText(reply)
  const enhanced = reply.enhanced !== null && !text.startsWith(reply.enhanced) ? ` ${reply.enhanced}` : ''
  return cleaned(`${reply.code}${enhanced}${text === '' ? '' : ` ${text}`}`)
}

const SAID_MAX = 400

/** Cut between two halves of a character a text could not be stored, so halves are put right. */
function cleaned(text: string): string {
  const line = text
    .slice(0, 4 * SAID_MAX)
    .replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
  return (line.length <= SAID_MAX ? line : `${line.slice(0, SAID_MAX - 1)}…`).toWellFormed()
}

import type { FailureClass } from './failure.ts'
import type { SmtpStage } from './smtp-answer.ts'

/** What a reply's codes mean when its words say nothing known: RFC 3463 with the IANA registry, and what large receivers add to it. */
export function classByCode(code: number, enhanced: string | null, stage: SmtpStage): FailureClass {
  switch (stage) {
    case 'config':
    case 'dns':
    case 'tcp':
    case 'banner':
      return code < 500 ? 'greeting_busy' : 'greeting_refused'
    case 'ehlo':
      return code < 500 ? 'greeting_busy' : 'ehlo_rejected'
    case 'starttls':
      return code < 500 ? 'tls_failed' : 'starttls_missing'
    case 'tls':
      return 'tls_failed'
    case 'auth':
      return classOfLogIn(code, enhanced)
    case 'mail':
    case 'rcpt':
    case 'data':
    case 'body':
    case 'dot':
    case 'quit':
      return classInEnvelope(code, enhanced, stage)
  }
}

function classOfLogIn(code: number, enhanced: string | null): FailureClass {
  if (code < 500) return 'auth_temporary'
  if (enhanced === '5.7.139') return 'auth_disabled'
  if (code === 534 || enhanced === '5.7.9' || enhanced === '5.7.14') return 'auth_app_password'
  if (code === 530) return 'starttls_missing'
  return code === 535 || code === 550 || code === 554 ? 'auth_failed' : 'auth_unsupported'
}

/** Exact meanings beside the registry: code and detail as large receivers use them. Tried before 421, which they are sent with as well. */
const DETAILS: readonly (readonly [RegExp, FailureClass])[] = [
  [/^4\.7\.28$|^4\.7\.(?:[56]\d\d|8[5-9]\d)$/, 'rate_limited'],
  [/^5\.7\.28$/, 'reputation_blocked'],
  [/^[45]\.7\.25$/, 'reverse_dns_missing'],
  [/^[45]\.7\.(?:2[0-4679]|3[0-2])$|^5\.7\.(?:509|515)$/, 'sender_unauthenticated'],
  [/^5\.7\.506$/, 'ehlo_rejected'],
  [/^5\.7\.57$/, 'auth_required'],
  [/^5\.7\.60$|^5\.2\.252$/, 'sender_rejected'],
  [/^5\.7\.(?:60[6-9]|6[1-4]\d)$|^5\.7\.511$/, 'reputation_blocked'],
  [/^[45]\.7\.32[1-5]$/, 'tls_policy'],
  [/^5\.1\.90$/, 'quota_exhausted'],
  [/^5\.7\.(?:50[0-5]|70[58])$/, 'reputation_blocked'],
  [/^[45]\.4\.310$/, 'domain_not_found'],
  [/^[45]\.4\.31[2-8]$/, 'remote_unreachable'],
]

function classInEnvelope(code: number, enhanced: string | null, stage: SmtpStage): FailureClass {
  const detailed = DETAILS.find(([pattern]) => enhanced !== null && pattern.test(enhanced))
  if (detailed) return detailed[1]
  if (code === 421) return 'service_closing'
  if (code === 432) return 'rate_limited'
  if (code === 530 || code === 538) return 'auth_required'
  const byDetail = enhanced === null ? null : stage === 'mail' ? ofSender(enhanced) : ofRecipient(enhanced)
  return byDetail ?? (enhanced === null ? null : ofMessage(enhanced)) ?? byDigits(code, stage)
}

/** At MAIL every "address" is the sender's. */
function ofSender(enhanced: string): FailureClass | null {
  const detail = enhanced.slice(2)
  if (detail === '1.8') return 'sender_domain_unresolved'
  return /^1\.[0-7]$/.test(detail) && enhanced.startsWith('5') ? 'sender_rejected' : null
}

/** The digit matters: 5.2.1 is a closed mailbox, 4.2.1 one that is busy. */
function ofRecipient(enhanced: string): FailureClass | null {
  const lasting = enhanced.startsWith('5')
  switch (enhanced.slice(2)) {
    case '1.1':
    case '1.3':
    case '1.4':
    case '1.10':
      return 'recipient_unknown'
    case '1.0':
    case '2.0':
    case '2.4':
    case '7.2':
    case '7.124':
    case '7.133':
      return lasting ? 'recipient_refused' : 'recipient_unavailable'
    case '1.2':
    case '4.4':
      return 'domain_not_found'
    case '1.6':
      return lasting ? 'recipient_gone' : 'recipient_unavailable'
    case '2.1':
    case '7.13':
      return lasting ? 'recipient_disabled' : 'recipient_unavailable'
    case '1.7':
      return 'sender_rejected'
    case '1.8':
      return 'sender_domain_unresolved'
    case '2.2':
      return 'mailbox_full'
    case '4.1':
      return 'remote_unreachable'
    case '2.121':
    case '2.122':
      return 'recipient_rate'
    case '5.3':
      return 'too_many_recipients'
    default:
      return null
  }
}

function ofMessage(enhanced: string): FailureClass | null {
  const lasting = enhanced.startsWith('5')
  const detail = enhanced.slice(2)
  if (/^(?:2\.3|3\.4)$/.test(detail)) return 'too_large'
  if (/^(?:4\.6|4\.14)$/.test(detail)) return 'routing_loop'
  if (detail === '4.7') return 'expired'
  if (/^(?:7\.10|7\.4)$/.test(detail)) return 'starttls_missing'
  if (/^(?:7\.8|7\.11)$/.test(detail)) return 'auth_required'
  if (/^6\.(?:7|9|10)$/.test(detail)) return 'smtputf8_unsupported'
  if (/^6\.[1-3]$/.test(detail)) return 'eight_bit_unsupported'
  if (detail.startsWith('6.')) return lasting ? 'content_spam' : null
  if (/^[34]\./.test(detail)) return !lasting ? 'remote_temporary' : detail === '3.5' ? 'remote_fault' : null
  if (detail.startsWith('5.')) return 'protocol_error'
  if (detail.startsWith('7.')) return lasting ? 'policy_refused' : null
  return null
}

function byDigits(code: number, stage: SmtpStage): FailureClass {
  if ((code >= 500 && code <= 504) || code === 555) return 'protocol_error'
  if (code === 451 || code === 452) return 'remote_temporary'
  if (code === 523) return 'too_large'
  if (code < 500) return 'unknown_temporary'
  return stage === 'mail' ? digitsOfSender(code) : digitsOfRecipient(code, stage)
}

/** At MAIL a mailbox that is closed (RFC 5248) or not allowed (RFC 5321) is the sender's. */
function digitsOfSender(code: number): FailureClass {
  if (code === 525 || code === 553) return 'sender_rejected'
  return code === 552 ? 'too_large' : 'unknown_permanent'
}

function digitsOfRecipient(code: number, stage: SmtpStage): FailureClass {
  switch (code) {
    case 521:
    case 556:
      return 'dns_null_mx'
    case 522:
      return 'mailbox_full'
    case 525:
      return 'recipient_disabled'
    case 551:
      return 'recipient_refused'
    case 552:
      return stage === 'rcpt' ? 'mailbox_full' : 'too_large'
    case 553:
      return stage === 'rcpt' ? 'recipient_refused' : 'unknown_permanent'
    default:
      return 'unknown_permanent'
  }
}

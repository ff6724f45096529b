import type { ApiAnswer } from '../http/call.ts'
import { type ErrorRule, objectIn, type ToldError } from '../http/verdict.ts'

/**
 * What the errors of SES mean: those of SendEmail, and the common ones of AWS. The provider's words beat its codes, which are few.
 * A rate that was passed heals within seconds; a daily amount is counted over the last 24 hours and heals by the hour.
 */
export const SES_ERRORS: readonly ErrorRule[] = [
  { code: /^(TooManyRequests|Throttling|LimitExceeded)/, text: /daily|quota/i, class: 'quota_exhausted', isFinal: false },
  { code: /^(TooManyRequests|Throttling)/, class: 'rate_limited', isFinal: false, waitSeconds: 2 },
  { code: /^LimitExceeded/, class: 'quota_exhausted', isFinal: false },
  {
    code: /^(AccountSuspended|SendingPaused|AccountSendingPaused|ConfigurationSetSendingPaused)/,
    class: 'sending_disabled',
    isFinal: true,
  },
  { code: /^MailFromDomainNotVerified/, class: 'sender_rejected', isFinal: true },
  { text: /not verified|failed the check in region/i, class: 'sender_rejected', isFinal: true },
  { code: /^MessageRejected/, text: /virus|malware|infected/i, class: 'content_virus', isFinal: true },
  { code: /^MessageRejected/, text: /spam|phish/i, class: 'content_spam', isFinal: true },
  {
    text: /(message|mail|content)\b.{0,40}(length is more than|too large|exceeds?)\b|maximum (message )?(size|length)/i,
    class: 'too_large',
    isFinal: true,
  },
  { text: /attachment|content[- ]type|file (type|extension)/i, class: 'content_unsupported', isFinal: true },
  { code: /^MessageRejected/, class: 'policy_refused', isFinal: true },
  { text: /configuration set/i, class: 'configuration_wrong', isFinal: true },
  {
    code: /^(UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|MissingAuthenticationToken|IncompleteSignature|InvalidToken)/,
    class: 'auth_failed',
    isFinal: true,
  },
  // The clock of this machine, or a request that waited too long on its way: the next signature is a new one.
  { text: /signature (not yet current|expired)|request (has )?expired/i, class: 'local_fault', isFinal: false },
  { code: /^(InvalidSignature|SignatureDoesNotMatch)/, class: 'auth_failed', isFinal: true },
  { code: /^ExpiredToken/, class: 'auth_token_expired', isFinal: true },
  { code: /^(AccessDenied|NotAuthorized|OptInRequired)/, text: /:identity\//, class: 'sender_rejected', isFinal: true },
  { code: /^(AccessDenied|NotAuthorized|OptInRequired)/, class: 'sending_disabled', isFinal: true },
  { code: /^(ServiceUnavailable|ServiceException)/, class: 'service_closing', isFinal: false },
  { code: /^(InternalFailure|InternalServer|InternalService|RequestTimeout)/, class: 'remote_temporary', isFinal: false },
  {
    code: /^BadRequest/,
    text: /\b(destination|recipient)s?\b|domain (contains|ends|starts)|missing final '@domain'/i,
    class: 'recipient_refused',
    isFinal: true,
  },
  { code: /^(BadRequest|Validation|InvalidParameter|SerializationException)/, class: 'message_malformed', isFinal: true },
]

/** AWS names the error in a header or in the document, with a namespace before or an address after it. */
export function sesErrorIn({ headers, text }: ApiAnswer): ToldError | null {
  const document = objectIn(text)
  const named = headers['x-amzn-errortype'] ?? document?.__type ?? document?.code
  const words = document?.message ?? document?.Message
  const code = (typeof named === 'string' ? named : '').split(/[:;,]/)[0]?.replace(/^.*#/, '').trim().slice(0, 100) ?? ''
  if (code === '' && typeof words !== 'string') return null
  return { code, text: typeof words === 'string' ? words.slice(0, 2_000) : '' }
}

import type { FailureClass } from './failure.ts'
import type { SmtpAnswer } from './smtp-answer.ts'

type Loss = Extract<SmtpAnswer, { kind: 'lost' }>

/** What a broken connection, or one that never came to be, means: the error code where it says enough, otherwise the stage it broke at. */
export function classOfLoss(loss: Loss): FailureClass {
  if (loss.bodySent) return 'no_reply_after_dot'
  const code = loss.code.toUpperCase()
  if (code === 'MTA_STS') return 'tls_policy'
  return (
    classOfLocalFault(code) ??
    (loss.stage === 'dns' ? classOfLookup(loss, code) : null) ??
    classOfTls(loss, code) ??
    classAtStage(loss, code)
  )
}

function classOfLocalFault(code: string): FailureClass | null {
  return /^(ENOSPC|EDQUOT|EMFILE|ENFILE|ENOMEM|ENOBUFS|EIO|EROFS)$/.test(code) ? 'local_fault' : null
}

function classOfLookup(loss: Loss, code: string): FailureClass {
  if (code === 'NULL_MX') return 'dns_null_mx'
  // The domain names a mail server, and that name leads nowhere: theirs to repair, and no word about the domain itself.
  if (code === 'NO_SUCH_MX') return 'dns_name_not_found'
  const absent = code === 'ENOTFOUND' || code === 'NXDOMAIN'
  if (loss.mode === 'relay') return absent || code === 'ENODATA' ? 'dns_name_not_found' : 'dns_temporary'
  return absent ? 'domain_not_found' : code === 'ENODATA' ? 'dns_no_mail_server' : 'dns_temporary'
}

const UNTRUSTED =
  /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)_|CERT_(?:UNTRUSTED|REJECTED|REVOKED|SIGNATURE_FAILURE|CHAIN_TOO_LONG)|INVALID_CA|INVALID_PURPOSE/

function classOfTls(loss: Loss, code: string): FailureClass | null {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') return 'tls_certificate_name'
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'tls_certificate_expired'
  if (UNTRUSTED.test(code)) return 'tls_certificate_untrusted'
  const tls = code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO' || loss.stage === 'tls'
  if (!tls) return null
  // Plain text where TLS was expected: OpenSSL reads the banner as a record (EPROTO carries the reason in its message only).
  const mismatch = /wrong.version.number|packet.length.too.long|http.request|unknown.protocol|record.layer.failure/i
  return mismatch.test(code) || mismatch.test(loss.message) ? 'tls_mode_mismatch' : 'tls_failed'
}

function classAtStage(loss: Loss, code: string): FailureClass {
  const timeout = code === 'TIMEOUT' || code === 'ETIMEDOUT' || code === 'ESOCKETTIMEDOUT'
  // The name was looked up on the way to the connection.
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') return classOfLookup(loss, code)
  switch (loss.stage) {
    case 'config':
    case 'dns':
      return loss.host.trim() === '' ? 'host_missing' : 'configuration_wrong'
    case 'tcp':
      if (code === 'ECONNREFUSED') return 'tcp_refused'
      if (timeout) return 'tcp_timeout'
      return code === 'ECONNRESET' || code === 'CLOSED' || code === 'EPIPE' || code === 'ECONNABORTED'
        ? 'tcp_reset'
        : 'tcp_unreachable'
    case 'banner':
      if (timeout) return 'greeting_timeout'
      if (code === 'PROTOCOL') return loss.port === 465 ? 'tls_mode_mismatch' : 'protocol_error'
      return 'tcp_reset'
    case 'quit':
      return 'disconnected_at_quit'
    case 'data':
    case 'body':
    case 'dot':
      return code === 'PROTOCOL' ? 'protocol_error' : 'drop_before_dot'
    case 'ehlo':
    case 'starttls':
    case 'tls':
    case 'auth':
    case 'mail':
    case 'rcpt':
      return code === 'PROTOCOL' ? 'protocol_error' : timeout ? 'reply_timeout' : 'connection_lost'
  }
}

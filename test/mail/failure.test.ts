import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  classify,
  FAILURE_CLASSES,
  FAILURE_SCOPES,
  type Failure,
  type FailureClass,
  RETRY_LADDERS,
} from '../../src/mail/failure.ts'
import { CLASS_FACTS } from '../../src/mail/failure-classes.ts'
import { fingerprint, retryAfterSeconds } from '../../src/mail/reply-text.ts'
import { SMTP_STAGES, type SmtpAnswer, type SmtpStage } from '../../src/mail/smtp-answer.ts'
import type { SmtpReply } from '../../src/mail/smtp-reply.ts'

type Mode = SmtpAnswer['mode']
const where = { host: 'smtp.example.com', address: '10.0.0.5', port: 587, recipient: 'ann@example.org' } as const

function reply(line: string): SmtpReply {
  const [, code, enhanced, text] = /^(\d{3}) ?([245]\.\d{1,3}\.\d{1,3})? ?([\s\S]*)$/.exec(line) ?? []
  return { code: Number(code), enhanced: enhanced ?? null, text: text ?? '' }
}
function said(stage: SmtpStage, line: string, mode: Mode = 'relay'): Failure {
  return classify({ ...where, mode, stage, kind: 'reply', reply: reply(line) })
}
function lost(
  stage: SmtpStage,
  code: string,
  over: { mode?: Mode; message?: string; bodySent?: boolean; port?: number; host?: string } = {},
) {
  const { mode = 'relay', message = '', bodySent = false, port = 587, host = where.host } = over
  return classify({ ...where, host, port, mode, stage, kind: 'lost', code, message, bodySent })
}

test.each<[SmtpStage, string, FailureClass]>([
  // Greeting, introduction, encryption.
  ['banner', '421 4.3.2 Service not available, too many connections', 'rate_limited'],
  ['banner', '421 mx.example.com Service unavailable', 'greeting_busy'],
  ['banner', '554 5.7.1 Service unavailable; Client host [203.0.113.5] blocked using zen.spamhaus.org', 'address_blocked'],
  ['banner', '554 No SMTP service here', 'greeting_refused'],
  ['banner', '521 Host does not accept mail', 'greeting_refused'],
  ['banner', '220 hello', 'protocol_error'],
  ['ehlo', '501 5.5.4 Invalid domain name', 'ehlo_rejected'],
  ['ehlo', '550 5.7.506 Access Denied, Bad HELO', 'ehlo_rejected'],
  ['ehlo', '504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname', 'ehlo_rejected'],
  ['ehlo', '421 4.3.0 closing connection', 'service_closing'],
  ['starttls', '454 4.7.0 TLS not available due to local problem', 'tls_failed'],
  ['starttls', '502 5.5.1 Unrecognized command', 'starttls_missing'],
  ['mail', '530 5.7.0 Must issue a STARTTLS command first', 'starttls_missing'],
  ['mail', '421 4.7.0 TLS required for sending domain', 'starttls_missing'],

  // Log-in.
  [
    'auth',
    '535 5.7.8 Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials',
    'auth_failed',
  ],
  ['auth', '535 5.7.3 Authentication unsuccessful', 'auth_failed'],
  ['auth', '535 Authentication failed', 'auth_failed'],
  [
    'auth',
    '534 5.7.9 Application-specific password required. Learn more at https://support.google.com/mail/?p=InvalidSecondFactor',
    'auth_app_password',
  ],
  ['auth', '534 5.7.14 Please log in via your web browser and then try again.', 'auth_app_password'],
  ['auth', '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.', 'auth_disabled'],
  [
    'auth',
    '535 5.7.139 Authentication unsuccessful, user is locked by your organization’s security defaults policy.',
    'auth_disabled',
  ],
  ['auth', '535 5.7.8 invalid_grant: token has been expired or revoked', 'auth_token_expired'],
  ['auth', '454 4.7.0 Too many login attempts, please try again later.', 'rate_limited'],
  ['auth', '454 4.7.0 Temporary authentication failure', 'auth_temporary'],
  ['auth', '504 5.5.4 Unrecognized authentication type', 'auth_unsupported'],
  ['auth', '503 5.5.1 AUTH command used when not advertised', 'auth_unsupported'],
  ['auth', '538 5.7.11 Encryption required for requested authentication mechanism', 'auth_unsupported'],
  ['mail', '530 5.7.0 Authentication Required. For more information, go to', 'auth_required'],
  ['mail', '530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM', 'auth_required'],
  ['rcpt', '550 5.7.1 Authentication required', 'auth_required'],
  ['rcpt', '554 5.7.1 <ann@example.org>: Relay access denied', 'auth_required'],
  ['rcpt', '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain', 'auth_required'],
  ['rcpt', "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", 'auth_required'],

  // The sender.
  ['mail', '550 5.7.60 SMTP; Client does not have permissions to send as this sender', 'sender_rejected'],
  ['dot', '554 5.2.252 SendAsDenied; ops@example.com not allowed to send as sales@example.com', 'sender_rejected'],
  ['mail', '501 5.1.7 Bad sender address syntax', 'sender_rejected'],
  ['mail', '553 5.7.1 <sales@example.com>: Sender address rejected: not owned by user ops', 'sender_rejected'],
  ['rcpt', '550 5.1.0 <x@example.com>: Sender address rejected: User unknown in local recipient table', 'sender_rejected'],
  ['mail', '550 5.1.1 unknown', 'sender_rejected'],
  ['dot', '554 Message rejected: Email address is not verified. The following identities failed the check', 'sender_rejected'],
  ['rcpt', '450 4.1.8 <x@example.invalid>: Sender address rejected: Domain not found', 'sender_domain_unresolved'],
  ['mail', '451 RFC5321 domain of MAIL FROM is unresolvable', 'sender_domain_unresolved'],
  ['mail', '525 User account disabled', 'sender_rejected'],
  ['mail', '553 5.1.8 Domain of sender address x@example.invalid does not exist', 'sender_domain_unresolved'],
  [
    'dot',
    "550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy.",
    'sender_unauthenticated',
  ],
  ['dot', '550 5.7.30 DKIM authentication did not pass', 'sender_unauthenticated'],
  ['dot', '421 4.7.27 SPF check did not pass', 'sender_unauthenticated'],
  [
    'dot',
    "550 5.7.515 Access denied, sending domain example.com doesn't meet the required authentication level.",
    'sender_unauthenticated',
  ],
  ['dot', '550 5.7.509 Access denied, sending domain does not pass DMARC verification', 'sender_unauthenticated'],
  ['rcpt', '550 5.7.23 The message was rejected because of Sender Policy Framework violation', 'sender_unauthenticated'],
  [
    'dot',
    '550 5.7.9 This mail has been blocked because the sender is unauthenticated. Yahoo requires all senders to authenticate with either SPF or DKIM',
    'sender_unauthenticated',
  ],
  ['dot', '550 5.7.25 The IP address sending this message does not have a PTR record setup', 'reverse_dns_missing'],
  ['rcpt', '450 4.7.1 Client host rejected: cannot find your hostname, [203.0.113.5]', 'reverse_dns_missing'],

  ['dot', '550 5.7.1 Email rejected per DMARC policy for example.org', 'sender_unauthenticated'],
  ['dot', "554 5.7.1 Your message was rejected due to example.org's DMARC policy.", 'sender_unauthenticated'],
  ['rcpt', "550 5.1.0 192.0.2.222 is not allowed to send from <example.net> per it's SPF Record.", 'sender_unauthenticated'],
  ['rcpt', '550 Unauthenticated senders not allowed', 'sender_unauthenticated'],

  // The recipient.
  [
    'rcpt',
    '550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the address. For more information, go to https://support.google.com/mail/?p=NoSuchUser',
    'recipient_unknown',
  ],
  ['rcpt', '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup', 'recipient_unknown'],
  ['rcpt', '550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown in virtual mailbox table', 'recipient_unknown'],
  ['rcpt', '550 No such user here', 'recipient_unknown'],
  ['rcpt', '550 #5.1.0 Address rejected.', 'recipient_refused'],
  ['rcpt', '550 5.1.1', 'recipient_unknown'],
  ['rcpt', '550 #5.1.1 rejected', 'recipient_unknown'],
  ['dot', "554 delivery error: dd This user doesn't have a yahoo.com account (ann@yahoo.com) [0]", 'recipient_unknown'],
  ['dot', '552 1 Requested mail action aborted, mailbox not found', 'recipient_unknown'],
  ['rcpt', '550 5.2.1 The email account that you tried to reach is disabled.', 'recipient_disabled'],
  ['rcpt', '550 5.2.1 The email account that you tried to reach is inactive.', 'recipient_disabled'],
  ['rcpt', '525 5.7.13 User account disabled', 'recipient_disabled'],
  ['rcpt', '551 5.1.6 Recipient has moved', 'recipient_gone'],
  ['rcpt', '550 5.1.6 recipient no longer on server: ann@example.jp', 'recipient_gone'],
  ['rcpt', '550 Account closed', 'recipient_gone'],
  ['rcpt', '551 not our user', 'recipient_gone'],
  [
    'rcpt',
    '550 5.4.1 Recipient address rejected: Access denied. [AM1EUR05FT009.eop-eur05.prod.protection.outlook.com]',
    'recipient_refused',
  ],
  [
    'rcpt',
    '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group',
    'recipient_refused',
  ],
  ['rcpt', '550 5.7.124 Sender not in allowed-senders list', 'recipient_refused'],
  ['rcpt', '452 4.2.2 The email account that you tried to reach is over quota.', 'mailbox_full'],
  ['rcpt', '552 5.2.2 The email account that you tried to reach is over quota', 'mailbox_full'],
  ['rcpt', '552 5.1.1 <ann@orange.fr> Recipient overquota. OFR_417', 'mailbox_full'],
  ['dot', '522 5.2.2 mailbox full', 'mailbox_full'],
  [
    'rcpt',
    '450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your message at a later time.',
    'recipient_rate',
  ],
  [
    'rcpt',
    '554 5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour',
    'recipient_rate',
  ],
  ['rcpt', '550 5.1.2 Bad destination system address', 'domain_not_found'],
  ['rcpt', '550 5.4.4 Unable to route: no mail hosts for domain', 'domain_not_found'],
  ['rcpt', '450 4.1.2 <ann@gmial.example>: Recipient address rejected: Domain not found', 'domain_not_found'],
  ['rcpt', '556 5.1.10 Recipient address has null MX', 'dns_null_mx'],
  ['rcpt', '452 4.5.3 Your message has too many recipients', 'too_many_recipients'],
  ['rcpt', '552 5.5.3 Too many recipients', 'too_many_recipients'],
  [
    'rcpt',
    '450 4.2.0 <ann@example.org>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.org.html',
    'greylisted',
  ],
  ['rcpt', '451 4.7.1 Greylisting in action, please come back in 00:04:58', 'greylisted'],
  ['rcpt', '451 4.7.1 Please try again later', 'greylisted'],

  ['rcpt', '550 <ann@example.co.jp>... User not exist', 'recipient_unknown'],
  ['rcpt', "550 'ann@nyaan.example.com' is not a registered gateway user", 'recipient_unknown'],
  ['rcpt', '550 Mailbox is frozen. See http://mail.example/err/3/', 'recipient_unavailable'],
  [
    'rcpt',
    '550 5.5.0 Le compte du destinataire est bloque. The recipient account is blocked. LPN007_426',
    'recipient_unavailable',
  ],
  [
    'rcpt',
    '550 5.7.1 <ann@example.com>: Recipient address rejected: User ann@example.com temporary locked.',
    'recipient_unavailable',
  ],
  ['rcpt', '550 5.1.0 <bounce@mailer.example.com> sender rejected. Refer to Error Codes section', 'reputation_blocked'],
  ['rcpt', '550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient', 'too_large'],
  ['rcpt', '550 Host does not accept mail', 'dns_null_mx'],
  ['rcpt', '553 5.3.5 system config error', 'remote_fault'],

  // Rates and quotas.
  [
    'dot',
    '421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address.',
    'rate_limited',
  ],
  [
    'mail',
    '421 4.7.0 [TSS04] Messages from 203.0.113.5 temporarily deferred due to user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
    'rate_limited',
  ],
  ['rcpt', '451 4.7.500 Server busy. Please try again later from [203.0.113.5].', 'rate_limited'],
  ['rcpt', '451 4.7.850 Access denied, please try again later', 'rate_limited'],
  [
    'mail',
    '451 4.7.650 The mail server [203.0.113.5] has been temporarily rate limited due to IP reputation. (S775)',
    'rate_limited',
  ],
  ['mail', '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded', 'rate_limited'],
  ['mail', '421 4.7.0 Maximum number of messages per connection reached', 'rate_limited'],
  ['dot', '454 4.3.0 Throttling failure: Maximum sending rate exceeded.', 'rate_limited'],
  ['dot', '550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits', 'quota_exhausted'],
  ['rcpt', '450 4.2.1 Peak SMTP relay limit exceeded for customer.', 'quota_exhausted'],
  ['dot', '454 4.3.0 Throttling failure: Daily message quota exceeded.', 'quota_exhausted'],
  [
    'dot',
    "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
    'quota_exhausted',
  ],
  [
    'dot',
    '550 Domain example.com has exceeded the max emails per hour (500/500 (100%)) allowed. Message discarded.',
    'quota_exhausted',
  ],

  // Reputation, content, policy.
  [
    'dot',
    '550 5.7.1 Our system has detected that this message is likely suspicious due to the very low reputation of the sending IP address.',
    'reputation_blocked',
  ],
  [
    'mail',
    "550 5.7.1 Unfortunately, messages from [203.0.113.5] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
    'address_blocked',
  ],
  ['rcpt', '550 5.7.606 Access denied, banned sending IP [203.0.113.5]', 'reputation_blocked'],
  ['rcpt', '550 5.7.511 Access denied, banned sender [203.0.113.5]', 'reputation_blocked'],
  [
    'dot',
    "553 5.7.1 [BL21] Connections will not be accepted from 203.0.113.5, because the ip is in Spamhaus's list",
    'reputation_blocked',
  ],
  ['dot', '553 5.7.2 [TSS09] All messages from 203.0.113.5 will be permanently deferred', 'reputation_blocked'],
  ['rcpt', '554 5.7.1 Service unavailable; Client host [203.0.113.5] blocked using zen.spamhaus.org', 'address_blocked'],
  ['dot', '554 5.7.1 Spam message rejected', 'content_spam'],
  ['dot', '550 5.7.1 Our system has detected that this message is likely unsolicited mail.', 'content_spam'],
  ['dot', '554 5.7.9 Message not accepted for policy reasons. [PH01]', 'content_spam'],
  ['dot', '550 5.6.0 refused', 'content_spam'],
  ['dot', '552 5.7.0 This message was blocked because its content presents a potential security issue.', 'content_virus'],
  ['dot', '554 5.7.1 Virus found, rejected', 'content_virus'],
  ['dot', '550 5.7.1 This message is not RFC 5322 compliant, the issue is: duplicate From headers.', 'message_malformed'],
  [
    'dot',
    '550 5.7.1 The user or domain that you are sending to has a policy that prohibited the mail that you sent. gcdp',
    'policy_refused',
  ],
  ['dot', '550 5.7.1 Rejected', 'policy_refused'],
  ['mail', '552 5.3.4 Message size exceeds fixed limit', 'too_large'],
  ['dot', '552 5.3.4 Message too big for system', 'too_large'],
  ['mail', '552 Message size exceeds maximum permitted', 'too_large'],
  ['dot', '523 5.2.3 too long', 'too_large'],
  ['dot', '550 5.7.324 dnssec-invalid: Destination domain returned invalid DNSSEC records', 'tls_policy'],

  // Protocol and the other machine.
  ['mail', '500 5.5.2 Error: bad syntax', 'protocol_error'],
  ['rcpt', '503 5.5.1 Bad sequence of commands', 'protocol_error'],
  ['mail', '555 5.5.4 Unsupported option', 'protocol_error'],
  ['rcpt', '553 5.6.7 SMTPUTF8 is required, but was not offered', 'smtputf8_unsupported'],
  ['dot', '554 5.6.1 Body type not supported by Remote Host', 'eight_bit_unsupported'],
  ['mail', '421 4.3.0 Temporary System Problem. Try again later', 'service_closing'],
  ['dot', '421 4.4.2 Error: timeout exceeded', 'service_closing'],
  ['mail', '451 4.3.0 Temporary lookup failure', 'remote_temporary'],
  ['mail', '452 4.3.1 Insufficient system storage', 'remote_temporary'],
  ['dot', '451 4.4.5 congested', 'remote_temporary'],
  ['rcpt', '451 4.4.3 Temporary DNS failure', 'remote_temporary'],
  ['dot', '554 Transaction failed', 'remote_fault'],
  ['rcpt', '451 4.4.1 Operation timed out', 'remote_unreachable'],
  ['rcpt', '450 4.4.3 Name service error for name=example.org type=MX: Host not found, try again', 'remote_unreachable'],
  ['dot', '550 Unknown user ann@example.org', 'recipient_refused'],
  ['dot', '554 5.4.6 Too many hops', 'routing_loop'],
  ['rcpt', '554 5.4.14 Hop count exceeded - possible mail loop', 'routing_loop'],
  ['dot', '554 5.4.7 expired', 'expired'],
  ['data', '250 ok', 'protocol_error'],
  ['dot', '999 what', 'protocol_error'],
  ['quit', '421 bye', 'disconnected_at_quit'],

  // Nothing we know.
  ['mail', '500 5.3.0 Error: command failed', 'protocol_error'],
  ['mail', '550 5.3.0 Error: command failed', 'unknown_permanent'],
  ['rcpt', '550 Rejected', 'unknown_permanent'],
  ['rcpt', '554 5.0.0 Nope', 'unknown_permanent'],
  ['rcpt', '450 Mailbox cannot', 'unknown_temporary'],
  ['dot', '450 4.0.0 not today', 'unknown_temporary'],
])('at %s, "%s" is %s', (stage, line, expected) => {
  expect(said(stage, line).class).toBe(expected)
})

test.each<[SmtpStage, string, FailureClass]>([
  ['dns', 'ENOTFOUND', 'dns_name_not_found'],
  ['dns', 'EAI_AGAIN', 'dns_temporary'],
  ['dns', 'TIMEOUT', 'dns_temporary'],
  ['tcp', 'ENOTFOUND', 'dns_name_not_found'],
  ['tcp', 'ECONNREFUSED', 'tcp_refused'],
  ['tcp', 'ETIMEDOUT', 'tcp_timeout'],
  ['tcp', 'TIMEOUT', 'tcp_timeout'],
  ['tcp', 'EHOSTUNREACH', 'tcp_unreachable'],
  ['tcp', 'ENETUNREACH', 'tcp_unreachable'],
  ['tcp', 'ECONNRESET', 'tcp_reset'],
  ['banner', 'ECONNRESET', 'tcp_reset'],
  ['banner', 'CLOSED', 'tcp_reset'],
  ['banner', 'TIMEOUT', 'greeting_timeout'],
  ['banner', 'PROTOCOL', 'protocol_error'],
  ['ehlo', 'TIMEOUT', 'reply_timeout'],
  ['ehlo', 'EPIPE', 'connection_lost'],
  ['tls', 'ERR_TLS_CERT_ALTNAME_INVALID', 'tls_certificate_name'],
  ['tls', 'CERT_HAS_EXPIRED', 'tls_certificate_expired'],
  ['tls', 'CERT_NOT_YET_VALID', 'tls_certificate_expired'],
  ['tls', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_certificate_untrusted'],
  ['tls', 'SELF_SIGNED_CERT_IN_CHAIN', 'tls_certificate_untrusted'],
  ['tls', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_certificate_untrusted'],
  ['tls', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls_certificate_untrusted'],
  ['tls', 'ERR_SSL_WRONG_VERSION_NUMBER', 'tls_mode_mismatch'],
  ['tls', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'tls_mode_mismatch'],
  ['tls', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls_failed'],
  ['tls', 'EPROTO', 'tls_failed'],
  ['tls', 'ECONNRESET', 'tls_failed'],
  ['tls', 'TIMEOUT', 'tls_failed'],
  ['auth', 'CLOSED', 'connection_lost'],
  ['mail', 'ECONNRESET', 'connection_lost'],
  ['rcpt', 'TIMEOUT', 'reply_timeout'],
  ['rcpt', 'PROTOCOL', 'protocol_error'],
  ['data', 'ECONNRESET', 'drop_before_dot'],
  ['body', 'EPIPE', 'drop_before_dot'],
  ['quit', 'ECONNRESET', 'disconnected_at_quit'],
  ['body', 'ENOSPC', 'local_fault'],
  ['tcp', 'EMFILE', 'local_fault'],
])('a connection that ends at %s with %s is %s', (stage, code, expected) => {
  expect(lost(stage, code).class).toBe(expected)
})

test('an old OpenSSL that says only EPROTO is understood by its words', () => {
  expect(lost('tls', 'EPROTO', { message: 'ssl3_get_record:wrong version number' }).class).toBe('tls_mode_mismatch')
})

test('an answer that was never heard after the body had left is neither a success nor a failure', () => {
  for (const code of ['TIMEOUT', 'ECONNRESET', 'CLOSED', 'EPIPE', 'PROTOCOL']) {
    expect(lost('dot', code, { bodySent: true })).toMatchObject({
      class: 'no_reply_after_dot',
      permanent: false,
      suppress: false,
    })
  }
})

test.each([
  ['size', 'too_large', 'message', true],
  ['8bitmime', 'eight_bit_unsupported', 'message', true],
  ['smtputf8', 'smtputf8_unsupported', 'message', true],
  ['starttls', 'starttls_missing', 'route', true],
  ['auth', 'auth_unsupported', 'route', true],
  ['private_address', 'private_address_refused', 'route', true],
  ['configuration', 'configuration_wrong', 'route', true],
] as const)('a hop that lacks %s is %s and concerns the %s', (lack, expected, scope, permanent) => {
  const failure = classify({ ...where, mode: 'relay', stage: 'ehlo', kind: 'unable', lack, message: 'told so' })
  expect(failure).toMatchObject({ class: expected, scope, permanent })
})

test('a failure to connect, encrypt or log in waits on the route through a relay, and on the receiving side at an MX', () => {
  const cases: [SmtpStage, string][] = [
    ['dns', 'ENOTFOUND'],
    ['tcp', 'ECONNREFUSED'],
    ['banner', 'TIMEOUT'],
    ['ehlo', 'CLOSED'],
    ['tls', 'CERT_HAS_EXPIRED'],
    ['auth', 'TIMEOUT'],
  ]
  for (const [stage, code] of cases) {
    expect(lost(stage, code).scope).toBe('route')
    expect(['domain', 'receiver']).toContain(lost(stage, code, { mode: 'mx' }).scope)
  }
  for (const line of ['421 busy', '554 go away', '450 not now']) {
    expect(said('banner', line).scope).toBe('route')
    expect(said('ehlo', line).scope).toBe('route')
    expect(said('auth', line).scope).toBe('route')
  }
})

test('at an MX a domain without mail is final; what its owner has to repair waits in its time', () => {
  for (const code of ['NXDOMAIN', 'ENODATA', 'NULL_MX'])
    expect(lost('dns', code, { mode: 'mx' })).toMatchObject({ scope: 'domain', permanent: true, ladder: 'none', suppress: false })
  expect(said('rcpt', '550 5.1.2 Bad destination system address', 'mx')).toMatchObject({ scope: 'domain', permanent: true })
  expect(said('rcpt', '450 4.1.2 Domain not found', 'mx')).toMatchObject({ scope: 'domain', permanent: false })
  expect(lost('dns', 'TIMEOUT', { mode: 'mx' })).toMatchObject({ scope: 'domain', permanent: false })
  for (const code of ['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID']) {
    expect(lost('tls', code, { mode: 'mx' })).toMatchObject({ scope: 'domain', permanent: false, ladder: 'network' })
    expect(lost('tls', code)).toMatchObject({ scope: 'route', permanent: true, ladder: 'login' })
  }
})

test('no hint promises what an examination does not do', () => {
  for (const [name, { hint }] of Object.entries(CLASS_FACTS))
    if (name.startsWith('recipient_') && typeof hint === 'string') expect(hint).not.toMatch(/\b[Ww]e (?:do not )?(?:send|try)\b/)
})

test('a refused log-in is not tried again by itself soon, since that locks accounts', () => {
  expect(said('auth', '535 5.7.8 bad')).toMatchObject({ scope: 'route', permanent: true, ladder: 'login', suppress: false })
})

test('a sender that is refused concerns the identity and suppresses nobody; an unknown recipient is suppressed', () => {
  expect(said('mail', '550 5.7.60 Client does not have permissions to send as this sender')).toMatchObject({
    scope: 'identity',
    suppress: false,
  })
  expect(said('rcpt', '550 5.1.1 User unknown')).toMatchObject({
    scope: 'recipient',
    permanent: true,
    suppress: true,
    ladder: 'none',
  })
  expect(said('mail', '550 5.1.1 User unknown').suppress).toBe(false)
})

test('words about us beside an address code suppress nobody', () => {
  for (const line of [
    '550 5.1.1 sender blocked',
    '550 5.1.1 blocked by policy',
    '550 5.2.1 spam',
    '550 5.1.1 unknown user or sender',
  ]) {
    expect(said('rcpt', line).suppress).toBe(false)
  }
})

test('an answer to the body of several recipients suppresses none of them', () => {
  const answer = { ...where, recipient: null, mode: 'relay', stage: 'dot', kind: 'reply' } as const
  expect(classify({ ...answer, reply: reply('552 1 Requested mail action aborted, mailbox not found') })).toMatchObject({
    scope: 'message',
    suppress: false,
  })
})

test('what a relay says about one message or recipient never stops the route', () => {
  const lines = [
    '550 no',
    '554 5.7.1 Rejected',
    '451 4.3.0 try later',
    '450 4.2.0 Greylisted',
    '552 5.3.4 too big',
    '554 5.7.1 spam',
    '450 no PTR',
    '550 blocked using zen.spamhaus.org',
  ]
  for (const line of lines) expect(['message', 'recipient']).toContain(said('dot', line).scope)
  for (const line of ['550 5.1.1 unknown', '451 4.3.0 later', '550 no', '552 5.2.2 full'])
    expect(['message', 'recipient']).toContain(said('rcpt', line).scope)
})

test('only what is unmistakably about all our mail stops a route in the middle of a message', () => {
  const lines: [SmtpStage, string][] = [
    ...(['mail', 'rcpt', 'data', 'dot'] as const).map((stage) => [stage, '421 4.3.0 closing'] as [SmtpStage, string]),
    ['mail', '530 5.7.0 Authentication required'],
    ['dot', '550 5.4.5 Daily user sending limit exceeded'],
    ['dot', '451 4.7.500 Server busy'],
  ]
  for (const [stage, line] of lines) expect(said(stage, line), line).toMatchObject({ scope: 'route' })
})

test('a daily limit never bounces a mail, although it is told with 550', () => {
  expect(said('dot', '550 5.4.5 Daily user sending limit exceeded')).toMatchObject({
    permanent: false,
    ladder: 'quota',
    scope: 'route',
  })
})

test('the first digit decides when the enhanced code contradicts it', () => {
  expect(said('rcpt', '550 4.2.2 mailbox full')).toMatchObject({ class: 'mailbox_full', permanent: true })
  expect(said('rcpt', '450 5.1.1 User unknown')).toMatchObject({ class: 'recipient_unknown', permanent: false, suppress: false })
  expect(said('rcpt', '450 5.9.9')).toMatchObject({ class: 'unknown_temporary', permanent: false })
})

test('the sentence names the server as it was reached and what it said', () => {
  expect(lost('tcp', 'ECONNREFUSED').sentence).toBe('connection refused by 10.0.0.5:587 (smtp.example.com)')
  expect(said('rcpt', '550 5.1.1 No such user').sentence).toBe(
    'the address does not exist, says 10.0.0.5:587 (smtp.example.com): 550 5.1.1 No such user',
  )
  expect(
    classify({
      ...where,
      address: '2001:db8::1',
      mode: 'relay',
      stage: 'tcp',
      kind: 'lost',
      code: 'ETIMEDOUT',
      message: 'x',
      bodySent: false,
    }).sentence,
  ).toBe('no answer at all from [2001:db8::1]:587 (smtp.example.com)')
  expect(
    classify({
      ...where,
      address: null,
      mode: 'relay',
      stage: 'dns',
      kind: 'lost',
      code: 'ENOTFOUND',
      message: 'x',
      bodySent: false,
    }).sentence,
  ).toBe('the name of the server does not exist: smtp.example.com:587')
})

test('a long reply is told on one line, its code once, without control characters and without end', () => {
  const { sentence } = said('rcpt', `550 5.7.1 first line\n5.7.1 second\u0007 line\n5.7.1 ${'x'.repeat(5000)}`)
  expect(sentence).toContain('550 5.7.1 first line second line xxx')
  expect(sentence).not.toMatch(/[\x00-\x1f\x7f]/)
  expect(sentence.length).toBeLessThan(700)
})

test('a mistyped server name comes with the right one', () => {
  expect(lost('dns', 'ENOTFOUND', { host: 'smtp.gmial.com' }).hint).toMatch(/^Did you mean smtp\.gmail\.com\?/)
  expect(lost('dns', 'ENOTFOUND', { host: 'smtp.exmaple.com' }).hint).toMatch(/^Did you mean smtp\.example\.com\?/)
  expect(lost('dns', 'ENOTFOUND', { host: 'mail.ouroffice.test' }).hint).not.toContain('Did you mean')
})

test('a certificate for another name comes with the names it is for', () => {
  const message =
    "Hostname/IP does not match certificate's altnames: Host: smtp.you.com. is not in the cert's altnames: DNS:mail.host.net, DNS:host.net"
  expect(lost('tls', 'ERR_TLS_CERT_ALTNAME_INVALID', { message }).hint).toContain('It is for mail.host.net, host.net.')
})

test.each([
  ['450 4.2.0 greylisted, try again in 300 seconds', 300],
  ['450 4.2.0 Greylisted for 5 minutes', 300],
  ['451 4.7.1 Greylisting in action, please come back in 00:04:58', 298],
  ['451 Please try again in 4 minutes and 30 seconds', 270],
  ['421 Too busy, wait 1 h', 3600],
  ['421 retry-after: 120', 120],
  ['450 try again in 0 seconds', 1],
  ['450 try again in 99999 hours', 86400],
  ['450 4.7.1 more than 1000 messages in 24 hours, try later', null],
  ['450 4.2.0 greylisted', null],
  ['451 4.7.1 try again later', null],
])('%s asks for a wait of %s s', (line, seconds) => {
  expect(retryAfterSeconds(reply(line))).toBe(seconds)
  expect(said('rcpt', line).retryAfterSeconds).toBe(seconds)
})

test('a final answer has no wait', () => {
  expect(said('rcpt', '550 5.1.1 User unknown, do not try again in 300 seconds').retryAfterSeconds).toBeNull()
})

test('replies that say the same have the same fingerprint, others have not', () => {
  const one = fingerprint(
    reply(
      '550 5.9.9 <ann@example.org> refused by mx1.example.org [10.0.0.1] id 4Zx9ab12 after 3 tries, see https://a.example/x?y=1',
    ),
  )
  const two = fingerprint(
    reply(
      '550 5.9.9 <bob.x@example.net> refused by mx77.example.net [192.0.2.77] id 99QrsT77 after 12 tries, see https://b.example/q',
    ),
  )
  expect(one).toBe(two)
  expect(one).toBe('550 5.9.9 <address> refused by <host> <ip> id <id> after # tries, see <url>')
  expect(fingerprint(reply('451 5.9.9 refused'))).not.toBe(fingerprint(reply('550 5.9.9 refused')))
})

const BOUNCES = new URL('../../../shared/corpora/bounces/', import.meta.url)
/** Its diagnostic says 5.1.1 User Unknown; the reason comes from elsewhere in the mail. */
const OTHERWISE = 'rfc3464-01'
const DEAD = /^(?:userunknown|filtered|hasmoved|suspend|rejected)$/

// "rejected" and "filtered" cover unknown users in that list of reasons too; what it calls anything else must never suppress anybody.
test.skipIf(!existsSync(BOUNCES))('of the real replies in the corpus only those about a dead address suppress it', () => {
  const expected = JSON.parse(readFileSync(new URL('expected.json', BOUNCES), 'utf8')) as Record<string, { reason: string }[]>
  let seen = 0
  for (const [name, [only, ...others]] of Object.entries(expected)) {
    const mail = readFileSync(new URL(`${name}.eml`, BOUNCES), 'latin1').replace(/\r/g, '')
    const lines = [...mail.matchAll(/^Diagnostic-Code:\s*smtp;\s*(.*(?:\n[ \t].*)*)/gim)].map((match) =>
      (match[1] ?? '').replace(/\n[ \t]+/g, ' '),
    )
    const [line] = lines
    if (name === OTHERWISE || !only || others.length > 0 || lines.length !== 1 || !line || !/^[45]\d\d[ -]/.test(line)) continue
    seen += 1
    const failure = said('rcpt', line.replace('-', ' '))
    if (failure.suppress) expect([name, only.reason]).toEqual([name, expect.stringMatching(DEAD)])
    if (only.reason === 'userunknown' && !failure.suppress)
      expect([name, failure.class]).toEqual([name, expect.stringMatching(/^(?:recipient_|unknown_)/)])
  }
  expect(seen).toBeGreaterThan(50)
})

const answers: fc.Arbitrary<SmtpAnswer> = (() => {
  const words = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          'user',
          'unknown',
          'sender',
          'blocked',
          'quota',
          'daily',
          'spam',
          'mailbox',
          'full',
          'SPF',
          'rejected',
          'relay',
          'denied',
          '\n',
          '5.1.1',
          'try again in 3 min',
        ),
        { maxLength: 8 },
      )
      .map((list) => list.join(' ')),
  )
  const enhanced = fc
    .tuple(fc.constantFrom(2, 4, 5), fc.nat(9), fc.oneof(fc.nat(30), fc.nat(999)))
    .map((parts) => parts.join('.'))
  const base = {
    mode: fc.constantFrom<Mode>('relay', 'mx'),
    stage: fc.constantFrom(...SMTP_STAGES),
    host: fc.oneof(fc.constant(''), fc.domain(), fc.string()),
    address: fc.option(fc.oneof(fc.ipV4(), fc.ipV6())),
    port: fc.option(fc.nat(65535)),
    recipient: fc.option(fc.emailAddress()),
  }
  const codes = fc.oneof(
    fc.constantFrom('TIMEOUT', 'PROTOCOL', 'CLOSED', 'ECONNRESET', 'ENOTFOUND', 'ENOSPC', 'EPROTO', 'CERT_HAS_EXPIRED'),
    fc.string(),
  )
  return fc.oneof(
    fc.record({
      ...base,
      kind: fc.constant('reply' as const),
      reply: fc.record({
        code: fc.oneof(fc.integer({ min: 400, max: 599 }), fc.nat(999)),
        enhanced: fc.option(enhanced),
        text: words,
      }),
    }),
    fc.record({ ...base, kind: fc.constant('lost' as const), code: codes, message: words, bodySent: fc.boolean() }),
    fc.record({
      ...base,
      kind: fc.constant('unable' as const),
      lack: fc.constantFrom('size', '8bitmime', 'smtputf8', 'starttls', 'auth', 'private_address', 'configuration'),
      message: words,
    }),
  )
})()

test('every answer is understood somehow, and says so in one clean line', () => {
  fc.assert(
    fc.property(answers, (answer) => {
      const failure = classify(answer)
      expect(FAILURE_CLASSES).toContain(failure.class)
      expect(FAILURE_SCOPES).toContain(failure.scope)
      expect(RETRY_LADDERS).toContain(failure.ladder)
      expect(failure.hint).toMatch(/\S.*[.]$/)
      expect(failure.sentence).toMatch(/\S/)
      expect(failure.sentence).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]|\{place\}|\{stage\}/)
      expect(failure.retryAfterSeconds ?? 1).toBeGreaterThanOrEqual(1)
      expect(failure.retryAfterSeconds ?? 1).toBeLessThanOrEqual(86_400)
    }),
    { numRuns: 2000 },
  )
})

test('the first digit is the law: 4yz is never final, 5yz about a message or recipient always is, except too many recipients', () => {
  fc.assert(
    fc.property(answers, (answer) => {
      fc.pre(answer.kind === 'reply' && answer.reply.code >= 400 && answer.reply.code <= 599 && answer.stage !== 'quit')
      const failure = classify(answer)
      if (answer.kind === 'reply' && answer.reply.code < 500) expect(failure.permanent).toBe(false)
      else if ((failure.scope === 'message' || failure.scope === 'recipient') && failure.class !== 'too_many_recipients')
        expect(failure.permanent).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('an address is suppressed only by a final answer about that recipient', () => {
  fc.assert(
    fc.property(answers, (answer) => {
      const failure = classify(answer)
      if (!failure.suppress) return
      expect(failure).toMatchObject({ scope: 'recipient', permanent: true })
      expect(answer.kind === 'reply' && answer.reply.code >= 500 && answer.recipient !== null).toBe(true)
      expect(['rcpt', 'data', 'body', 'dot']).toContain(answer.stage)
    }),
    { numRuns: 2000 },
  )
})

test('nothing before MAIL is blamed on a message or recipient', () => {
  fc.assert(
    fc.property(answers, (answer) => {
      fc.pre(answer.kind !== 'unable' && SMTP_STAGES.indexOf(answer.stage) < SMTP_STAGES.indexOf('mail'))
      fc.pre(!(answer.kind === 'lost' && answer.bodySent))
      expect(['message', 'recipient', 'identity']).not.toContain(classify(answer).scope)
    }),
    { numRuns: 2000 },
  )
})

test('every class has its facts, and no sentence or hint is used twice', () => {
  expect(Object.keys(CLASS_FACTS)).toEqual([...FAILURE_CLASSES])
  const sentences = Object.values(CLASS_FACTS).map((facts) => facts.sentence)
  expect(new Set(sentences).size).toBe(sentences.length)
})

import type { FailureClass, FailureScope, RetryLadder } from './failure.ts'
import { suggestHost } from './host-suggestion.ts'
import type { SmtpAnswer } from './smtp-answer.ts'

/** What is true of every failure of a class, whoever reports it. */
interface ClassFacts {
  /** Whose problem it is: through a relay of ours, and at a recipient's own MX. */
  readonly scope: { readonly relay: FailureScope; readonly mx: FailureScope }
  /**
   * `by_digit`: as the reply's first digit says; `yes` also without a reply; `relay`: without a reply only at a relay of ours, since a
   * stranger's server is repaired by strangers while the mail waits; `no`: it heals by waiting whatever the digit.
   */
  readonly permanent: 'by_digit' | 'yes' | 'relay' | 'no'
  readonly ladder: RetryLadder
  /** True when the address itself is known not to take mail: a final answer suppresses it. Never for what is about us or a whole domain. */
  readonly suppress?: boolean
  /** True when a final answer means that this address will not take mail again, whoever sends it. */
  readonly hard?: boolean
  /** `{place}` is the host with its address and port, `{stage}` the stage of the dialogue. What was said is added after a colon. */
  readonly sentence: string
  /** True when the error's own words would add nothing. */
  readonly selfEvident?: boolean
  readonly hint: string | ((answer: SmtpAnswer) => string)
}

const ROUTE = { relay: 'route', mx: 'domain' } as const
const FAR_END = { relay: 'route', mx: 'receiver' } as const
const MESSAGE = { relay: 'message', mx: 'message' } as const
const RECIPIENT = { relay: 'recipient', mx: 'recipient' } as const
const IDENTITY = { relay: 'identity', mx: 'identity' } as const

/** A person has to change a setting, here or on the server: the queue is kept, and tried only now and then. */
const FIX = { permanent: 'relay', ladder: 'login' } as const
/** The same, and the setting is ours in any case. */
const OURS = { permanent: 'yes', ladder: 'login' } as const
/** No such place: as final as an answer gets without anybody having answered. */
const NOWHERE = { permanent: 'yes', ladder: 'network', hard: true } as const
/** Trouble of the network or the other machine, which passes. */
const NETWORK = { permanent: 'no', ladder: 'network' } as const
/** A verdict on one message or one recipient: the reply's first digit says whether it is the last word. */
const VERDICT = { permanent: 'by_digit', ladder: 'deferral' } as const

export const CLASS_FACTS: Readonly<Record<FailureClass, ClassFacts>> = {
  host_missing: {
    scope: { relay: 'route', mx: 'system' },
    ...OURS,
    sentence: 'no mail server is set',
    hint: 'Enter the name of the server, such as smtp.example.com. In a container `localhost` is the container itself, not your machine: use the name of the machine, for example host.docker.internal.',
  },
  configuration_wrong: {
    scope: { relay: 'route', mx: 'system' },
    ...OURS,
    sentence: 'the settings for {place} cannot be used',
    hint: "Correct the route's settings; the doctor names the field.",
  },
  private_address_refused: {
    scope: ROUTE,
    ...FIX,
    sentence: '{place} is a loopback or private address, and this route may not use those',
    hint: 'If the server really is on your own network, an administrator can allow private addresses for this route. If not, its DNS entry is wrong.',
  },
  local_fault: {
    scope: { relay: 'system', mx: 'system' },
    ...NETWORK,
    sentence: 'this server could not do its part of the work for {place}',
    hint: 'The fault is on our side: look for a full disk, too many open files or too little memory on the machine Waybill runs on.',
  },
  dns_name_not_found: {
    scope: ROUTE,
    ...NETWORK,
    sentence: 'the name of the server does not exist: {place}',
    selfEvident: true,
    hint: (answer) => `${didYouMean(answer.host)}Correct the server's name in the route, or its entry in the DNS.`,
  },
  dns_no_mail_server: {
    scope: { relay: 'recipient', mx: 'domain' },
    ...NOWHERE,
    sentence: 'the domain has no mail server: {place}',
    selfEvident: true,
    hint: 'The domain exists but receives no mail: it has neither an MX nor an address record. Check the spelling of the address.',
  },
  dns_null_mx: {
    scope: { relay: 'recipient', mx: 'domain' },
    permanent: 'yes',
    ladder: 'none',
    hard: true,
    sentence: 'the domain states that it accepts no mail (RFC 7505), according to {place}',
    hint: 'No address of this domain can receive mail. Ask the person for another address.',
  },
  dns_temporary: {
    scope: ROUTE,
    ...NETWORK,
    sentence: 'the name could not be looked up: {place}',
    hint: 'The DNS server did not answer or could not find out. It is tried again by itself; if it stays so, check the name servers of this machine.',
  },
  tcp_refused: {
    scope: ROUTE,
    ...NETWORK,
    sentence: 'connection refused by {place}',
    selfEvident: true,
    hint: (answer) =>
      `Nothing listens on that port, or a firewall turns us away. Check the port (587 with STARTTLS or 465 with TLS are usual) and that the server runs${isLoopback(answer) ? '; in a container, localhost is the container itself' : ''}.`,
  },
  tcp_timeout: {
    scope: ROUTE,
    ...NETWORK,
    sentence: 'no answer at all from {place}',
    selfEvident: true,
    hint: (answer) =>
      answer.port === 25
        ? 'A firewall drops our packets. Many hosting providers block port 25: use 587, 465 or 2525, or ask them to open it.'
        : 'A firewall drops our packets, or the server is down. Some hosting providers block the mail ports: try another (587, 465, 2525), or ask them to open it.',
  },
  tcp_unreachable: {
    scope: ROUTE,
    ...NETWORK,
    sentence: 'there is no way to {place}',
    hint: (answer) =>
      answer.address?.includes(':')
        ? 'This machine has no way to that IPv6 address. Repair IPv6 here, or use a name of the server that has an IPv4 address too.'
        : "The network says that it cannot reach this address. Check this machine's network and the server's address.",
  },
  tcp_reset: {
    scope: ROUTE,
    ...NETWORK,
    sentence: '{place} hung up before its greeting',
    selfEvident: true,
    hint: 'Either the port wants TLS at once (465) or none (587, 25), or the server does not accept connections from our address.',
  },
  greeting_timeout: {
    scope: ROUTE,
    ...NETWORK,
    sentence: '{place} accepted the connection but did not greet us',
    selfEvident: true,
    hint: (answer) =>
      answer.port === 465
        ? 'Port 465 expects TLS at once: change encryption to TLS.'
        : 'The server is overloaded or delays strangers on purpose; or the port expects TLS at once: then change encryption to TLS.',
  },
  greeting_busy: {
    scope: FAR_END,
    permanent: 'no',
    ladder: 'deferral',
    sentence: '{place} is too busy to talk to us',
    hint: 'This passes; mail that waits is tried again by itself. If it says that there are too many connections, lower the number of connections of this route.',
  },
  greeting_refused: {
    scope: { relay: 'route', mx: 'address' },
    permanent: 'by_digit',
    ladder: 'login',
    sentence: '{place} turned us away at its greeting',
    hint: 'The server does not want to talk to our IP address: it may be on a blocklist, or not be allowed by this server. Its own words say more.',
  },
  ehlo_rejected: {
    scope: { relay: 'route', mx: 'address' },
    ...FIX,
    sentence: '{place} does not accept the name we introduce ourselves with',
    hint: 'Set the HELO name to a real one, such as mail.yourdomain.example, that the DNS can look up; not localhost, an IP address or a name with an underscore.',
  },
  tls_mode_mismatch: {
    scope: ROUTE,
    ...FIX,
    sentence: 'we and {place} disagree on when encryption begins',
    hint: (answer) =>
      answer.port === 465
        ? 'Port 465 expects TLS at once: change encryption to TLS.'
        : `Port ${answer.port ?? 587} begins in plain text: change encryption to STARTTLS. TLS from the first byte belongs to port 465.`,
  },
  starttls_missing: {
    scope: ROUTE,
    ...FIX,
    sentence: '{place} and our settings do not agree on encryption (STARTTLS)',
    hint: 'If the server asks for encryption, set encryption to STARTTLS or TLS. If it offers none, use another port or server, or allow plain text for this route knowingly.',
  },
  tls_failed: {
    scope: ROUTE,
    ...NETWORK,
    sentence: 'no encrypted connection with {place} could be agreed on',
    hint: 'The server may speak only TLS 1.0 or 1.1, which are disabled, or its encryption is broken: its administrator has to renew it.',
  },
  tls_certificate_name: {
    scope: ROUTE,
    ...FIX,
    sentence: 'the certificate of {place} is for another name',
    hint: (answer) =>
      `${namesOfCertificate(answer)}Enter the server by a name that its certificate has. Verification is never switched off by itself.`,
  },
  tls_certificate_expired: {
    scope: ROUTE,
    ...FIX,
    sentence: 'the certificate of {place} is not valid today',
    hint: "It has expired or is not valid yet: the server's administrator has to renew it. If it looks right, the clock of this machine may be wrong.",
  },
  tls_certificate_untrusted: {
    scope: ROUTE,
    ...FIX,
    sentence: 'nobody we trust vouches for the certificate of {place}',
    hint: 'It is self-signed, an intermediate certificate is missing, or a proxy or virus scanner sits in between. If you know it to be the right one, enter its fingerprint in the settings of the route; verification is never switched off by itself.',
  },
  tls_policy: {
    scope: { relay: 'message', mx: 'domain' },
    ...VERDICT,
    sentence: "the receiver's published TLS policy and its server do not agree, according to {place}",
    hint: 'This is on their side: MTA-STS or DANE of the domain does not fit its mail server. Their administrator has to repair it.',
  },
  auth_unsupported: {
    scope: ROUTE,
    ...FIX,
    sentence: '{place} offers no log-in that we can use',
    hint: 'This port takes no log-in, or only after encryption. Use port 587 with STARTTLS or 465 with TLS.',
  },
  auth_required: {
    scope: { relay: 'route', mx: 'message' },
    permanent: 'by_digit',
    ladder: 'login',
    sentence: '{place} wants us to log in before it takes mail',
    hint: 'Enter user name and password for this route, or let the server relay for our IP address.',
  },
  auth_failed: {
    scope: ROUTE,
    ...FIX,
    sentence: '{place} refused the user name or password',
    hint: 'Correct the user name and password. Repeated tries lock accounts: a route waits until a person has changed them, and its mail stays queued.',
  },
  auth_app_password: {
    scope: ROUTE,
    ...FIX,
    sentence: '{place} does not accept the ordinary password of this account',
    hint: 'The account uses two-step verification: make an app password at the provider and enter it here.',
  },
  auth_disabled: {
    scope: ROUTE,
    ...FIX,
    sentence: 'logging in is switched off for this account at {place}',
    hint: 'The administrator of the account has to allow it; in Microsoft 365: enable "Authenticated SMTP" for this mailbox.',
  },
  auth_token_expired: {
    scope: ROUTE,
    ...FIX,
    sentence: 'the access token was refused by {place}',
    hint: 'The token has expired or was revoked: get a new one at the provider and enter it in the settings of the route.',
  },
  auth_temporary: {
    scope: ROUTE,
    permanent: 'no',
    ladder: 'deferral',
    sentence: '{place} takes no log-ins at the moment',
    hint: 'Too many log-ins, or trouble at the server. Nothing to do unless it stays so: a route waits and reuses its connections.',
  },
  sender_rejected: {
    scope: IDENTITY,
    ...VERDICT,
    ladder: 'login',
    sentence: '{place} does not let us send with this sender address',
    hint: 'The account may not send as this address: add it there as an alias or allowed sender, or use another From.',
  },
  sender_domain_unresolved: {
    scope: IDENTITY,
    ...VERDICT,
    sentence: '{place} cannot find the domain of the sender address in the DNS',
    hint: 'The domain of the return path needs an MX or address record. Add it, or use another sender.',
  },
  sender_unauthenticated: {
    scope: IDENTITY,
    ...VERDICT,
    sentence: 'SPF, DKIM or DMARC of the sender domain does not pass at {place}',
    hint: "Check the sender domain's SPF, DKIM and DMARC records; the words of the reply say which of them fails.",
  },
  reverse_dns_missing: {
    scope: { relay: 'route', mx: 'address' },
    ...VERDICT,
    ladder: 'login',
    sentence: '{place} wants a reverse DNS entry for our IP address',
    hint: 'Set the reverse DNS (PTR) of our public IP address to the HELO name, at the provider of the address.',
  },
  address_blocked: {
    scope: { relay: 'route', mx: 'address' },
    ...VERDICT,
    ladder: 'login',
    sentence: '{place} blocks our IP address',
    hint: 'Our address is on a blocklist: ask for removal at the place that the reply names, and find out what got it there. No recipient is suppressed.',
  },
  reputation_blocked: {
    scope: { relay: 'message', mx: 'receiver' },
    ...VERDICT,
    sentence: 'refused for the reputation of sender or server, says {place}',
    hint: 'The receiver distrusts our address or domain. Pause bulk mail to it, look at complaints and authentication, ask for removal where the reply names a form. No recipient is suppressed.',
  },
  sending_disabled: {
    scope: ROUTE,
    ...FIX,
    sentence: '{place} does not let this account send',
    hint: "The provider paused or suspended sending for the account, or its key lacks the permission to send. The account's pages at the provider say which; everything stays queued.",
  },
  recipient_unknown: {
    scope: RECIPIENT,
    ...VERDICT,
    suppress: true,
    hard: true,
    sentence: 'the address does not exist, says {place}',
    hint: 'Check the address for a typing error, or ask the person for another one.',
  },
  recipient_gone: {
    scope: RECIPIENT,
    ...VERDICT,
    suppress: true,
    hard: true,
    sentence: 'the mailbox is closed for good or has moved, says {place}',
    hint: 'The account was closed, or its owner is elsewhere now. Ask the person for the new address.',
  },
  recipient_disabled: {
    scope: RECIPIENT,
    ...VERDICT,
    suppress: true,
    sentence: 'the mailbox is switched off, says {place}',
    hint: 'The account is disabled or has not been used for long. Its owner or provider may open it again; until then ask the person for another address.',
  },
  recipient_refused: {
    scope: RECIPIENT,
    ...VERDICT,
    sentence: 'the recipient does not take this mail, says {place}',
    hint: 'The recipient takes mail from some senders only, or the address does not exist: at Microsoft 365 "Access denied" often means the latter. Check the address or ask their administrator.',
  },
  recipient_unavailable: {
    scope: RECIPIENT,
    ...VERDICT,
    sentence: 'the mailbox cannot be used at the moment, says {place}',
    hint: 'This usually passes; mail that waits is tried again by itself.',
  },
  recipient_rate: {
    scope: RECIPIENT,
    ...VERDICT,
    sentence: 'this mailbox gets too much mail right now, says {place}',
    hint: 'The limit is on the mailbox of the recipient. Mail is taken again in an hour or so.',
  },
  mailbox_full: {
    scope: RECIPIENT,
    permanent: 'by_digit',
    ladder: 'mailbox',
    sentence: 'the mailbox is full, says {place}',
    hint: 'Only the recipient can make room. Where the server lets us, mail that waits is tried for two days.',
  },
  provider_suppressed: {
    scope: RECIPIENT,
    permanent: 'yes',
    ladder: 'none',
    sentence: '{place} keeps this address on a suppression list of its own and did not try it',
    hint: 'Mail to it bounced or was complained about before. If the address works again, take it off the list at the provider.',
  },
  domain_not_found: {
    scope: { relay: 'recipient', mx: 'domain' },
    ...NOWHERE,
    sentence: "the recipient's domain does not exist, according to {place}",
    hint: (answer) =>
      `${didYouMean(answer.recipient?.slice(answer.recipient.lastIndexOf('@') + 1) ?? '')}Check the spelling of the part after the @.`,
  },
  too_many_recipients: {
    scope: MESSAGE,
    // RFC 5321 §4.5.3.1.10: a 552 for too many recipients means what 452 means.
    permanent: 'no',
    ladder: 'network',
    sentence: '{place} takes no more recipients in one go',
    hint: 'Nothing to do: the remaining recipients are sent in a transaction of their own.',
  },
  greylisted: {
    scope: MESSAGE,
    ...VERDICT,
    ladder: 'greylist',
    sentence: '{place} asks us to come back in a few minutes (greylisting)',
    hint: 'This is a normal delay at first contact; the mail usually arrives within 5 to 15 minutes.',
  },
  rate_limited: {
    scope: FAR_END,
    permanent: 'by_digit',
    ladder: 'deferral',
    sentence: '{place} slows us down',
    hint: 'Too much mail in too short a time for this server. Mail that waits is tried again by itself; if it happens often, lower the number of connections of this route.',
  },
  quota_exhausted: {
    scope: FAR_END,
    permanent: 'no',
    ladder: 'quota',
    sentence: "the account's sending limit at {place} is used up",
    hint: 'Everything waits until the limit is renewed, usually within 24 hours. For more mail a day raise the limit at the provider or use another route.',
  },
  content_spam: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: '{place} judges the content as spam',
    hint: 'Look at links, wording and sender authentication; shortened links and bare pictures are common causes.',
  },
  content_virus: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: '{place} refuses an attachment, or finds a virus in it',
    hint: 'Some types of file are refused even inside an archive. Send a link to the file instead.',
  },
  message_malformed: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: '{place} finds fault with the form of the message',
    hint: 'A header is missing, doubled or broken, or a line is too long. Correct the message and send it again.',
  },
  policy_refused: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: '{place} refuses this message by a rule of its own',
    hint: "It is a rule of the recipient's administrator or provider; only they can say more.",
  },
  too_large: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: 'the message is larger than {place} allows',
    hint: 'Send large attachments as a link for downloading.',
  },
  smtputf8_unsupported: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: '{place} does not take addresses with characters outside ASCII',
    hint: 'The server lacks SMTPUTF8. Ask the recipient for an address in plain letters, or send by another route.',
  },
  eight_bit_unsupported: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: '{place} takes 7-bit messages only',
    hint: 'The message holds bytes that the server does not accept. Send it encoded as quoted-printable or base64.',
  },
  content_unsupported: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: '{place} cannot carry this message as it is',
    hint: 'Nothing was sent, so that nothing was lost on the way. Change what is named, or send such mail through another route, such as a mail server over SMTP.',
  },
  routing_loop: {
    scope: { relay: 'recipient', mx: 'recipient' },
    ...VERDICT,
    sentence: 'the mail goes round in circles, says {place}',
    hint: "The recipient's forwarding leads back to itself. Their administrator has to break the loop.",
  },
  expired: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: '{place} gave up trying',
    hint: 'The server tried for as long as it does and could not deliver. Its words may name the last reason.',
  },
  service_closing: {
    scope: FAR_END,
    ...NETWORK,
    sentence: '{place} ended the conversation',
    hint: 'The server is shutting down, restarting or has had enough of this connection. A route connects again by itself.',
  },
  remote_temporary: {
    scope: { relay: 'message', mx: 'domain' },
    ...VERDICT,
    sentence: '{place} has trouble of its own',
    hint: 'Their server is busy, full or being looked after. This usually passes.',
  },
  remote_fault: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: 'the receiving server failed, says {place}',
    hint: 'Their server is broken or set up wrongly, and only its administrator can repair it. The address may be right: send again later.',
  },
  remote_unreachable: {
    scope: { relay: 'message', mx: 'domain' },
    ...VERDICT,
    sentence: 'the mail server of the recipient could not be reached, says {place}',
    hint: 'Their server is down, cut off or cannot be found at the moment. The address may be right: send again later.',
  },
  protocol_error: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: 'we and {place} did not understand one another at {stage}',
    hint: 'Something between us, or one of us, does not follow the protocol. If it happens again, please report it with the transcript.',
  },
  reply_timeout: {
    scope: MESSAGE,
    ...NETWORK,
    sentence: '{place} stopped answering at {stage}',
    selfEvident: true,
    hint: 'Nothing was accepted, so nothing is doubled when it is tried again. Mail that waits is, by itself.',
  },
  connection_lost: {
    scope: MESSAGE,
    ...NETWORK,
    sentence: 'the connection with {place} broke at {stage}',
    hint: 'Nothing was accepted, so nothing is doubled when it is tried again. Mail that waits is, by itself.',
  },
  drop_before_dot: {
    scope: MESSAGE,
    ...NETWORK,
    sentence: 'the connection with {place} broke while the message was being handed over',
    hint: 'The message was not complete, so it was not accepted; it is sent again by itself. If it keeps happening, a large attachment or a filter may be the cause.',
  },
  no_reply_after_dot: {
    scope: MESSAGE,
    permanent: 'no',
    ladder: 'none',
    sentence: '{place} had the whole message but did not confirm it',
    hint: 'It may have arrived or not (RFC 1047). Whether it is sent once more depends on the stream; ask the recipient if it matters.',
  },
  disconnected_at_quit: {
    scope: FAR_END,
    permanent: 'no',
    ladder: 'none',
    sentence: '{place} hung up at the end of the conversation',
    hint: 'Nothing to do: what it had accepted before stays accepted.',
  },
  unknown_temporary: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: '{place} asks us to try again later (at {stage})',
    hint: 'The reply gives no reason that we know. Mail that waits is tried again by itself.',
  },
  unknown_permanent: {
    scope: MESSAGE,
    ...VERDICT,
    sentence: '{place} refused the message (at {stage})',
    hint: 'The reply gives no reason that we know; its own words may. The address is not suppressed.',
  },
}

function didYouMean(name: string): string {
  const better = suggestHost(name)
  return better === null ? '' : `Did you mean ${better}? `
}

function isLoopback({ host, address }: SmtpAnswer): boolean {
  return host === 'localhost' || address === '::1' || (address?.startsWith('127.') ?? false)
}

/** Node's message for ERR_TLS_CERT_ALTNAME_INVALID lists the names: "… altnames: DNS:mail.example.net, DNS:example.net". */
function namesOfCertificate(answer: SmtpAnswer): string {
  if (answer.kind !== 'lost') return ''
  const names = [...answer.message.slice(0, 2_000).matchAll(/\bDNS:([a-z0-9.*_-]+)/gi)].map((match) => match[1]).slice(0, 3)
  return names.length === 0 ? '' : `It is for ${names.join(', ')}. `
}

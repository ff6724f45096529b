import { ANY, AUTH, EHLO_TO_RCPT, ENVELOPE, MAIL, MAIL_RCPT, RCPT_ON, type Rule } from './failure-rule.ts'

/** What is said of the connection, the log-in, the amount of mail and its sender: asked before what is said of the recipient. */
export const SESSION_RULES: readonly Rule[] = [
  // Encryption, greeting and log-in.
  {
    class: 'starttls_missing',
    at: ['auth', ...EHLO_TO_RCPT],
    text: /must issue (?:a )?starttls|\b(?:start)?tls (?:is )?required|requires? (?:starttls|tls|encryption|a secure connection)/i,
  },
  {
    class: 'ehlo_rejected',
    at: EHLO_TO_RCPT,
    text: /\b(?:helo|ehlo)\b.{0,60}(?:reject|invalid|bad|require|need|not (?:valid|accept|resolv|found)|refus)|(?:reject|invalid|bad|refus)\w*.{0,40}\b(?:helo|ehlo)\b/i,
  },
  {
    class: 'auth_disabled',
    at: AUTH,
    text: /smtpclientauthentication is disabled|authentication unsuccessful.{0,80}(?:locked|security defaults|criteria)|account (?:is |has been )?(?:disabled|suspended)/i,
  },
  {
    class: 'auth_app_password',
    at: AUTH,
    text: /app(?:lication)?[- ](?:specific )?password|log in (?:with|via) your web browser|invalidsecondfactor|webloginrequired/i,
  },
  {
    class: 'auth_token_expired',
    at: AUTH,
    text: /invalid_grant|(?:access |refresh |oauth2? ?)token.{0,40}(?:expired|revoked|invalid)|(?:expired|revoked|invalid).{0,20}token/i,
  },
  {
    class: 'auth_required',
    at: EHLO_TO_RCPT,
    text: /(?<!e-?mail )authentication (?:is )?required|client (?:was )?not authenticated|must (?:first )?(?:authenticate|log ?in)|please (?:authenticate|log ?in)|not authori[sz]ed to relay/i,
    unless: /\b(?:spf|dkim|dmarc)\b|resolver\.rst|\bgroup\b/i,
  },
  {
    class: 'auth_required',
    at: MAIL_RCPT,
    text: /relay(?:ing)? (?:access )?(?:is )?(?:denied|not (?:allowed|permitted)|prohibited)|(?:unable|not permitted|not allowed) to relay|we do not relay|no relaying|isn't in (?:my list of allowed rcpthosts|control\/rcpthosts)/i,
  },

  // How much, before who and what: these words come with almost any code.
  {
    class: 'recipient_rate',
    at: RCPT_ON,
    text: /receiving mail (?:too quickly|at a rate)|receiving too much mail|recipient.{0,40}exceeded.{0,60}(?:can|may) receive/i,
  },
  {
    class: 'quota_exhausted',
    at: ANY,
    text: /(?:daily|hourly|monthly)\b.{0,30}(?:limit|quota)|sending (?:quota|limit)|peak smtp relay limit|max (?:e-?mails|defers and failures) per hour|submission quota/i,
    unless: /mailbox|recipient(?! limit| quota)/i,
  },
  {
    class: 'too_many_recipients',
    at: RCPT_ON,
    text: /too many (?:recipients|rcpts?)|(?:max|maximum)(?: number of)? recipients|recipients? (?:limit|count) (?:exceeded|reached)/i,
  },
  {
    class: 'mailbox_full',
    at: RCPT_ON,
    text: /over ?quota|out of (?:storage|disk)|(?:mail ?(?:box|folder)|inbox)(?: for \w+)? (?:is )?(?:too )?full|recipient's mailbox exceeded|too much mail stored|(?:mailbox|inbox|user|account|recipient).{0,40}(?:exceed|over)\w*.{0,40}(?:quota|storage|size|limit|space)|quota (?:exceeded|is full)|exceeded (?:storage|mailbox|disk)|insufficient (?:mailbox|user) (?:space|storage)|mailbox.{0,20}(?:storage|quota)|ofr_417/i,
    unless: /message (?:size|is too|too)/i,
  },
  {
    class: 'rate_limited',
    at: ANY,
    code: /^4/,
    text: /unusual rate|service refused?\b|\[tss?\d+\]|\[s775\]|temporarily deferred due to|permanently deferred|(?:rate|connection|concurrency|session|thread) ?-?limit|too many (?:concurrent |simultaneous |open )?(?:\w+ )?(?:connections?|sessions?|messages?|mails?|e-?mails?|threads?|errors|requests|log ?ins?)\b|maximum.{0,30}(?:connections|sessions|messages per|sending rate)|max(?:imum)?(?: number of)? messages per|\bthrottl|message rate|sending (?:\w+ )?too (?:fast|quickly|many)/i,
  },
  {
    class: 'greylisted',
    at: ENVELOPE,
    code: /^4/,
    text: /gr[ae]y[- ]?list|first[- ]contact|retry (?:in|after) \d|come back (?:later|in)/i,
  },

  // Cox and Charter say "sender rejected" of whom their lists name; the code behind it tells.
  { class: 'reputation_blocked', at: ENVELOPE, provider: 'cox', text: /\baup#[a-z0-9-]{2,20}/i },
  // The sender, before the recipient: "Sender address rejected: User unknown" speaks of the sender.
  {
    class: 'sender_domain_unresolved',
    at: MAIL_RCPT,
    text: /sender (?:address|domain).{0,80}(?:domain not found|does ?n[o']t exist|no (?:mx|a record)|not resolv|unresolvable|malformed dns|cannot be (?:found|resolved))|rfc5321.{0,20}domain.{0,30}unresolvable|domain of sender.{0,60}(?:does not|not (?:exist|resolve))|from:? domain is invalid/i,
  },
  {
    class: 'sender_unauthenticated',
    at: ENVELOPE,
    text: /\b(?:spf|dkim|dmarc)\b.{0,120}(?:fail|not pass|did not|reject|invalid|require|missing|unauthenticated|enforce)|(?:fail\w*|not pass\w*|unauthenticated|requires?).{0,120}\b(?:spf|dkim|dmarc)\b|(?:due to|per|bad|violat\w*)\b.{0,80}\b(?:spf|dkim|dmarc)\b|does not have authentication information|unauthenticated (?:e-?mail|senders?)|not accepted due to domain'?s dmarc|doesn't meet the required authentication level|authentication checks? failed|purported +responsible +address/i,
  },
  {
    class: 'sender_rejected',
    at: ENVELOPE,
    text: /send(?:er)? ?as ?denied|not (?:allowed|authori[sz]ed|permitted) to send (?:as|from|mail (?:as|from))|client does not have permissions to send as|sender address rejected|(?:from|sender) address.{0,40}(?:not verified|not owned)|e-?mail address is not verified|sender verif(?:y|ication) failed/i,
  },
  {
    class: 'sender_rejected',
    at: MAIL,
    code: /^5/,
    text: /\b(?:sender|from|return-?path|originator)\b.{0,60}(?:reject|refus|denied|not (?:allowed|permitted)|blocked|invalid)|(?:reject|refus|den)\w*.{0,40}\b(?:sender|from)\b/i,
    unless: /\b(?:client|ip|host|helo|ehlo|policy)\b/i,
  },
  { class: 'sender_rejected', at: MAIL, code: /^5/, text: /^<[^>]{1,320}>\.\.\. access denied/i },
  {
    class: 'reverse_dns_missing',
    at: ['banner', 'ehlo', ...ENVELOPE],
    text: /\bptr\b|reverse (?:dns|lookup|hostname)|\brdns\b|mismatches client ip|cannot find your (?:reverse )?host ?name|no reverse|unverif[iy]+able sending ips?/i,
  },
]

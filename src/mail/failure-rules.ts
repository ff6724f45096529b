import type { FailureClass } from './failure.ts'
import { classByCode } from './failure-codes.ts'
import { enhancedOf, plainText } from './reply-text.ts'
import type { SmtpStage } from './smtp-answer.ts'
import type { SmtpReply } from './smtp-reply.ts'

/**
 * A known text. Rules are asked in order and the first that fits wins, before any code is looked at: Orange says a full mailbox with
 * 552 5.1.1 and Yahoo an unknown one with a bare 552, so that codes alone would suppress the living and keep writing to the dead.
 */
interface Rule {
  readonly class: FailureClass
  /** Stages at which the words mean this. */
  readonly at: readonly SmtpStage[]
  readonly text: RegExp
  /** The code with its enhanced code must fit too ("550 5.7.1", or "550 -"). */
  readonly code?: RegExp
  /** Words that show something else is meant. */
  readonly unless?: RegExp
  /** Whose words they are, where only one provider says so. */
  readonly provider?: string
}

const AUTH: readonly SmtpStage[] = ['auth']
const MAIL: readonly SmtpStage[] = ['mail']
const MAIL_RCPT: readonly SmtpStage[] = ['mail', 'rcpt']
const RCPT: readonly SmtpStage[] = ['rcpt']
const RCPT_ON: readonly SmtpStage[] = ['rcpt', 'data', 'body', 'dot']
const CONTENT: readonly SmtpStage[] = ['data', 'body', 'dot']
const ENVELOPE: readonly SmtpStage[] = ['mail', ...RCPT_ON]
const EHLO_TO_RCPT: readonly SmtpStage[] = ['ehlo', 'mail', 'rcpt']
const ANY: readonly SmtpStage[] = ['banner', 'ehlo', 'starttls', 'auth', ...ENVELOPE]

/** Words that speak of us, not of the recipient: with them "unknown" or 5.1.1 never suppresses anyone. */
const ABOUT_US =
  /\bsenders?\b|return-?path|\b(?:spf|dkim|dmarc|spam|policy|reputation|blocked|blacklist\w*|relay\w*|helo|ehlo)\b/i

const RULES: readonly Rule[] = [
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
    text: /relay(?:ing)? (?:access )?(?:is )?(?:denied|not (?:allowed|permitted)|prohibited)|(?:unable|not permitted|not allowed) to relay|we do not relay|isn't in (?:my list of allowed rcpthosts|control\/rcpthosts)/i,
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
    text: /over ?quota|out of (?:storage|disk)|mailbox (?:is )?(?:too )?full|(?:mailbox|inbox|user|account|recipient).{0,40}(?:exceed|over)\w*.{0,40}(?:quota|storage|size|limit|space)|quota (?:exceeded|is full)|exceeded (?:storage|mailbox|disk)|insufficient (?:mailbox|disk) space|mailbox.{0,20}(?:storage|quota)|ofr_417/i,
    unless: /message (?:size|is too|too)/i,
  },
  {
    class: 'rate_limited',
    at: ANY,
    code: /^4/,
    text: /unusual rate|\[tss?\d+\]|\[s775\]|temporarily deferred due to|permanently deferred|(?:rate|connection|concurrency|session|thread) ?-?limit|too many (?:concurrent |simultaneous |open )?(?:\w+ )?(?:connections?|sessions?|messages?|mails?|e-?mails?|threads?|errors|requests|log ?ins?)\b|maximum.{0,30}(?:connections|sessions|messages per|sending rate)|max(?:imum)?(?: number of)? messages per|\bthrottl|message rate|sending (?:\w+ )?too (?:fast|quickly|many)/i,
  },
  {
    class: 'greylisted',
    at: ENVELOPE,
    code: /^4/,
    text: /gr[ae]y[- ]?list|first[- ]contact|retry (?:in|after) \d|come back (?:later|in)/i,
  },

  // The sender, before the recipient: "Sender address rejected: User unknown" speaks of the sender.
  {
    class: 'sender_domain_unresolved',
    at: MAIL_RCPT,
    text: /sender (?:address|domain).{0,80}(?:domain not found|does ?n[o']t exist|no (?:mx|a record)|not resolv|unresolvable|malformed dns|cannot be (?:found|resolved))|rfc5321.{0,20}domain.{0,30}unresolvable|domain of sender.{0,60}(?:does not|not (?:exist|resolve))/i,
  },
  {
    class: 'sender_unauthenticated',
    at: ENVELOPE,
    text: /\b(?:spf|dkim|dmarc)\b.{0,120}(?:fail|not pass|did not|reject|invalid|require|missing|unauthenticated|enforce)|(?:fail\w*|not pass\w*|unauthenticated|requires?).{0,120}\b(?:spf|dkim|dmarc)\b|(?:due to|per|bad|violat\w*)\b.{0,80}\b(?:spf|dkim|dmarc)\b|does not have authentication information|unauthenticated (?:e-?mail|senders?)|not accepted due to domain'?s dmarc|doesn't meet the required authentication level/i,
  },
  {
    class: 'sender_rejected',
    at: ENVELOPE,
    text: /send(?:er)? ?as ?denied|not (?:allowed|authori[sz]ed|permitted) to send (?:as|from|mail (?:as|from))|client does not have permissions to send as|sender address rejected: (?:not owned|not logged|access denied|user unknown|undeliverable|unverified|rejected)|(?:from|sender) address.{0,40}(?:not verified|not owned)|e-?mail address is not verified|sender verif(?:y|ication) failed/i,
  },
  {
    class: 'sender_rejected',
    at: MAIL,
    code: /^5/,
    text: /\b(?:sender|from|return-?path|originator)\b.{0,60}(?:reject|refus|denied|not (?:allowed|permitted)|blocked|invalid)|(?:reject|refus|den)\w*.{0,40}\b(?:sender|from)\b/i,
    unless: /\b(?:client|ip|host|helo|ehlo)\b/i,
  },
  {
    class: 'reverse_dns_missing',
    at: ['banner', 'ehlo', ...ENVELOPE],
    text: /\bptr\b|reverse (?:dns|lookup|hostname)|\brdns\b|mismatches client ip|cannot find your (?:reverse )?host ?name|no reverse/i,
  },

  // The recipient.
  { class: 'dns_null_mx', at: RCPT_ON, text: /null ?mx|host does not accept (?:any )?(?:e-?)?mail/i },
  {
    class: 'domain_not_found',
    at: RCPT_ON,
    text: /domain not found|host (?:or domain )?(?:name )?(?:not found|unknown)|unrouteable (?:mail )?domain|name service error|no such domain|domain does ?n[o']t exist|bad destination (?:host|system)/i,
    unless: ABOUT_US,
  },
  {
    class: 'recipient_unavailable',
    at: RCPT_ON,
    text: /(?:account|mailbox|user|recipient).{0,40}(?:temporar(?:il)?y|currently) (?:disabled|unavailable|suspended|locked|inactive)|mailbox (?:is )?(?:busy|locked|frozen)|recipient account is blocked/i,
  },
  {
    class: 'recipient_refused',
    at: RCPT_ON,
    provider: 'microsoft',
    text: /recipient address rejected: access denied|resolver\.rst\.(?!\w+sizelimit)/i,
  },
  {
    class: 'recipient_refused',
    at: RCPT_ON,
    text: /only accepts? (?:mail|messages) from|internal senders|not (?:allowed|authori[sz]ed|permitted) to (?:send|post) to (?:this|the) (?:recipient|group|list|address)|sender (?:is )?not (?:on|in) the allow(?:ed)? list|restricted (?:recipient|group)/i,
  },
  {
    class: 'recipient_disabled',
    at: RCPT_ON,
    code: /^5/,
    text: /(?:account|mailbox|user|recipient)(?: account)?(?: that you tried to reach)? (?:is |has been |was )?(?:\w+ly )?(?:disabled|inactive|deactivated|closed|suspended|deleted|terminated)|inactive (?:user|account|mailbox)|no longer (?:active|on server|works? here)|account.{0,20}has moved/i,
    unless: ABOUT_US,
  },
  {
    class: 'recipient_unknown',
    at: RCPT_ON,
    code: /^5/,
    text: /(?:user|recipient|mailbox|address|account)(?: name| address)? (?:<[^>]*> |\S+@\S+ )?(?:is )?(?:unknown|not (?:found|known)|(?:does )?(?:not|n't) exists?|could not be found)|(?:unknown|no such|invalid|non-?existent|unknown or illegal) (?:local )?(?:user|recipient|mailbox|address|alias|account|person)|nosuchuser|account that you tried to reach does not exist|no (?:mailbox|account|user)(?: here| by that name| with that| found|$)|not a (?:registered|valid|known) (?:\w+ )?(?:user|mailbox|recipient|address)|addressee unknown|unrouteable address|not our customer|resolver\.adr\.(?:ex)?recip/i,
    unless: ABOUT_US,
  },
  {
    class: 'recipient_unknown',
    at: RCPT_ON,
    code: /^55[024]/,
    provider: 'yahoo',
    text: /mailbox not found|\bdd\b.{0,80}(?:no|n't have an?|not have an?)\b.{0,30}account/i,
  },

  // Reputation and content: a list is about us, a verdict about the message.
  {
    class: 'address_blocked',
    at: ['banner', 'ehlo', 'mail'],
    code: /^5/,
    text: /block(?:ed|ing)? ?(?:list|using)|black-?list|\brbl\b|dnsbl|spamhaus|spamcop|barracudacentral|\bbanned\b|\b(?:ip|client|host|address)\b.{0,60}\b(?:blocked|listed)\b/i,
  },
  {
    class: 'address_blocked',
    at: RCPT,
    text: /client (?:host|address) ?(?:\[[^\]]*\]|\S+)? ?(?:is )?(?:blocked|listed|rejected)/i,
  },
  {
    class: 'content_virus',
    at: ENVELOPE,
    text: /virus|malware|infected|trojan|(?:attachment|file)\b.{0,40}(?:not allowed|blocked|prohibited|forbidden|banned)|blocked (?:attachment|because its content presents)|potentially (?:harmful|executable)|content presents a potential security/i,
  },
  {
    class: 'reputation_blocked',
    at: ENVELOPE,
    text: /reputation|\bsender rejected\b|host network not allowed|ip frequency limited|block ?list|black-?list|\brbl\b|dnsbl|spamhaus|spamcop|barracudacentral|surbl|uribl|\[bl\d+\]|\[tss(?:09|11)\]|\(s3150\)|s3140|banned (?:sending ip|sender)|permanently deferred|\b(?:ip|client|host|server|network|domain)\b.{0,60}\b(?:blocked|banned|listed)\b/i,
  },
  {
    class: 'message_malformed',
    at: CONTENT,
    text: /not (?:rfc ?)?\d* ?compliant|multiple addresses in from|rfc ?(?:5322|2822|822)|malformed|missing (?:a )?(?:valid )?(?:message-id|from|date)|(?:missing|multiple|duplicate|invalid|bad) '?(?:from|to|date|subject|message-id|header)|line (?:is )?too long|bare (?:lf|cr|line ?feed)|headers? (?:is |are )?(?:too (?:long|large|many)|invalid)/i,
  },
  {
    class: 'content_spam',
    at: ENVELOPE,
    code: /^5/,
    text: /\bspam(?:my|assassin)?\b|unsolicited|\bjunk\b|\bbulk mail\b|phish|\[ph01\]|content (?:rejected|refused|not accept)|likely suspicious/i,
  },
  { class: 'tls_policy', at: ENVELOPE, text: /\bmta-sts\b|\bdane\b|\btlsa\b/i },

  // Size, form, way.
  {
    class: 'too_large',
    at: ENVELOPE,
    text: /(?:message|mail|size|attachment|content)\b.{0,40}(?:too (?:large|big|long)|exceed\w*.{0,40}(?:size|limit|maximum|fixed))|(?:exceed\w*|larger than|over)\b.{0,40}(?:maximum|max|message|size) (?:message )?(?:size|limit)|size limit/i,
  },
  {
    class: 'routing_loop',
    at: RCPT_ON,
    text: /too many hops|hop count exceeded|(?:mail|routing|forwarding) loop|loops? back to (?:my|it)self|mail for \S+ loops/i,
  },
  {
    class: 'smtputf8_unsupported',
    at: ENVELOPE,
    text: /smtputf8|non-?ascii address|internationali[sz]ed (?:mail|e-?mail|address)|utf-?8 (?:address|header)/i,
  },
  {
    class: 'eight_bit_unsupported',
    at: ENVELOPE,
    text: /8bitmime|8-?bit (?:data|content|message|character)|7-?bit (?:only|message)/i,
  },
  {
    class: 'policy_refused',
    at: ENVELOPE,
    code: /^5/,
    text: /\bgcdp\b|content (?:compliance|policy)|(?:local|mail|security|domain|administrative) (?:policy|prohibition)|policy (?:reasons|violation|rejection)|administrative(?:ly)? prohibit/i,
  },

  // Words that only ask for patience: a shutdown, and greylisting that does not call itself so.
  {
    class: 'service_closing',
    at: ANY,
    code: /^421/,
    text: /shutting down|closing (?:transmission|connection|channel)|going down|idle (?:for )?too long|timeout exceeded|error: timeout/i,
  },
  {
    class: 'greylisted',
    at: RCPT,
    code: /^45\d (?:4\.7\.[01]|4\.2\.0|-)$/,
    text: /try (?:again )?(?:later|in)|please retry|retry later|temporarily (?:rejected|deferred)/i,
  },
]

const RULES_OF_STAGE = new Map(ANY.map((stage) => [stage, RULES.filter((rule) => rule.at.includes(stage))]))

/** A reply's class: its words where a rule knows them, else its codes. A success that nobody asked for is a breach of the protocol. */
export function classOfReply(reply: SmtpReply, stage: SmtpStage): FailureClass {
  if (stage === 'quit') return 'disconnected_at_quit'
  if (!(reply.code >= 400 && reply.code <= 599)) return 'protocol_error'
  const text = plainText(reply)
  const enhanced = enhancedOf(reply)
  const code = `${reply.code} ${enhanced ?? '-'}`
  const fits = (rule: Rule) => (rule.code?.test(code) ?? true) && rule.text.test(text) && !(rule.unless?.test(text) ?? false)
  const byText = RULES_OF_STAGE.get(stage)?.find(fits)?.class
  if (byText) return byText
  const byCode = classByCode(reply.code, enhanced, stage)
  return (byCode === 'recipient_unknown' || byCode === 'recipient_disabled') && ABOUT_US.test(text) ? 'recipient_refused' : byCode
}

import { ABOUT_US, CONTENT, RCPT_ON, type Rule } from './failure-rule.ts'

const UNKNOWN = new RegExp(
  [
    // "user … unknown", as it is said in many orders
    "(?:user|recipient|mailbox|address|account)(?: name| address)? (?:<[^>]{1,320}> |\\S{1,320}@\\S{1,320} )?(?:is |was |were )?(?:unknown|not (?:found|known|recogni[sz]ed)|(?:does ?|do ?)?(?:not|n['’]?t) exists?|(?:could )?(?:not|n['’]t) (?:be )?found)",
    '(?:unknown|no such|invalid|non-?existent|unknown or illegal|illegal) (?:local |e-?mail )?(?:user|recipient|mailbox|address|alias|account|person)',
    'account that you tried to reach does not exist',
    "(?:email |e-mail )?address (?:was|could)n['’]t (?:be )?found",
    'no (?:mailbox|account|user)(?: here| by that name| with that| found|$)',
    'not a (?:registered|valid|known) (?:\\w+ )?(?:user|mailbox|recipient|address)',
    "user (?:does ?n['o’]t|doesn['’]t) have an? .{0,60}account",
    'nosuchuser|addressee unknown|unrouteable address|resolver\\.adr\\.(?:ex)?recip',
    // Domino, Exchange 5.5 and IMail
    'not listed in (?:domino|public|the|address)|recipient name is not recognized|invalid final delivery userid|no valid recipients',
  ].join('|'),
  'i',
)
/** What is said of the recipient: his domain, his mailbox, his wishes. */
export const RECIPIENT_RULES: readonly Rule[] = [
  {
    class: 'provider_suppressed',
    at: RCPT_ON,
    code: /^5/,
    provider: 'ses',
    text: /(?:is )?on (?:the|our|your) (?:\w+ )?suppression list|has suppressed sending to this address/i,
  },
  { class: 'dns_null_mx', at: RCPT_ON, text: /null ?mx|host does not accept (?:any )?(?:e-?)?mail|indicated no smtp service/i },
  {
    class: 'dns_no_mail_server',
    at: RCPT_ON,
    text: /couldn't find a mail exchanger|no mx (?:record )?found|no mx record|has no mx\b/i,
    unless: ABOUT_US,
  },
  {
    class: 'remote_unreachable',
    at: RCPT_ON,
    text: /name service error.{0,120}(?:malformed|not found, try again)|host ?name lookup fail|host lookup did not complete|cname lookup failed/i,
  },
  // Its router gives this one reason for every domain that it finds no way to.
  {
    class: 'domain_not_found',
    at: RCPT_ON,
    code: /^5/,
    provider: 'cpanel',
    text: /account or domain may not exist, they may be blacklisted/i,
  },
  {
    class: 'domain_not_found',
    at: RCPT_ON,
    text: /domain (?:name )?not found|no ip address found for host|host (?:or domain )?(?:name )?(?:not found|unknown)|unknown (?:host|domain)\b|unrouteable (?:mail )?domain|name service error|no such (?:domain|host)|domain does ?n[o']t exist|bad destination (?:host|system)|couldn't find any host|illegal host\/domain|domain is not reachable|dns domain \S{1,255} does not exist|dns server returned answer with no data|point to non-existent hosts|host address lookups failed|unable to (?:look ?up|resolve) (?:host|mx)/i,
    // A name server that does not answer says nothing about the domain.
    unless: new RegExp(`${ABOUT_US.source}|malformed or unexpected|not found, try again|lookup fail`, 'i'),
  },
  {
    class: 'recipient_unavailable',
    at: RCPT_ON,
    text: /(?:account|mailbox|user|recipient).{0,40}(?:temporar(?:il)?y|currently) (?:disabled|unavailable|suspended|locked|inactive)|mailbox (?:is )?(?:busy|locked|frozen)|recipient account is blocked|user \S+ temporary locked/i,
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
    text: /only accepts? (?:mail|messages) from|internal senders|not (?:allowed|authori[sz]ed|permitted) to (?:send|post) to (?:this|the) (?:recipient|group|list|address)|sender (?:is )?not (?:on|in) the allow(?:ed)? list|restricted (?:recipient|group)|permission to post|automatically rejected by|rejected by (?:the )?recipient\b|^message filtered$/i,
  },
  // RFC 5321 §4.2.3 has this one text for "not found" and "no access": only a detail would tell them apart.
  { class: 'recipient_refused', at: RCPT_ON, code: /^550 -$/, text: /requested action not taken: mailbox unavailable/i },
  { class: 'recipient_refused', at: RCPT_ON, provider: 'google', text: /groups\.google\.com\/support/i },
  {
    class: 'recipient_gone',
    at: RCPT_ON,
    code: /^5/,
    text: /(?:account|mailbox|user|recipient)(?: account)? (?:is |has been |was )?(?:\w+ly )?(?:closed|deleted|terminated|removed|cancell?ed)|no longer (?:accepts? (?:e-?)?mail|on server|works? here|with (?:us|the company)|employed)|(?:account|user|recipient|mailbox).{0,20}has moved|not our (?:user|customer)\b|(?:address|mailbox|account) (?:is )?no longer (?:valid|in use|available|exists?)/i,
    unless: ABOUT_US,
  },
  {
    class: 'recipient_disabled',
    at: RCPT_ON,
    code: /^5/,
    text: /(?:account|mailbox|user|recipient)(?:\(s\))?(?: account)?(?: that you tried to reach)? (?:is |has been |was )?(?:\w+ly )?(?:disabled|inactive|deactivated|suspended)|(?:inactive|disabled|suspended) (?:user|account|mailbox|recipient)|no longer active|(?:account|mailbox|user|recipient) (?:is )?(?:currently )?not active/i,
    unless: ABOUT_US,
  },
  {
    class: 'recipient_unknown',
    at: RCPT_ON,
    code: /^55[024]/,
    provider: 'yahoo',
    text: /mailbox not found|\bdd\b.{0,80}(?:no|n't have an?|not have an?)\b.{0,30}account/i,
  },
  // A server that took the recipient at RCPT and calls him unknown after reading the mail may mean only that he filters it: carriers do.
  {
    class: 'recipient_refused',
    at: CONTENT,
    onlyThere: true,
    code: /^5\d\d (?!5\.1\.)/,
    text: UNKNOWN,
    unless: ABOUT_US,
  },
  {
    class: 'recipient_unknown',
    at: RCPT_ON,
    // 4.1.1 asks to try again: what looks the user up may be down.
    code: /^5/,
    text: UNKNOWN,
    unless: ABOUT_US,
  },
]

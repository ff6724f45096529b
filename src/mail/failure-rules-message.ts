import { ANY, CONTENT, ENVELOPE, RCPT, RCPT_ON, type Rule } from './failure-rule.ts'

const FAULT =
  /internal (?:system|server|software) error|system (?:config(?:uration)?|i\/o) error|operating system error|\bmailer error|transaction failed|service (?:is )?(?:currently |temporarily )?unavailable|queue file write error|\bldap\b|(?:could|ca)(?: ?n[o'])?t create|not available for sendmail|delivery to (?:file|pipe) forbidden|unknown mail transport|command (?:died|output)|local (?:configuration|delivery) (?:error|failed)|failed to (?:read|write|open)|insufficient permission|x-unix; ?\d|no such file or directory/i

/** What is said of our reputation, of the message, and of the far end itself. */
export const MESSAGE_RULES: readonly Rule[] = [
  // Reputation and content: a list is about us, a verdict about the message.
  {
    class: 'address_blocked',
    at: ['banner', 'ehlo', 'mail'],
    code: /^5/,
    text: /block(?:ed|ing)? ?(?:list|using)|black-?list|\brbl\b|dnsbl|spamhaus|spamcop|barracudacentral|\bbanned\b|\b(?:ip|client|host|address)\b.{0,60}\b(?:blocked|listed)\b/i,
  },
  {
    class: 'address_blocked',
    at: ENVELOPE,
    text: /smtp server of your (?:isp|provider)|no access from mail server|dial-?up|dynamic(?:ally assigned)? (?:ip|address)|ip address (?:is )?black-?listed|not authori[sz]ed to send e-?mail directly/i,
  },
  {
    class: 'address_blocked',
    at: RCPT,
    text: /client (?:host|address) ?(?:\[[^\]]*\]|\S+)? ?(?:is )?(?:blocked|listed|rejected)/i,
  },
  {
    class: 'content_virus',
    at: ENVELOPE,
    text: /virus|malware|infected|trojan|(?:attachment|file)\b.{0,40}(?:not allowed|blocked|prohibited|forbidden|banned)|(?:blocked|illegal) attachment|blocked because its content presents|potentially (?:harmful|executable)|content presents a potential security/i,
  },
  {
    class: 'reputation_blocked',
    at: ENVELOPE,
    text: /reputation|\bsender rejected\b|host network not allowed|(?:ip|domain|connection) frequency limited|spam ip\b|block ?list|black-?list|\brbl\b|dnsbl|spamhaus|spamcop|barracudacentral|surbl|uribl|\[bl\d+\]|\[tss(?:09|11)\]|\(s3150\)|s3140|banned (?:sending ip|sender)|permanently deferred|blocked for abuse|\b(?:ip|client|host|server|network|domain)\b.{0,60}\b(?:blocked|banned|listed)\b/i,
  },
  {
    class: 'message_malformed',
    at: CONTENT,
    text: /not (?:rfc ?)?\d* ?compliant|multiple addresses in from|rfc ?(?:5322|2822|822)|malformed|missing (?:a )?(?:valid )?(?:message-id|from|date)|(?:missing|multiple|duplicate|invalid|bad) '?(?:from|to|date|subject|message-id|header)|line (?:is )?too long|bare (?:lf|cr|line ?feed)|headers? (?:is |are )?(?:too (?:long|large|many)|invalid)|\b(?:header|media) error|invalid mime/i,
  },
  {
    class: 'content_spam',
    at: ENVELOPE,
    code: /^5/,
    text: /\bspam(?:my|assassin)?\b|\bube\b|mail rejete|unsolicited|\bjunk\b|\bbulk mail\b|phish|\[ph01\]|content (?:rejected|refused|denied|not accept)|likely suspicious/i,
  },
  { class: 'protocol_error', at: ENVELOPE, code: /^5/, text: /protocol violation/i },
  { class: 'tls_policy', at: ENVELOPE, text: /\bmta-sts\b|\bdane\b|\btlsa\b|remote server does not support tls/i },

  // Size, form, way.
  {
    class: 'too_large',
    at: ENVELOPE,
    text: /(?:message|mail|size|attachment|content)\b.{0,40}(?:(?<!queue )too (?:large|big|long)|exceed\w*.{0,40}(?:size|limit|maximum|fixed))|(?:exceed\w*|larger than|over)\b.{0,40}(?:maximum|max|message|size) (?:message )?(?:size|limit)|size limit/i,
  },
  {
    class: 'routing_loop',
    at: RCPT_ON,
    text: /too many hops|hop count (?:has been )?exceeded|maximum hop count|message (?:probably )?in a routing loop|message is looping|loop detected|too many .?received.? headers|forwarding loop|mx list for .{0,255} points? back|duplicated message-id|(?:mail|routing|forwarding) loop|loops? back to (?:my|it)self|mail for \S+ loops/i,
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

  // Trouble of a server behind the one that reports it, and what merely lasted too long: only where nothing above says why.
  {
    class: 'remote_fault',
    at: ENVELOPE,
    code: /^5/,
    text: FAULT,
  },
  { class: 'remote_temporary', at: ENVELOPE, code: /^4/, text: FAULT },
  {
    class: 'remote_temporary',
    at: RCPT_ON,
    text: /no space left|insufficient (?:disk|system) (?:space|storage|resources)|resources temporarily unavailable/i,
  },
  {
    class: 'remote_unreachable',
    at: RCPT_ON,
    text: /(?:connection|operation|connect\S*|session) timed out|connection (?:was )?(?:refused|reset|dropped|lost|closed)|no route to host|network is unreachable|did not accept our requests to connect|(?:un|not |n't )able to (?:connect|contact|establish)|could ?n[o']t (?:connect|contact|establish)|host (?:is )?(?:not (?:reachable|responding)|unreachable)|remote host is not responding|socket error|no answer from host|name service error|host ?name lookup fail|lost connection with|connection died|conversation with .{0,255} timed out|greeting failed|network error on destination/i,
  },
  {
    class: 'expired',
    at: RCPT_ON,
    text: /message (?:has )?expired|envelope expired|queue\.expired|in (?:the|our) queue too long|multiple retries|for the last \d+ seconds|not delivered within|could not be delivered for \d|unable to deliver in \d|retry time ?out exceeded|retry time not reached|failing for a long time|(?:has been|was) frozen|cannot send message (?:for|within)|delivery (?:time|attempts?) (?:expired|exceeded)|giving up|failed (?:after )?\d+ (?:delivery )?attempts|too many (?:delivery )?attempts/i,
  },
]

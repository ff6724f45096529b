/**
 * Lists that receivers ask about senders (RFC 5782), with what their answers mean and where one asks to be taken off. Only lists that are in
 * use, answer anybody's own resolver, and have a way off are here. Answers that no list gives for a listing (127.255.255.x; 127.0.0.1 of some)
 * say that the question was refused, as public resolvers' are.
 */
export interface Blocklist {
  readonly zone: string
  readonly name: string
  readonly asks: readonly ('ip4' | 'ip6' | 'domain')[]
  /** Where to read why, and to ask to be taken off. */
  readonly removal: string
  /** A listing here alone makes large receivers refuse; elsewhere it is a sign. */
  readonly weight: 'heavy' | 'light'
  /** Last numbers of an answer and their meaning, where the list tells more than yes. */
  readonly meanings?: Readonly<Record<string, string>>
  /** What this list always lists, where that is not what RFC 5782 §5 says. */
  readonly trial?: string
  /** Answers that mean "you may not ask", beside 127.255.255.x. */
  readonly refusals?: readonly string[]
}

export const BLOCKLISTS: readonly Blocklist[] = [
  {
    zone: 'zen.spamhaus.org',
    name: 'Spamhaus ZEN',
    asks: ['ip4', 'ip6'],
    removal: 'https://check.spamhaus.org/',
    weight: 'heavy',
    meanings: {
      '127.0.0.2': 'SBL: known for spam',
      '127.0.0.3': 'CSS: behaves like a spammer',
      '127.0.0.4': 'XBL: exploited or infected',
      '127.0.0.5': 'XBL: exploited or infected',
      '127.0.0.6': 'XBL: exploited or infected',
      '127.0.0.7': 'XBL: exploited or infected',
      '127.0.0.9': 'DROP: the whole network is taken for criminal',
      '127.0.0.10': 'PBL: its provider says that no mail server is here',
      '127.0.0.11': 'PBL: no mail server is expected here',
    },
  },
  {
    zone: 'b.barracudacentral.org',
    name: 'Barracuda',
    asks: ['ip4'],
    removal: 'https://www.barracudacentral.org/rbl/removal-request',
    weight: 'heavy',
  },
  {
    zone: 'bl.spamcop.net',
    name: 'SpamCop',
    asks: ['ip4'],
    removal: 'https://www.spamcop.net/bl.shtml',
    weight: 'heavy',
  },
  {
    zone: 'bl.mailspike.net',
    name: 'Mailspike',
    asks: ['ip4'],
    removal: 'https://www.mailspike.io/ip_verify',
    weight: 'light',
  },
  { zone: 'psbl.surriel.com', name: 'PSBL', asks: ['ip4'], removal: 'https://psbl.org/remove', weight: 'light' },
  { zone: 'bl.0spam.org', name: '0Spam', asks: ['ip4'], removal: 'https://0spam.org/', weight: 'light' },
  { zone: 'dnsbl.dronebl.org', name: 'DroneBL', asks: ['ip4', 'ip6'], removal: 'https://dronebl.org/lookup', weight: 'light' },
  {
    zone: 'dbl.spamhaus.org',
    name: 'Spamhaus DBL',
    asks: ['domain'],
    removal: 'https://check.spamhaus.org/',
    weight: 'heavy',
    meanings: {
      '127.0.1.2': 'known for spam',
      '127.0.1.4': 'known for phishing',
      '127.0.1.5': 'known for malware',
      '127.0.1.6': 'commands a botnet',
      '127.0.1.102': 'an honest domain that is abused for spam',
      '127.0.1.103': 'an abused redirector',
      '127.0.1.104': 'an honest domain that is abused for phishing',
      '127.0.1.105': 'an honest domain that is abused for malware',
      '127.0.1.106': 'an honest domain that is abused for a botnet',
    },
    trial: 'dbltest.com',
    refusals: ['127.0.1.255'],
  },
  {
    zone: 'multi.surbl.org',
    name: 'SURBL',
    asks: ['domain'],
    removal: 'https://surbl.org/surbl-analysis',
    weight: 'heavy',
    trial: 'surbl-org-permanent-test-point.com',
    refusals: ['127.0.0.1'],
  },
  {
    zone: 'multi.uribl.com',
    name: 'URIBL',
    asks: ['domain'],
    removal: 'https://admin.uribl.com/',
    weight: 'heavy',
    trial: 'test.uribl.com',
    meanings: {
      '127.0.0.2': 'black: known for spam',
      '127.0.0.4': 'grey: unasked bulk mail',
      '127.0.0.8': 'red: new and suspicious',
    },
    refusals: ['127.0.0.1'],
  },
]

/** What a server offered in its answer to EHLO (RFC 5321 §4.1.1.1), as far as we can use it. */
export interface Capabilities {
  /** False when only HELO was understood. */
  readonly extended: boolean
  readonly pipelining: boolean
  readonly chunking: boolean
  readonly eightBit: boolean
  readonly internationalized: boolean
  readonly starttls: boolean
  /** Largest message in bytes; 0 when the server names none; null when SIZE is not offered (RFC 1870). */
  readonly size: number | null
  readonly auth: readonly string[]
}

export const NO_CAPABILITIES: Capabilities = {
  extended: false,
  pipelining: false,
  chunking: false,
  eightBit: false,
  internationalized: false,
  starttls: false,
  size: null,
  auth: [],
}

/** Reads the reply's text: the first line is the greeting, each other one keyword and its parameters. Unknown ones are passed over. */
export function parseCapabilities(text: string): Capabilities {
  const offered = new Map<string, string>()
  for (const line of text.split('\n').slice(1)) {
    // `AUTH=LOGIN` is how servers older than RFC 2554 wrote it, and some write both.
    const [keyword = '', ...parameters] = line
      .trim()
      .toUpperCase()
      .replace(/^AUTH=/, 'AUTH ')
      .split(/\s+/)
    offered.set(keyword, `${offered.get(keyword) ?? ''} ${parameters.join(' ')}`.trim())
  }
  const size = offered.get('SIZE')
  return {
    extended: true,
    pipelining: offered.has('PIPELINING'),
    chunking: offered.has('CHUNKING'),
    eightBit: offered.has('8BITMIME'),
    internationalized: offered.has('SMTPUTF8'),
    starttls: offered.has('STARTTLS'),
    size: size === undefined ? null : /^\d{1,15}$/.test(size) ? Number(size) : 0,
    auth: [...new Set((offered.get('AUTH') ?? '').split(' ').filter((mechanism) => mechanism !== ''))],
  }
}

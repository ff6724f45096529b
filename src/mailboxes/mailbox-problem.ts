import { type MailboxCause, type MailboxProblem, type MailboxSettings, usualPort } from './mailbox.ts'

/** What our own side of the seam found wrong. */
export class MailboxTrouble extends Error {
  override readonly name = 'MailboxTrouble'
  readonly trouble: MailboxCause

  constructor(trouble: MailboxCause, message: string) {
    super(message)
    this.trouble = trouble
  }
}

interface LibraryError extends Error {
  readonly code?: string
  readonly authenticationFailed?: boolean
  readonly tlsFailed?: boolean
  /** The server's own words. */
  readonly responseText?: string
  readonly response?: string
  readonly serverResponseCode?: string
  readonly responseStatus?: string
}

const NETWORK = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET', 'EPIPE', 'EADDRNOTAVAIL', 'NoConnection'])
const TIMES_OUT = new Set(['CONNECT_TIMEOUT', 'ETIMEDOUT', 'ETIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT'])
const TOO_LARGE = new Set(['LineTooLarge', 'LiteralTooLarge', 'ResponseTooLarge'])
const WORDS_MAX = 300

/** A library's error as one of our causes, in a sentence; null for what is a bug of ours and not an answer of anybody's. */
export function problemOf(error: unknown, { protocol, host, port, security }: MailboxSettings): MailboxProblem | null {
  if (!(error instanceof Error)) return null
  const cause = causeOf(error as LibraryError)
  if (cause === null) return null
  const said = wordsOf(error as LibraryError)
  const at = `${host}:${port}`
  return { cause, ...TOLD[cause]({ at, said, security, protocol }) }
}

function causeOf(error: LibraryError): MailboxCause | null {
  if (error instanceof MailboxTrouble) return error.trouble
  const code = error.code ?? ''
  if (error.authenticationFailed) return 'login'
  if (TOO_LARGE.has(code)) return 'too_large'
  if (error.tlsFailed || /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|STARTTLS|HOSTNAME_MISMATCH|EPROTO)/.test(code))
    return 'encryption'
  if (TIMES_OUT.has(code)) return 'timeout'
  if (NETWORK.has(code) || code.startsWith('ClosedAfterConnect') || code === 'EConnectionClosed') return 'connection'
  if (error.responseStatus === 'NO' || error.serverResponseCode === 'NONEXISTENT' || code === 'NotFound') return 'folder'
  // A bug of ours throws plainly; whatever comes from the library or the socket carries a code or an answer.
  return code !== '' || error.responseStatus !== undefined || error.response !== undefined ? 'protocol' : null
}

/** The server's words where it said any, on one line. */
function wordsOf(error: LibraryError): string {
  const words = (error.responseText ?? error.message).replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
  return words.length > WORDS_MAX ? `${words.slice(0, WORDS_MAX)}…` : words
}

interface Told {
  readonly at: string
  readonly said: string
  readonly security: MailboxSettings['security']
  readonly protocol: MailboxSettings['protocol']
}

function portsOf(protocol: MailboxSettings['protocol']): { name: string; encrypted: number; plain: number } {
  const name = protocol === 'imap' ? 'IMAP' : 'POP3'
  return { name, encrypted: usualPort(protocol, 'tls'), plain: usualPort(protocol, 'none') }
}

const TOLD: Readonly<Record<MailboxCause, (told: Told) => Omit<MailboxProblem, 'cause'>>> = {
  name: ({ said }) => ({
    sentence: `The mail server's name could not be looked up: ${said}.`,
    hint: 'Check how the name is spelled.',
  }),
  private_address: ({ said }) => ({
    sentence: `${said}.`,
    hint: 'Allow private addresses for this mailbox, if that is what you mean.',
  }),
  connection: ({ at, said, protocol }) => {
    const { name, encrypted, plain } = portsOf(protocol)
    return {
      sentence: `${at} could not be reached, or hung up: ${said}.`,
      hint: `Check name and port, and that this server may open connections to it. ${name} listens on ${encrypted} (encrypted) or ${plain}.`,
    }
  },
  encryption: ({ at, said, security, protocol }) => {
    const { encrypted, plain } = portsOf(protocol)
    const where =
      security === 'tls'
        ? `Encryption from the first byte belongs to port ${encrypted}; port ${plain} wants STARTTLS.`
        : `STARTTLS belongs to port ${plain}; port ${encrypted} is encrypted from the first byte.`
    return {
      sentence: `No encrypted connection to ${at} came about: ${said}.`,
      hint: `${where} The name must be the one in the certificate.`,
    }
  },
  login: ({ at, said }) => ({
    sentence: `${at} refused the log-in: ${said}.`,
    hint: 'Check user name and password. Gmail, Yahoo and iCloud want an app password; some providers have IMAP and POP switched off until they are allowed.',
  }),
  folder: ({ said }) => ({ sentence: `A folder could not be opened: ${said}.`, hint: 'It may have been renamed or removed.' }),
  protocol: ({ at, said, protocol }) => ({
    sentence: `${at} answered what could not be understood: ${said}.`,
    hint: `Check that ${protocol === 'imap' ? 'an IMAP' : 'a POP3'} server listens on this port.`,
  }),
  timeout: ({ at, said }) => ({
    sentence: `${at} did not answer in time: ${said}.`,
    hint: 'A firewall may swallow the connection, or the server is very slow. It is tried again by itself.',
  }),
  too_large: ({ at }) => ({
    sentence: `${at} announced more than is ever read at once.`,
    hint: 'This is the server’s fault or an attack; nothing was read.',
  }),
  listing: ({ at, said }) => ({
    sentence: `${at} let us in, and does not say which mails it holds: ${said}.`,
    hint: 'It is tried again by itself. The mailbox may be open in another program, or the server lacks UIDL, without which nobody can tell which mail is new.',
  }),
  secret: () => ({
    sentence: 'The stored secret cannot be opened: WAYBILL_SECRET is not the one it was sealed with.',
    hint: 'Enter the password again, or connect the mailbox anew.',
  }),
  reconnect: ({ said }) => ({
    sentence: `The provider does not let us in any more: ${said}.`,
    hint: 'Connect the mailbox anew: somebody has to sign in at the provider and agree.',
  }),
}

import { type AuthenticationDns, type MailAuthentication, type SmtpClient, UNAUTHENTICATED } from './authentication.ts'
import { checkedAuthentication } from './authentication-checked.ts'
import { toldAuthentication } from './authentication-told.ts'
import type { ParsedMail } from './parse.ts'

export interface ReceivedMail {
  readonly raw: Buffer
  readonly mail: Pick<ParsedMail, 'headers' | 'from'>
  /** The connection it came by; null when it was fetched, handed over or read from a file. */
  readonly client: SmtpClient | null
  /** Hosts of the server that received it before we fetched it. */
  readonly receivers: readonly string[]
}

const LIMIT_MS = 10_000

/**
 * Whether a mail comes from whom it says. What came to us by SMTP we check; of what was fetched we believe the server that received it, and where
 * that says nothing its signatures are checked. Never throws: what cannot be found out in time is not known, and `none` says so.
 */
export async function authenticate(
  received: ReceivedMail,
  dns: AuthenticationDns,
  limitMs: number = LIMIT_MS,
): Promise<MailAuthentication> {
  const { raw, mail, client, receivers } = received
  const told = client === null ? toldAuthentication(mail, receivers) : UNAUTHENTICATED
  if (told.source === 'told') return told
  // Without a connection and a signature there is nothing to check, and nobody is asked.
  if (client === null && !mail.headers.some(({ name }) => /^(?:dkim-signature|arc-seal)$/i.test(name))) return UNAUTHENTICATED
  if (hasLongBlanks(raw)) return notKnown('its headers hold more white space than they may')
  if (hasLongLine(raw)) return notKnown('one of its lines is longer than any program writes')
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<MailAuthentication>((resolve) => {
    timer = setTimeout(() => resolve(notKnown('there was no answer in time')), limitMs)
  })
  try {
    return await Promise.race([checkedAuthentication(raw, client, dns), late])
  } catch {
    return notKnown('it could not be checked')
  } finally {
    clearTimeout(timer)
  }
}

const BLANKS_MAX = 512

/** White space at length within the head: the library takes the square of its length in time, and nothing else has its turn meanwhile. */
function hasLongBlanks(raw: Buffer): boolean {
  let [blanks, lineLength] = [0, 0]
  for (const byte of raw) {
    if (byte === 10 && lineLength === 0) return false
    lineLength = byte === 10 ? 0 : byte === 13 ? lineLength : lineLength + 1
    blanks = byte === 32 || byte === 9 || byte === 10 || byte === 13 ? blanks + 1 : 0
    if (blanks > BLANKS_MAX) return true
  }
  return false
}

const LINE_MAX = 1024 * 1024

/** For a line the library takes the square of its length, too; RFC 5322 §2.1.1 allows 998 characters. */
function hasLongLine(raw: Buffer): boolean {
  for (let at = 0; raw.length - at > LINE_MAX; ) {
    const end = raw.indexOf(10, at)
    if ((end === -1 ? raw.length : end) - at > LINE_MAX) return true
    at = end + 1
  }
  return false
}

function notKnown(detail: string): MailAuthentication {
  return { ...UNAUTHENTICATED, dmarc: [{ result: 'temperror', domain: null, detail }] }
}

import { isEncryptedHop, parseAuthenticationResults, verdictOf } from '../../mail/authentication-results.ts'
import { readReceivedHead } from '../../mail/received-head.ts'
import type { FolderPlace } from '../../mailboxes/mailboxes.ts'
import type { OpenMailbox, RawMail } from '../../mailboxes/open-mailbox.ts'
import { CANARY_HEADER, type SeenAuthentication } from './canary.ts'

/** A mail of ours that was found. */
export interface Sighting {
  readonly token: string
  readonly folder: 'inbox' | 'junk'
  readonly receivedAt: Date | null
  readonly results: SeenAuthentication
}

export interface ReadBack {
  readonly sightings: readonly Sighting[]
  readonly places: readonly FolderPlace[]
}

/** Of the newest mails of a folder, so many are looked at; a seed mailbox gets few. */
const MAILS = 200
const HEAD_BYTES = 64 * 1024
const HEAD_LIMITS = { headerBytes: HEAD_BYTES, headers: 500, addresses: 1 }
const TOKEN = /^[\w-]{10,100}$/

/**
 * Looks through what is new in inbox and spam folder for mails with the header of a canary. What they say is believed only for tokens that
 * somebody asked for. What was found is kept first; only then the mails that were recognised are removed, so that a seed mailbox does not fill up.
 */
export async function readBack(
  open: OpenMailbox,
  known: readonly FolderPlace[],
  sought: ReadonlySet<string>,
  keep: (found: ReadBack) => Promise<void>,
): Promise<void> {
  const folders = await open.folders()
  const junk = folders.find(({ role }) => role === 'junk')?.path
  const read = [await readFolder(open, 'INBOX', 'inbox', known)]
  if (junk !== undefined) read.push(await readFolder(open, junk, 'junk', known))
  const ours = read.map(({ place, found }) => ({ place, found: found.filter(({ sighting }) => sought.has(sighting.token)) }))
  await keep({
    sightings: ours.flatMap(({ found }) => found.map(({ sighting }) => sighting)),
    places: ours.map(({ place }) => place),
  })
  for (const { place, found } of ours) {
    if (found.length === 0) continue
    const { uidValidity } = await open.open(place.path, 'write')
    if (uidValidity === place.uidValidity) await open.remove(found.map(({ uid }) => uid))
  }
}

interface ReadFolder {
  readonly place: FolderPlace
  readonly found: ReadonlyArray<{ readonly uid: number; readonly sighting: Sighting }>
}

async function readFolder(
  open: OpenMailbox,
  path: string,
  role: Sighting['folder'],
  known: readonly FolderPlace[],
): Promise<ReadFolder> {
  const { uidValidity, uidNext } = await open.open(path)
  const place = known.find((each) => each.path === path && each.uidValidity === uidValidity)
  const uids = await open.uidsAfter(place?.lastUid ?? Math.max(0, uidNext - 1 - MAILS), MAILS)
  const mails = await open.heads(uids, HEAD_BYTES)
  const found = mails.flatMap((mail) => {
    const sighting = sightingOf(mail, role)
    return sighting ? [{ uid: mail.uid, sighting }] : []
  })
  // Not beyond what was seen: a mail that came while we read has a UID of its own for the next time.
  return { place: { path, uidValidity, lastUid: Math.max(place?.lastUid ?? 0, ...uids) }, found }
}

export function sightingOf({ raw, receivedAt }: Pick<RawMail, 'raw' | 'receivedAt'>, folder: 'inbox' | 'junk'): Sighting | null {
  const read = readReceivedHead(wholeHead(raw), HEAD_LIMITS)
  if (!read.ok) return null
  const { head } = read
  const token = head.first(CANARY_HEADER.toLowerCase()).trim()
  if (!TOKEN.test(token)) return null
  const received = head.headers.filter(({ name }) => name.toLowerCase() === 'received').map(({ value }) => value)
  return { token, folder, receivedAt, results: authenticationOf(head.headers, received) }
}

/** A body that was cut off is not wanted; only the head is. */
function wholeHead(raw: Buffer): Buffer {
  const end = raw.indexOf('\r\n\r\n')
  return end === -1 ? raw : raw.subarray(0, end + 4)
}

/**
 * The receiver writes its header on top (RFC 8601 §5): only the topmost block of one server counts. Anything below may have come with the mail,
 * and would say what its sender liked.
 */
function authenticationOf(
  headers: ReadonlyArray<{ name: string; value: string }>,
  received: readonly string[],
): SeenAuthentication {
  const parsed = headers.flatMap(({ name, value }) =>
    name.toLowerCase() === 'authentication-results' ? (parseAuthenticationResults(value) ?? []) : [],
  )
  const server = parsed[0]?.server ?? ''
  const results = parsed.filter((each) => each.server === server).flatMap((each) => each.results)
  const verdict = (method: string) => verdictOf({ server, results }, method)
  const tls = received.map(isEncryptedHop).find((each) => each !== null) ?? null
  return { server, spf: verdict('spf'), dkim: verdict('dkim'), dmarc: verdict('dmarc'), tls }
}

import { foldersOf, type ImapClient, mailQuery, toRawMail } from './imap-client.ts'
import { MailboxTrouble } from './mailbox-problem.ts'
import type { Arrival, MailReader } from './open-mailbox.ts'

const KEYS_AT_ONCE = 5_000
/** More rounds than halving 2^32 mails takes. */
const MAX_HALVINGS = 33

/**
 * Reads by UID: flags are nobody's queue. Where the new mail begins is found by halving, since the answer to `UID SEARCH n:*` has no limit and a folder
 * may hold a million.
 */
export function imapReader(client: ImapClient): MailReader {
  const opened = () => {
    const { mailbox } = client
    if (!mailbox) throw new MailboxTrouble('folder', 'no folder is open')
    return mailbox
  }
  const uidAt = async (place: number): Promise<number | null> => {
    const found = await client.fetchOne(String(place), { uid: true })
    return found ? found.uid : null
  }

  /** The sequence number of the first mail above a UID; one past the last where there is none. */
  async function placeAbove(uid: number): Promise<number> {
    let low = 1
    let high = opened().exists + 1
    for (let round = 0; low < high && round < MAX_HALVINGS; round++) {
      const middle = Math.floor((low + high) / 2)
      const found = await uidAt(middle)
      if (found !== null && found <= uid) low = middle + 1
      else high = middle
    }
    return low
  }

  async function keysBetween(range: string, isUid: boolean): Promise<{ uid: number; sizeBytes: number }[]> {
    const found: { uid: number; sizeBytes: number }[] = []
    for await (const { uid, size = 0 } of client.fetch(range, { uid: true, size: true }, { uid: isUid }))
      found.push({ uid, sizeBytes: size })
    return found.sort((a, b) => a.uid - b.uid)
  }

  return {
    folders: () => foldersOf(client),
    async enter(path, mode = 'read') {
      const { uidValidity, uidNext, exists } = await client.mailboxOpen(path, { readOnly: mode === 'read' })
      // UIDNEXT may be missing with old servers (RFC 3501 §6.3.1).
      const lastUid = uidNext > 0 ? uidNext - 1 : exists > 0 ? ((await uidAt(exists)) ?? 0) : 0
      return { path, generation: uidValidity, exists, lastUid }
    },
    async arrivals({ lastUid }, limit) {
      const { path, uidValidity, uidNext, exists } = opened()
      if (exists === 0 || (uidNext > 0 && uidNext - 1 <= lastUid)) return []
      // Usually little is new, and all of it stands at the end.
      const near = Math.max(1, exists - limit + 1)
      const isNear = near === 1 || ((await uidAt(near - 1)) ?? lastUid + 1) <= lastUid
      const first = isNear ? near : await placeAbove(lastUid)
      if (first > opened().exists) return []
      const page = (await keysBetween(`${first}:${Math.min(opened().exists, first + limit - 1)}`, false)).filter(
        ({ uid }) => uid > lastUid,
      )
      const [oldest] = page
      // Sequence numbers stand still between two FETCHes (RFC 9051 §7.5.1). A server that moves them anyway would make us step over mail for ever.
      const before = oldest && oldest.uid > lastUid + 1 ? await keysBetween(`${lastUid + 1}:${oldest.uid - 1}`, true) : []
      return [...before.filter(({ uid }) => uid > lastUid), ...page]
        .slice(0, limit)
        .map(({ uid, sizeBytes }): Arrival => ({ path, generation: uidValidity, key: String(uid), sizeBytes }))
    },
    async fetch({ key }, maxBytes) {
      const found = await client.fetchOne(key, mailQuery(maxBytes), { uid: true })
      return found ? toRawMail(found, maxBytes) : null
    },
    async *keysUpTo(uid) {
      for (let first = 1; first <= opened().exists; first += KEYS_AT_ONCE) {
        const page = await keysBetween(`${first}:${Math.min(opened().exists, first + KEYS_AT_ONCE - 1)}`, false)
        const wanted = page.filter((each) => each.uid <= uid)
        if (wanted.length > 0) yield wanted.map((each) => ({ key: String(each.uid), sizeBytes: each.sizeBytes }))
        if (wanted.length < page.length) return
      }
    },
    async newest() {
      const { path, uidValidity, exists } = opened()
      const [last] = exists > 0 ? await keysBetween(String(exists), false) : []
      return last ? { path, generation: uidValidity, key: String(last.uid), sizeBytes: last.sizeBytes } : null
    },
    markSeen: (keys) => all(keys, 'marked', (range) => client.messageFlagsAdd(range, ['\\Seen'], { uid: true })),
    move: (keys, path) => all(keys, `moved to ${path}`, (range) => client.messageMove(range, path, { uid: true })),
    remove: (keys) => all(keys, 'removed', (range) => client.messageDelete(range, { uid: true })),
  }
}

/** The library answers false where the server said no. */
async function all(keys: readonly string[], what: string, act: (range: string) => Promise<unknown>): Promise<void> {
  if (keys.length > 0 && (await act(keys.join(','))) === false)
    throw new MailboxTrouble('folder', `the mails could not be ${what}`)
}

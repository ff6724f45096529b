import { MailboxTrouble } from '../mailbox-problem.ts'
import type { Arrival, MailReader, RawMail } from '../open-mailbox.ts'
import type { Pop3Session } from './pop3-session.ts'

const PATH = 'INBOX'
const MAX_MAILS = 200_000
const AT_ONCE = 5_000
const HEAD_BYTES = 256 * 1024

interface Listed {
  readonly number: number
  readonly sizeBytes: number
}

/** One folder, no flags, no numbers that last: what is new is what the store of unique ids does not know. */
export function pop3Reader(session: Pop3Session): MailReader {
  let mails: Map<string, Listed> | null = null
  const list = async () => {
    if (mails) return mails
    const uidls = await session.uidl()
    // What is not there has no size, and some servers refuse to say so.
    const sizes = uidls.length === 0 ? new Map<number, number>() : await session.sizes()
    if (uidls.length > MAX_MAILS) throw new MailboxTrouble('too_large', `it has more than ${MAX_MAILS} mails`)
    mails = new Map()
    for (const { number, uidl } of uidls) {
      // RFC 1939 §7 lets a server give identical mails one id. Each is a mail all the same.
      let key = uidl
      for (let copy = 2; mails.has(key); copy++) key = `${uidl} ${copy}`
      mails.set(key, { number, sizeBytes: sizes.get(number) ?? 0 })
    }
    return mails
  }
  const notHere = (what: string) => () => Promise.reject(new MailboxTrouble('protocol', `POP3 cannot ${what}`))

  return {
    folders: async () => [{ path: PATH, role: 'inbox' }],
    enter: async () => ({ path: PATH, generation: 0n, exists: (await list()).size, lastUid: 0 }),
    async arrivals({ unseen }, limit) {
      const listed = await list()
      const keys = await unseen([...listed.keys()])
      return keys
        .slice(0, limit)
        .map((key): Arrival => ({ path: PATH, generation: 0n, key, sizeBytes: listed.get(key)?.sizeBytes ?? 0 }))
    },
    async fetch({ key }, maxBytes) {
      const found = (await list()).get(key)
      if (!found) return null
      const { number, sizeBytes } = found
      const head = sizeBytes > maxBytes ? await session.head(number, Math.min(maxBytes, HEAD_BYTES)) : null
      if (head) return rawMail(number, head, sizeBytes, true)
      // Without TOP the whole has to pass; what is above the limit is dropped on the way.
      const { bytes, isCut } = await session.retrieve(number, maxBytes)
      return rawMail(number, bytes, Math.max(sizeBytes, bytes.length), isCut)
    },
    async *keysUpTo() {
      const keys = [...(await list())].map(([key, { sizeBytes }]) => ({ key, sizeBytes }))
      for (let at = 0; at < keys.length; at += AT_ONCE) yield keys.slice(at, at + AT_ONCE)
    },
    async newest() {
      const last = [...(await list())].at(-1)
      return last ? { path: PATH, generation: 0n, key: last[0], sizeBytes: last[1].sizeBytes } : null
    },
    markSeen: notHere('mark mail as read'),
    move: notHere('move mail'),
    async remove(keys) {
      for (const key of keys) {
        const found = (await list()).get(key)
        if (found) await session.remove(found.number)
        mails?.delete(key)
      }
    },
  }
}

function rawMail(uid: number, raw: Buffer, sizeBytes: number, isCut: boolean): RawMail {
  return { uid, raw, sizeBytes, isCut, receivedAt: null, flags: [] }
}

import { type Database, ENGINE } from '../../db/database.ts'
import type { DeliveryId } from '../../lib/ids.ts'
import { laneReceiver } from '../receivers/receiver.ts'
import { OTHER } from '../receivers/receiver-seeds.ts'
import type { Lane, Picture } from '../routing/picture.ts'
import { fineRulesOf } from '../routing/rule.ts'
import { moveToLane, selectUnsorted } from './queries.ts'

/** Who receives for a domain. */
export interface ReceiverBook {
  /** Asks outside any transaction, within a short time, and never fails: whom nobody knows in time is 'other'. */
  resolve(domains: readonly string[]): Promise<ReadonlyMap<string, string>>
}

const AT_ONCE = 1_000

/**
 * Puts due mail of an unsorted lane into the lanes where it belongs: by who receives for it, and by the fine conditions of the rules as they are
 * now. Returns how many it looked at; fewer than asked for means that it is done.
 */
export async function sortLane(database: Database, book: ReceiverBook, lane: Lane, picture: Picture, now: Date): Promise<number> {
  const unsorted = await selectUnsorted(database.db, lane, AT_ONCE, now)
  if (unsorted.length === 0) return 0
  const domainOf = (recipient: string) => recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase()
  const receivers = await book.resolve([...new Set(unsorted.map(({ recipient }) => domainOf(recipient)))])
  const places = new Map<string, { receiver: string; fine: readonly string[]; ids: DeliveryId[] }>()
  for (const { id, recipient, tags, sizeBytes } of unsorted) {
    const recipientDomain = domainOf(recipient)
    const receiver = laneReceiver(receivers.get(recipientDomain) ?? OTHER)
    const fine = fineRulesOf(picture.rules, { tags, sizeBytes, recipientDomain })
    const key = `${receiver} ${fine.join(' ')}`
    const place = places.get(key)
    if (place) place.ids.push(id)
    else places.set(key, { receiver, fine, ids: [id] })
  }
  const { stream, fromDomain, viaRoute, mailingId } = lane
  await database.transaction(ENGINE, async (tx) => {
    for (const { receiver, fine, ids } of places.values()) {
      await moveToLane(tx, lane, { stream, fromDomain, receiver, fine, sortedBy: picture.fineVersion, viaRoute, mailingId }, ids)
    }
  })
  return unsorted.length
}

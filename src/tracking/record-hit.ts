import type { Database } from '../db/database.ts'
import { findTracked } from '../delivery/reading/read.ts'
import { type DeliveryId, newId } from '../lib/ids.ts'
import { classify, type Request } from './classify.ts'
import type { NewHit } from './hit.ts'
import { findLink } from './links.ts'
import { insertHit } from './queries.ts'

const MAX_HITS_A_DELIVERY = 100
const MAX_USER_AGENT = 200

export type Asked = Omit<Request, 'kind' | 'msSinceSent'>

/** Somebody follows a link. Answers where it leads; null when nothing of ours is there. Writes at most one hit, and changes nothing else. */
export async function follow(
  database: Database,
  deliveryId: DeliveryId,
  link: number,
  asked: Asked,
  now: Date,
  onTrouble: (error: unknown) => void,
): Promise<string | null> {
  const delivery = await findTracked(database.db, deliveryId)
  if (!delivery) return null
  const { workspaceId, tracking } = delivery
  const url = await findLink(database.db, workspaceId, tracking.linkSet, link)
  // Whoever follows a link gets there, also when what is seen cannot be written down.
  if (url !== null && tracking.clicks)
    await write(database, deliveryId, delivery, { kind: 'click', link }, asked, now).catch(onTrouble)
  return url
}

/** Somebody asks for the picture. */
export async function open(database: Database, deliveryId: DeliveryId, asked: Asked, now: Date): Promise<void> {
  const delivery = await findTracked(database.db, deliveryId)
  if (delivery?.tracking.opens) await write(database, deliveryId, delivery, { kind: 'open', link: null }, asked, now)
}

type Delivery = NonNullable<Awaited<ReturnType<typeof findTracked>>>
type What = { readonly kind: 'click'; readonly link: number } | { readonly kind: 'open'; readonly link: null }

async function write(
  database: Database,
  deliveryId: DeliveryId,
  { workspaceId, messageId, tracking, sentAt }: Delivery,
  { kind, link }: What,
  asked: Asked,
  now: Date,
): Promise<void> {
  const msSinceSent = sentAt && now.getTime() - sentAt.getTime()
  const hit = {
    workspaceId,
    deliveryId,
    id: newId<NewHit['id']>(now.getTime()),
    messageId,
    kind,
    linkSet: tracking.linkSet,
    link,
    at: now,
    who: classify({ ...asked, kind, msSinceSent }),
    userAgent: asked.userAgent.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_USER_AGENT),
  }
  await insertHit(database.db, hit, MAX_HITS_A_DELIVERY)
}

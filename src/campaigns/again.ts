import { ENGINE, type Tx } from '../db/database.ts'
import { MAX_CHUNK } from '../delivery/mailings/mailing.ts'
import { sendFailedAgain } from '../delivery/mailings/send-failed-again.ts'
import { asVariant } from './ab/as-variant.ts'
import type { Campaign } from './campaign.ts'
import { chunkOf } from './prepare/fill.ts'
import type { PrepareDeps } from './prepare/step.ts'
import { giveDeliveries, lockCampaign, saveCampaign, selectFilled } from './queries.ts'

/** One step of sending again what failed: the next thousand people are looked at. False when nothing is left to look at. */
export async function againStep({ database, blobs }: PrepareDeps, seen: Campaign, now: Date): Promise<boolean> {
  return await database.transaction(ENGINE, async (tx) => {
    const campaign = await lockCampaign(tx, seen.workspaceId, seen.id)
    return campaign?.again ? await sendNext(tx, blobs, campaign, campaign.again, now) : false
  })
}

async function sendNext(
  tx: Tx,
  blobs: PrepareDeps['blobs'],
  campaign: Campaign,
  again: NonNullable<Campaign['again']>,
  now: Date,
): Promise<boolean> {
  const filled = await selectFilled(tx, campaign, campaign.againCursor, MAX_CHUNK)
  if (filled.length === 0) {
    await saveCampaign(tx, { ...campaign, again: null, againCursor: null, movedAt: now })
    return false
  }
  let done = 0
  for (const [variant, group] of Map.groupBy(filled, (one) => one.variant ?? 0)) {
    const contactOf = new Map(group.map(({ contactId, deliveryId }) => [deliveryId, contactId]))
    const chunk = { ...chunkOf(asVariant(campaign, variant), [], now), actor: again.actor }
    const replaced = await sendFailedAgain(tx, blobs, chunk, [...contactOf.keys()], again.classes, now)
    const given = [...replaced].flatMap(([old, deliveryId]) => {
      const contactId = contactOf.get(old)
      return contactId ? [{ contactId, deliveryId }] : []
    })
    if (given.length > 0) await giveDeliveries(tx, campaign, given, { isAgain: true })
    done += given.length
  }
  const againCursor = filled.at(-1)?.contactId ?? null
  await saveCampaign(tx, { ...campaign, again: { ...again, done: again.done + done }, againCursor, movedAt: now })
  return true
}

/** Whoever has had as many mails of campaigns as the workspace wants anybody to get is left out of the next one, by name, before it is sent. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import { findList } from '../../contacts/lists.ts'
import type { Tx } from '../../db/database.ts'
import { takeTurn } from '../../db/turns.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { DAY, HOUR } from '../../lib/clock.ts'
import type { Campaign } from '../campaign.ts'
import { type Cap, MAX_CAPS } from './cap.ts'
import { hadEnough, insertCaps, type Limit, selectCaps, selectCounting } from './queries.ts'

export { selectCaps as listCaps } from './queries.ts'

const TURN = 'campaign_cap'

/** All of them at once; what is not named is no limit any more. */
export async function setCaps(tx: Tx, caps: readonly Cap[], actor: Actor, now: Date): Promise<Cap[]> {
  const { workspaceId } = actor
  if (caps.length > MAX_CAPS) throw wrong('/items', `There are at most ${MAX_CAPS} limits.`)
  for (const [i, { listId }] of caps.entries()) {
    if (caps.findIndex((other) => other.listId === listId) !== i)
      throw wrong(`/items/${i}/list_id`, listId ? 'This list has two limits.' : 'There are two limits for all campaigns.')
    if (listId && !(await findList(tx, workspaceId, listId)))
      throw wrong(`/items/${i}/list_id`, 'There is no such list in this workspace.')
  }
  await takeTurn(tx, TURN, workspaceId)
  await insertCaps(tx, workspaceId, caps, now)
  await append(
    tx,
    { type: 'campaign.caps_changed', workspaceId, actor: actorReference(actor), data: { limits: caps.length } },
    now,
  )
  return await selectCaps(tx, workspaceId)
}

type Capped = Pick<Campaign, 'workspaceId' | 'audience' | 'capExempt'> & { readonly id: Campaign['id'] | null }

/** Deliveries are told to people's activity a little later; until then a campaign that is over counts as one under way. */
const TOLD_WITHIN = HOUR

/**
 * Whether somebody of a statement has had enough. Mail that waits counts as one they get. Two campaigns that are frozen at the same moment take turns,
 * so that each sees whom the other took.
 */
export async function cappedFor(tx: Tx, campaign: Capped, now: Date): Promise<ReturnType<typeof hadEnough>> {
  const caps = campaign.capExempt ? [] : (await selectCaps(tx, campaign.workspaceId)).filter((cap) => holdsFor(cap, campaign))
  if (caps.length > 0 && campaign.id !== null) await takeTurn(tx, TURN, campaign.workspaceId)
  const limits: Limit[] = []
  for (const { listId, mails, days } of caps) {
    const since = new Date(now.getTime() - days * DAY)
    const counting = await selectCounting(tx, campaign, { since, listId, toldSince: new Date(now.getTime() - TOLD_WITHIN) })
    if (counting.length >= mails) limits.push({ mails, since, counting })
  }
  return hadEnough(campaign.workspaceId, limits)
}

function holdsFor({ listId }: Cap, { audience }: Capped): boolean {
  return listId === null || audience.lists.includes(listId)
}

function wrong(pointer: string, why: string): Refusal {
  return new Refusal('invalid_request', { pointer, why })
}

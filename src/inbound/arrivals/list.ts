/** What came in, as far as somebody may see it. */
import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { type Reach, reachOf } from '../../helpdesk/access/reach.ts'
import { type ConversationPlace, placesOf } from '../../helpdesk/reading/places.ts'
import type { InboxId } from '../../lib/ids.ts'
import { withinOf } from './act.ts'
import type { ArrivalFilter, Arrived } from './arrival.ts'
import {
  type ArrivalPage,
  countOutcomes,
  countQuarantined,
  type OutcomeCount,
  type QuarantineCount,
  selectArrivals,
} from './queries.ts'

export interface ShownArrival<A extends Arrived = Arrived> {
  readonly arrived: A
  readonly conversation: ConversationPlace | null
  /** It is in a conversation that they may not reach: who wrote and what of is not theirs to know. */
  readonly isHidden: boolean
}

export async function listArrivals(tx: Tx, actor: Actor, filter: ArrivalFilter, page: ArrivalPage): Promise<ShownArrival[]> {
  const reach = await reachOf(tx, actor)
  const found = await selectArrivals(tx, actor.workspaceId, withinOf(reach), filter, page)
  return await withConversations(tx, actor, found, reach)
}

export async function withConversations<A extends Arrived>(
  tx: Tx,
  { workspaceId }: Actor,
  arrivals: readonly A[],
  reach: Reach,
): Promise<ShownArrival<A>[]> {
  const ids = arrivals.flatMap(({ conversationId }) => conversationId ?? [])
  const places = await placesOf(tx, workspaceId, ids, reach)
  return arrivals.map((arrived) => {
    const { conversationId } = arrived
    const conversation = conversationId === null ? null : (places.get(conversationId) ?? null)
    // For those who reach everything it is gone; for all others it may as well be elsewhere.
    return { arrived, conversation, isHidden: !reach.all && conversationId !== null && conversation === null }
  })
}

export async function countPutAside(tx: Tx, actor: Actor): Promise<QuarantineCount[]> {
  return await countQuarantined(tx, actor.workspaceId, withinOf(await reachOf(tx, actor)))
}

export async function countArrivals(
  tx: Tx,
  actor: Actor,
  inboxId: InboxId | 'none' | null,
  since: Date,
): Promise<OutcomeCount[]> {
  return await countOutcomes(tx, actor.workspaceId, withinOf(await reachOf(tx, actor)), inboxId, since)
}

import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { storyOf } from '../../events/story.ts'
import type { DeliveryId, MessageId, WorkspaceId } from '../../lib/ids.ts'
import type { Attempt } from '../attempt.ts'
import { actionsOf } from '../delivery.ts'
import { obstacleOf, waysOf } from '../routing/choose.ts'
import type { Picture } from '../routing/picture.ts'
import { readPictures } from '../routing/read-picture.ts'
import type { Stream } from '../stream.ts'
import {
  countOf,
  type DeliveryFilter,
  type DeliveryRow,
  type Page,
  selectAttempts,
  selectDeliveries,
  selectMessage,
  selectOverdueLanes,
  selectWaitingLanes,
} from './queries.ts'
import type { DeliverySummary, MessageStory } from './story.ts'

export {
  type DeliveryFilter,
  type MailOfDelivery,
  type Page,
  type StreamQueue,
  selectMailOfDelivery as findMailOfDelivery,
  selectMailsOfDeliveries as findMailsOfDeliveries,
  selectMessages as listMessages,
  selectQueues as listQueues,
  selectTracked as findTracked,
  type TrackedDelivery,
} from './queries.ts'

/** What a page shows of one message: more recipients or lines than this are reached through the lists. */
const MAX_DELIVERIES = 1_000
const MAX_ATTEMPTS = 5_000
const MAX_EVENTS = 5_000

/** Deliveries that a filter leaves, newest first. */
export async function listDeliveries(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  filter: DeliveryFilter,
  page: Page,
  now: Date,
): Promise<DeliverySummary[]> {
  if ((filter.states || filter.stream) && (await countOf(db, workspaceId, filter)) === 0) return []
  return explained(db, workspaceId, await selectDeliveries(db, workspaceId, filter, page), now)
}

/**
 * The waybill: a message, each of its deliveries, every attempt and every event. Recipients of a mailing have nothing to do with one another: `only` is
 * the one that it is about then, and means nothing elsewhere.
 */
export async function readMessage(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: MessageId,
  now: Date,
  only: DeliveryId | null = null,
): Promise<MessageStory> {
  const message = await selectMessage(db, workspaceId, id)
  if (!message) throw new Refusal('not_found', { what: 'message' })
  const one = message.mailingId ? only : null
  const filter = { messageId: id, ...(one && { id: one }) }
  const rows = await selectDeliveries(db, workspaceId, filter, { after: null, limit: MAX_DELIVERIES })
  if (one && rows.length === 0) throw new Refusal('not_found', { what: 'delivery' })
  const summaries = await explained(db, workspaceId, rows, now)
  const attempts = await selectAttempts(
    db,
    workspaceId,
    summaries.map((summary) => summary.id),
    MAX_ATTEMPTS,
  )
  const events = await storyOf(db, workspaceId, id, MAX_EVENTS, one)
  return {
    ...message,
    deliveries: summaries.reverse().map((summary) => ({
      ...summary,
      attempts: attempts.filter((attempt) => attempt.deliveryId === summary.id),
      events: events.filter((event) => event.deliveryId === summary.id),
      actions: actionsOf(summary),
    })),
    events: events.filter((event) => event.deliveryId === null),
  }
}

export interface DeliveryWithAnswer extends DeliverySummary {
  /** What the server said that took it, in its words. */
  readonly accepted: string | null
}

/** The deliveries of some messages, by message: how each of them stands now. */
export async function deliveriesOfMessages(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  messageIds: readonly MessageId[],
  now: Date,
): Promise<ReadonlyMap<MessageId, readonly DeliveryWithAnswer[]>> {
  if (messageIds.length === 0) return new Map()
  const rows = await selectDeliveries(db, workspaceId, { messageIds }, { after: null, limit: MAX_DELIVERIES })
  const gone = rows.filter(({ state }) => state === 'sent' || state === 'delivered').map(({ id }) => id)
  const attempts = gone.length === 0 ? [] : await selectAttempts(db, workspaceId, gone, MAX_ATTEMPTS)
  const answers = new Map(
    attempts
      .filter(({ outcome }) => outcome === 'accepted')
      .map(({ deliveryId, code, enhanced, text }) => [deliveryId, [code, enhanced, text].filter(Boolean).join(' ')]),
  )
  const deliveries = (await explained(db, workspaceId, rows, now)).reverse()
  return Map.groupBy(
    deliveries.map((delivery) => ({ ...delivery, accepted: answers.get(delivery.id) ?? null })),
    ({ messageId }) => messageId,
  )
}

/** A delivery with its latest try: what whoever waits for it goes by. */
export interface DeliveryEnd
  extends Pick<DeliveryRow, 'id' | 'messageId' | 'recipient' | 'state' | 'reason' | 'policy' | 'attempt' | 'settledAt'> {
  readonly last: Attempt | null
}

/** The deliveries of some messages, in the order in which they were written down; why they wait is not asked. */
export async function endsOfMessages(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  messageIds: readonly MessageId[],
): Promise<DeliveryEnd[]> {
  if (messageIds.length === 0) return []
  const rows = await selectDeliveries(db, workspaceId, { messageIds }, { after: null, limit: MAX_DELIVERIES })
  const tried = rows.filter(({ attempt }) => attempt > 0).map(({ id }) => id)
  const attempts = tried.length === 0 ? [] : await selectAttempts(db, workspaceId, tried, MAX_ATTEMPTS)
  const last = new Map<string, Attempt>()
  for (const one of attempts) if (one.attempt >= (last.get(one.deliveryId)?.attempt ?? 0)) last.set(one.deliveryId, one)
  return rows.map((row) => ({ ...row, last: last.get(row.id) ?? null })).reverse()
}

export async function readDelivery(db: Db | Tx, workspaceId: WorkspaceId, id: DeliveryId, now: Date): Promise<DeliverySummary> {
  const rows = await selectDeliveries(db, workspaceId, { id }, { after: null, limit: 1 })
  const [delivery] = await explained(db, workspaceId, rows, now)
  if (!delivery) throw new Refusal('not_found', { what: 'delivery' })
  return delivery
}

/** What waits and why: asked of the same rules that serve it, so that a page and the dispatcher cannot tell different stories. */
async function explained(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  rows: readonly DeliveryRow[],
  now: Date,
): Promise<DeliverySummary[]> {
  const waits = rows.some((row) => row.state === 'queued')
  const picture = waits ? (await readPictures(db, new Set([workspaceId]))).get(workspaceId) : undefined
  return rows.map(({ lane: _, ...row }, i) => ({
    ...row,
    waitingOn: picture ? waitingOn(rows[i] as DeliveryRow, picture, now) : null,
  }))
}

function waitingOn({ state, dueAt, lane }: DeliveryRow, picture: Picture, now: Date): DeliverySummary['waitingOn'] {
  if (state !== 'queued' || !lane || (dueAt && dueAt > now)) return null
  const obstacle = obstacleOf(waysOf(picture, lane, now))
  return obstacle && { route: obstacle.route, sentence: obstacle.sentence, nextTryAt: obstacle.until }
}

/** What most of a stream's waiting mail waits for. */
export interface Stall {
  readonly sentence: string
  readonly waiting: number
}

export interface Waiting {
  /** How many deliveries wait for each route: those it would take at this moment, or that wait for it. */
  readonly byRoute: ReadonlyMap<string, number>
  readonly stalls: ReadonlyMap<Stream, Stall>
}

export async function readWaiting(db: Db | Tx, workspaceId: WorkspaceId, now: Date): Promise<Waiting> {
  const lanes = await selectWaitingLanes(db, workspaceId)
  const picture = (await readPictures(db, new Set([workspaceId]))).get(workspaceId)
  const byRoute = new Map<string, number>()
  const bySentence = new Map<string, Stall & { readonly stream: Stream }>()
  for (const lane of picture ? lanes : []) {
    const ways = waysOf(picture as Picture, lane, now)
    const obstacle = obstacleOf(ways)
    const taker = ways.open.find((way) => way.weight > 0) ?? ways.open[0] ?? ways.probes[0]?.way
    const id = taker?.route.id ?? obstacle?.route?.id
    if (id) byRoute.set(id, (byRoute.get(id) ?? 0) + lane.n)
    if (!obstacle) continue
    const key = `${lane.stream} ${obstacle.sentence}`
    const waiting = (bySentence.get(key)?.waiting ?? 0) + lane.n
    bySentence.set(key, { stream: lane.stream, sentence: obstacle.sentence, waiting })
  }
  const fewestFirst = [...bySentence.values()].sort((a, b) => a.waiting - b.waiting)
  return { byRoute, stalls: new Map(fewestFirst.map(({ stream, sentence, waiting }) => [stream, { sentence, waiting }])) }
}

export async function countWaiting(db: Db | Tx, workspaceId: WorkspaceId, now: Date): Promise<ReadonlyMap<string, number>> {
  return (await readWaiting(db, workspaceId, now)).byRoute
}

/** The oldest delivery of each stream that was due before then though nothing stands in its way: no circuit, limit or rule explains its wait. */
export async function oldestUnexplained(
  db: Db | Tx,
  workspaceId: WorkspaceId | null,
  before: Date,
  now: Date,
): Promise<{ readonly stream: Stream; readonly dueAt: Date }[]> {
  const lanes = await selectOverdueLanes(db, workspaceId, before)
  const pictures = await readPictures(db, new Set(lanes.map((lane) => lane.workspaceId)))
  const flowing = lanes.filter((lane) => {
    const picture = pictures.get(lane.workspaceId)
    return picture !== undefined && waysOf(picture, lane, now).open.length > 0
  })
  return [...Map.groupBy(flowing, ({ stream }) => stream)].flatMap(([stream, [first]]) =>
    first ? [{ stream, dueAt: first.dueAt }] : [],
  )
}

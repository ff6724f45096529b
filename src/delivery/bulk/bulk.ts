import type { BlobStore } from '../../blobs/blob-store.ts'
import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { SECOND } from '../../lib/clock.ts'
import { type BulkActId, newId, type RouteId, type WorkspaceId } from '../../lib/ids.ts'
import { actOnLocked } from '../acts/act.ts'
import { sendAgain } from '../acts/send-again.ts'
import { findRoute } from '../routes/manage.ts'
import { type BulkAct, type BulkFilter, type BulkKind, statesFor } from './bulk-act.ts'
import {
  type Chosen,
  endBulkAct,
  insertBulkAct,
  lockNext,
  lockRunning,
  rerouteDeliveries,
  saveProgress,
  selectBulkAct,
  selectPreview,
} from './queries.ts'

export { selectBulkAct as findBulkAct, selectBulkActs as listBulkActs } from './queries.ts'

const STEP = 500
const MAX_STEPS_A_RUN = 40

export interface BulkPreview {
  readonly matched: number
  readonly byReceiver: readonly { receiver: string | null; n: number }[]
  readonly examples: Awaited<ReturnType<typeof selectPreview>>['examples']
}

/** How many it would be, whom, and what they look like. Changes nothing. */
export async function previewBulk(tx: Tx, workspaceId: WorkspaceId, kind: BulkKind, filter: BulkFilter): Promise<BulkPreview> {
  const states = statesFor(kind, filter)
  if (states.length === 0) return { matched: 0, byReceiver: [], examples: [] }
  const preview = await selectPreview(tx, workspaceId, { kind, filter, states })
  return { matched: preview.byReceiver.reduce((sum, { n }) => sum + n, 0), ...preview }
}

export interface BulkWish {
  readonly kind: BulkKind
  readonly filter: BulkFilter
  readonly routeId: RouteId | null
  /** What the preview said; refused when it is not what is found now. Null: whatever it is. */
  readonly expected: number | null
}

export async function startBulk(
  tx: Tx,
  workspaceId: WorkspaceId,
  wish: BulkWish,
  actor: string | null,
  now: Date,
): Promise<BulkAct> {
  if (wish.routeId && !(await findRoute(tx, workspaceId, wish.routeId)))
    throw new Refusal('invalid_request', { pointer: '/route_id', why: 'There is no such route in this workspace.' })
  const { matched } = await previewBulk(tx, workspaceId, wish.kind, wish.filter)
  if (matched === 0) throw new Refusal('nothing_to_do', { of: 'the deliveries that fit', action: DONE[wish.kind] })
  if (wish.expected !== null && wish.expected !== matched)
    throw new Refusal('preview_is_old', { expected: wish.expected, found: matched })
  const act: BulkAct = {
    id: newId<BulkActId>(now.getTime()),
    workspaceId,
    kind: wish.kind,
    filter: wish.filter,
    routeId: wish.routeId,
    state: 'running',
    matched,
    done: 0,
    passedOver: 0,
    cursor: null,
    actor,
    createdAt: now,
    finishedAt: null,
  }
  await insertBulkAct(tx, act)
  await append(tx, { type: 'bulk_act.started', workspaceId, subjectId: act.id, actor, data: { kind: act.kind, matched } }, now)
  return act
}

const DONE: Readonly<Record<BulkKind, string>> = {
  retry: 'tried now',
  hold: 'held',
  release: 'released',
  cancel: 'cancelled',
  reroute: 'given another route',
  replay: 'sent again',
}

/** What is done stays done; the rest is left as it is. */
export async function stopBulk(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: BulkActId,
  actor: string | null,
  now: Date,
): Promise<BulkAct> {
  const act = await selectBulkAct(tx, workspaceId, id)
  if (!act) throw new Refusal('not_found', { what: 'act' })
  if (await endBulkAct(tx, act, 'stopped', now))
    await append(
      tx,
      { type: 'bulk_act.stopped', workspaceId, subjectId: id, actor, data: { kind: act.kind, done: act.done } },
      now,
    )
  return (await selectBulkAct(tx, workspaceId, id)) ?? act
}

/** Goes on with what people began. Each step is a transaction that moves the cursor with the work, so that no delivery is met twice. */
export function bulkJob(database: Database, blobs: BlobStore, wake: () => void): PeriodicJob {
  return {
    name: 'delivery.bulk_acts',
    everyMs: SECOND,
    async run(now) {
      for (let steps = 0; steps < MAX_STEPS_A_RUN; steps++) {
        if (!(await database.transaction(ENGINE, (tx) => bulkStep(tx, blobs, now)))) return
        wake()
      }
    },
  }
}

/** False when there is nothing to do. */
async function bulkStep(tx: Tx, blobs: BlobStore, now: Date): Promise<boolean> {
  const act = await lockRunning(tx)
  if (!act) return false
  const chosen = await lockNext(tx, act, statesFor(act.kind, act.filter), STEP)
  const done = await perform(tx, blobs, act, chosen, now)
  await saveProgress(tx, act, { cursor: chosen.at(-1)?.id ?? null, done, passedOver: chosen.length - done })
  if (chosen.length < STEP && (await endBulkAct(tx, act, 'done', now))) {
    const data = { kind: act.kind, done: act.done + done }
    await append(tx, { type: 'bulk_act.finished', workspaceId: act.workspaceId, subjectId: act.id, actor: act.actor, data }, now)
  }
  return true
}

async function perform(tx: Tx, blobs: BlobStore, act: BulkAct, chosen: readonly Chosen[], now: Date): Promise<number> {
  if (chosen.length === 0) return 0
  const { workspaceId, actor } = act
  if (act.kind === 'replay') return await replay(tx, blobs, act, chosen, now)
  if (act.kind !== 'reroute') {
    const ids = chosen.map((delivery) => delivery.id)
    return await actOnLocked(tx, workspaceId, ids, act.kind, actor, now)
  }
  const ids = chosen.map((delivery) => delivery.id)
  const moved = await rerouteDeliveries(tx, workspaceId, ids, act.routeId)
  const route = act.routeId && (await findRoute(tx, workspaceId, act.routeId))
  await append(
    tx,
    chosen
      .filter(({ id }) => moved.has(id))
      .map(({ id, messageId }) => ({
        type: 'delivery.rerouted' as const,
        workspaceId,
        messageId,
        deliveryId: id,
        actor,
        data: { bulk_act_id: act.id, ...(route && { route: route.name, route_id: route.id }) },
      })),
    now,
  )
  return moved.size
}

/** One new message for each message, to those of its recipients who are meant: same content, same Message-ID, and whose repetition it is. */
async function replay(tx: Tx, blobs: BlobStore, act: BulkAct, chosen: readonly Chosen[], now: Date): Promise<number> {
  for (const [messageId, group] of Map.groupBy(chosen, (delivery) => delivery.messageId)) {
    const recipients = group.map((delivery) => delivery.recipient)
    await sendAgain(tx, blobs, act.workspaceId, messageId, recipients, act.actor, now, { viaRoute: act.routeId })
  }
  return chosen.length
}

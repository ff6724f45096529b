import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { EventType, NewEvent } from '../../events/event.ts'
import type { Failure } from '../../mail/failure.ts'
import type { SmtpReply } from '../../mail/smtp-reply.ts'
import { mayBeAboutTheMessage, opensCircuit, type Settled, settle } from '../delivery.ts'
import type { SendOutcome, Trace } from '../outcome.ts'
import { OTHER } from '../receivers/receiver-seeds.ts'
import { recordRouteFailure, recordRouteWorks } from '../routes/record-circuit.ts'
import { learnFromVerdicts } from '../suppression/learn.ts'
import { type Batch, type Finished, type Recorded, receiverOf } from './finished.ts'
import { countRefusals, insertMarks, type SentBatch, type SettleRow, settleBatch, settleSent } from './queries.ts'
import { returnUnused } from './return-unused.ts'
import { recordReceivers } from './settle-receivers.ts'

const MAX_TEXT = 2_000
/** As many refusals of its route may meet one delivery after MAIL before they are taken as its own. */
const REFUSALS_OF_A_ROUTE = 2

/**
 * The only way out of `sending`: deliveries, attempts, events, what the route has shown of itself, and addresses that take no mail, in one
 * transaction. Late answers (the delivery was taken over) leave no trace but their count, which is returned.
 */
export async function recordOutcomes(tx: Tx, wholeBatch: Batch, random: () => number, now: Date): Promise<Recorded> {
  const { batch, aboutRoute } = await withoutOldRefusals(tx, wholeBatch)
  const written = await writeSent(tx, batch, now)
  const others = batch.finished.filter((finished) => finished.outcome.kind !== 'accepted')
  const settled = others.map((finished) => ({
    finished,
    settled: settle(
      { ...finished.delivery, expiresAt: new Date(finished.delivery.expiresAtMs), stream: finished.serving.lane.stream },
      finished.outcome,
      random(),
      now,
      { hasReceiverCircuit: receiverOf(finished) !== OTHER, hasOtherWays: finished.serving.hasOtherWays },
    ),
  }))
  if (settled.length > 0) {
    for (const id of await settleBatch(
      tx,
      { ...batch, rows: settled.map(({ finished, settled }) => toRow(finished, settled)) },
      now,
    ))
      written.add(id)
  }
  // What was sent has its events already: they are part of its statement.
  await append(
    tx,
    settled.flatMap(({ finished, settled: to }) => (written.has(finished.delivery.id) ? toEvent(batch, finished, to) : [])),
    now,
  )
  await learnFromVerdicts(
    tx,
    batch.workspaceId,
    settled.flatMap(({ finished: { outcome, delivery } }) => {
      if ((outcome.kind !== 'rejected' && outcome.kind !== 'deferred') || !written.has(delivery.id)) return []
      const { failure } = outcome
      const evidence = {
        address: delivery.recipient,
        deliveryId: delivery.id,
        note: failure.sentence,
        reply: failure.reply?.text ?? '',
      }
      return [{ ...evidence, failure, isFinal: outcome.kind === 'rejected' }]
    }),
    now,
  )
  const verdict = verdictOnRoute(aboutRoute)
  const route = { workspaceId: batch.workspaceId, id: batch.routeId, version: batch.routeVersion }
  if (verdict === 'works' && batch.circuitInDoubt) await recordRouteWorks(tx, route, now)
  if (verdict && verdict !== 'works') await recordRouteFailure(tx, route, verdict, random(), now)
  await returnUnused(tx, batch, now)
  return {
    late: batch.finished.length - written.size,
    verdict: verdict && (verdict === 'works' ? 'works' : 'refused'),
    ...(await recordReceivers(tx, batch, random, now)),
  }
}

/**
 * A refusal of the whole route that one delivery hears again and again at its own MAIL or RCPT, while the route is proven in between, is about
 * that delivery: from then on it is put off by itself and says nothing about the route. Else one recipient could keep a route closed.
 */
async function withoutOldRefusals(tx: Tx, batch: Batch): Promise<{ batch: Batch; aboutRoute: readonly Finished[] }> {
  const suspects = batch.finished.filter(({ outcome }) => outcome.kind === 'blocked' && mayBeAboutTheMessage(outcome.failure))
  if (suspects.length === 0) return { batch, aboutRoute: batch.finished }
  const ids = suspects.map(({ delivery }) => delivery.id)
  const counts = await countRefusals(tx, batch.workspaceId, ids)
  const isOld = ({ delivery }: Finished) => (counts.get(delivery.id) ?? 0) >= REFUSALS_OF_A_ROUTE
  const finished = batch.finished.map((one): Finished => {
    if (one.outcome.kind !== 'blocked' || !isOld(one)) return one
    return { ...one, outcome: { kind: 'deferred', failure: { ...one.outcome.failure, scope: 'message' } } }
  })
  return { batch: { ...batch, finished }, aboutRoute: batch.finished.filter((one) => !isOld(one)) }
}

/** What was taken, grouped by hop and words: usually one group. */
async function writeSent(tx: Tx, batch: Batch, now: Date): Promise<Set<string>> {
  const groups = new Map<string, { first: Finished; reply: SmtpReply; rows: SentBatch['rows'][number][] }>()
  const since = batch.finished[0]?.startedAt ?? now
  for (const finished of batch.finished) {
    const { outcome, trace, delivery } = finished
    if (outcome.kind !== 'accepted') continue
    const key = `${trace.address} ${trace.port} ${trace.tls?.cipher} ${outcome.reply.code} ${outcome.reply.enhanced}`
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { first: finished, reply: outcome.reply, rows: [] }))
    group.rows.push({
      id: delivery.id,
      attempt: delivery.attempt,
      startedMs: finished.startedAt.getTime() - since.getTime(),
      durationMs: durationOf(finished),
      text: cut(outcome.reply.text),
      stagesMs: JSON.stringify(trace.stagesMs),
      receiver: receiverOf(finished),
    })
  }
  const marks = marksOf(batch)
  if (marks.length > 0) await insertMarks(tx, marks, now)
  const written = new Set<string>()
  for (const { first, reply, rows } of groups.values()) {
    const { trace } = first
    const hop = { host: trace.host, address: trace.address, port: trace.port, tls: tlsText(trace) }
    for (const id of await settleSent(tx, { ...batch, hop, code: reply.code, enhanced: reply.enhanced, since, rows }, now))
      written.add(id)
  }
  return written
}

function marksOf(batch: Batch): Parameters<typeof insertMarks>[1] {
  return batch.finished.flatMap(({ outcome, delivery }) =>
    outcome.kind === 'accepted' && outcome.mark
      ? [
          {
            workspace_id: batch.workspaceId,
            route_id: batch.routeId,
            provider_id: outcome.mark.providerId,
            delivery_id: delivery.id,
            message_id: delivery.messageId,
            wire_message_id: outcome.mark.messageIdOnWire,
          },
        ]
      : [],
  )
}

function tlsText({ tls }: Trace): string | null {
  return tls && `${tls.version} ${tls.cipher}${tls.verified ? '' : ' (certificate not verified)'}`
}

/** PostgreSQL takes no half of a character. */
function cut(text: string): string {
  return text.slice(0, MAX_TEXT).toWellFormed()
}

function durationOf(finished: Finished): number {
  return Math.max(0, Math.round(finished.finishedAt.getTime() - finished.startedAt.getTime()))
}

/** The latest word in a batch counts: an answer about a message proves the route, a refusal of the whole route opens its circuit. */
function verdictOnRoute(finished: readonly Finished[]): 'works' | Failure | null {
  for (let i = finished.length - 1; i >= 0; i--) {
    const outcome = finished[i]?.outcome
    if (outcome?.kind === 'accepted' || outcome?.kind === 'rejected' || outcome?.kind === 'deferred') return 'works'
    if (outcome?.kind === 'blocked') return opensCircuit(outcome.failure) ? outcome.failure : 'works'
  }
  return null
}

function toRow(finished: Finished, settled: Settled): SettleRow {
  const { delivery, outcome } = finished
  const state: Pick<SettleRow, 'i' | 'a' | 's' | 'd' | 'f' | 'r' | 'p'> = {
    i: delivery.id,
    a: delivery.attempt,
    s: settled.state,
    d: settled.state === 'queued' ? settled.dueAt : undefined,
    f: 'failures' in settled ? settled.failures : delivery.failures,
    r: 'reason' in settled ? (settled.reason ?? undefined) : undefined,
    p: settled.state === 'unknown' ? settled.policy : undefined,
  }
  return outcome.kind === 'unsent' || outcome.kind === 'failed' || outcome.kind === 'withheld'
    ? state
    : { ...state, ...attemptOf(finished, outcome) }
}

function attemptOf(
  finished: Finished,
  outcome: Exclude<SendOutcome, { kind: 'unsent' | 'failed' | 'withheld' }>,
): Omit<SettleRow, 'i' | 'a' | 's' | 'f'> {
  const { trace } = finished
  const failure = outcome.kind === 'accepted' ? null : outcome.failure
  const reply = outcome.kind === 'accepted' ? outcome.reply : outcome.failure.reply
  return {
    o: outcome.kind,
    t: finished.startedAt,
    ms: durationOf(finished),
    g: failure?.stage ?? 'dot',
    c: failure?.class,
    h: trace.host,
    ad: trace.address ?? undefined,
    po: trace.port ?? undefined,
    tl: tlsText(trace) ?? undefined,
    co: reply?.code,
    en: reply?.enhanced ?? undefined,
    x: cut(reply?.text ?? failure?.sentence ?? ''),
    sm: trace.stagesMs,
    tr: trace.transcript ?? undefined,
  }
}

function toEvent(batch: Batch, finished: Finished, settled: Settled): NewEvent[] {
  const { outcome } = finished
  if (outcome.kind === 'unsent') return []
  return [
    eventOf(batch, finished, eventType(outcome, settled), {
      ...(settled.state === 'queued' && outcome.kind === 'deferred' && { due_at: settled.dueAt }),
      ...('failure' in outcome && { class: outcome.failure.class }),
    }),
  ]
}

function eventOf(batch: Batch, finished: Finished, type: EventType, more: Readonly<Record<string, unknown>>): NewEvent {
  const { delivery } = finished
  return {
    type,
    workspaceId: batch.workspaceId,
    messageId: delivery.messageId,
    deliveryId: delivery.id,
    data: { attempt: delivery.attempt, route_id: batch.routeId, receiver: receiverOf(finished), ...more },
  }
}

function eventType(outcome: SendOutcome, settled: Settled): EventType {
  if (settled.state !== 'queued') return `delivery.${settled.state}` as EventType
  return outcome.kind === 'blocked' ? 'delivery.blocked' : 'delivery.deferred'
}

import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { EventType, NewEvent } from '../../events/event.ts'
import type { DispatcherId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { Failure } from '../../mail/failure.ts'
import type { SmtpReply } from '../../mail/smtp-reply.ts'
import { mayBeAboutTheMessage, opensCircuit, type Settled, settle } from '../delivery.ts'
import type { SendOutcome, Trace } from '../outcome.ts'
import { recordRouteFailure, recordRouteWorks } from '../routes/record-circuit.ts'
import type { Stream } from '../stream.ts'
import { suppressUnknownAddresses } from '../suppression/suppress.ts'
import { type Claimed, countRefusals, type SentBatch, type SettleRow, settleBatch, settleSent } from './queries.ts'

/** What one recipient's attempt came to, as the sender hands it over for writing. */
export interface Finished {
  readonly delivery: Claimed
  readonly stream: Stream
  readonly outcome: SendOutcome
  readonly trace: Trace
  readonly startedAt: Date
  readonly finishedAt: Date
}

export interface Batch {
  readonly workspaceId: WorkspaceId
  readonly routeId: RouteId
  /** The settings that were tried: what they show says nothing about later ones. */
  readonly routeVersion: number
  readonly dispatcherId: DispatcherId
  readonly finished: readonly Finished[]
  /** True while the route's circuit is not known to be closed: an answer about a message closes it. */
  readonly circuitInDoubt: boolean
}

const MAX_TEXT = 2_000
/** As many refusals of its route may meet one delivery after MAIL before they are taken as its own. */
const REFUSALS_OF_A_ROUTE = 2

/**
 * The only way out of `sending`: deliveries, attempts, events, what the route has shown of itself, and addresses that take no mail, in one
 * transaction. Late answers (the delivery was taken over) leave no trace but their count, which is returned.
 */
export async function recordOutcomes(
  tx: Tx,
  wholeBatch: Batch,
  random: () => number,
  now: Date,
): Promise<{ late: number; verdict: 'works' | 'refused' | null }> {
  const { batch, aboutRoute } = await withoutOldRefusals(tx, wholeBatch)
  const written = await writeSent(tx, batch, now)
  const others = batch.finished.filter((finished) => finished.outcome.kind !== 'accepted')
  const settled = others.map((finished) => ({
    finished,
    settled: settle(
      { ...finished.delivery, expiresAt: new Date(finished.delivery.expiresAtMs), stream: finished.stream },
      finished.outcome,
      random(),
      now,
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
  await suppressUnknownAddresses(
    tx,
    batch.workspaceId,
    settled.flatMap(({ finished: { outcome, delivery } }) =>
      outcome.kind === 'rejected' && outcome.failure.suppress && written.has(delivery.id)
        ? [{ address: delivery.recipient, deliveryId: delivery.id, note: outcome.failure.sentence }]
        : [],
    ),
    now,
  )
  const verdict = verdictOnRoute(aboutRoute)
  const route = { workspaceId: batch.workspaceId, id: batch.routeId, version: batch.routeVersion }
  if (verdict === 'works' && batch.circuitInDoubt) await recordRouteWorks(tx, route, now)
  if (verdict && verdict !== 'works') await recordRouteFailure(tx, route, verdict, random(), now)
  return { late: batch.finished.length - written.size, verdict: verdict && (verdict === 'works' ? 'works' : 'refused') }
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
    })
  }
  const written = new Set<string>()
  for (const { first, reply, rows } of groups.values()) {
    const { trace } = first
    const hop = { host: trace.host, address: trace.address, port: trace.port, tls: tlsText(trace) }
    for (const id of await settleSent(tx, { ...batch, hop, code: reply.code, enhanced: reply.enhanced, since, rows }, now))
      written.add(id)
  }
  return written
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
  return outcome.kind === 'unsent' || outcome.kind === 'failed' ? state : { ...state, ...attemptOf(finished, outcome) }
}

function attemptOf(
  finished: Finished,
  outcome: Exclude<SendOutcome, { kind: 'unsent' | 'failed' }>,
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

function eventOf(batch: Batch, { delivery }: Finished, type: EventType, more: Readonly<Record<string, unknown>>): NewEvent {
  return {
    type,
    workspaceId: batch.workspaceId,
    messageId: delivery.messageId,
    deliveryId: delivery.id,
    data: { attempt: delivery.attempt, route_id: batch.routeId, ...more },
  }
}

function eventType(outcome: SendOutcome, settled: Settled): EventType {
  if (settled.state !== 'queued') return `delivery.${settled.state}` as EventType
  return outcome.kind === 'blocked' ? 'delivery.blocked' : 'delivery.deferred'
}

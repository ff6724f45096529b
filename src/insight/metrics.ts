import { type Database, ENGINE, type Tx } from '../db/database.ts'
import type { DispatcherStatus } from '../delivery/dispatch/dispatcher.ts'
import { SECOND } from '../lib/clock.ts'
import type { DiskSpace } from './disk.ts'
import type { EventLoopWatch } from './event-loop.ts'
import { counter, type Family, gauge, type Sample, toExposition } from './exposition.ts'
import type { Findings } from './invariants.ts'
import {
  type InboundCount,
  selectCircuits,
  selectCommits,
  selectCounts,
  selectFollowerLags,
  selectInboundCounts,
  selectOldestDue,
  selectOldestInbound,
  selectOutcomes,
} from './queries.ts'
import { selectWorkflowFigures } from './workflow-queries.ts'

export interface MetricSources {
  readonly version: string
  /** Null where this process does not send. */
  readonly dispatcher: DispatcherStatus | null
  readonly invariants: Findings | null
  readonly disk: DiskSpace | null
  readonly eventLoop: EventLoopWatch
}

const TIMEOUT_MS = 5 * SECOND

/** Everything that is measured, in Prometheus' text format. While the database is away it says so, and what the process itself knows. */
export async function metrics(database: Database, sources: MetricSources, now: Date): Promise<string> {
  const stored = await database
    .transaction(ENGINE, (tx) => ofDatabase(tx, now), { readOnly: true, statementTimeoutMs: TIMEOUT_MS })
    .catch(() => null)
  return toExposition([
    gauge('waybill_build_info', 'The running version; always 1.', [
      { labels: { version: sources.version, node: process.version }, value: 1 },
    ]),
    gauge('waybill_database_up', 'Whether the database answered for these metrics.', stored ? 1 : 0),
    ...(stored ?? []),
    ...ofPool(database),
    ...ofDispatcher(sources.dispatcher),
    ...ofInvariants(sources.invariants),
    ...ofDisk(sources.disk),
    ...ofProcess(sources.eventLoop),
  ])
}

async function ofDatabase(tx: Tx, now: Date): Promise<Family[]> {
  const counts = await selectCounts(tx)
  const oldest = await selectOldestDue(tx, now)
  const circuits = await selectCircuits(tx)
  const outcomes = await selectOutcomes(tx)
  const inbound = await selectInboundCounts(tx)
  const oldestInbound = await selectOldestInbound(tx, now)
  const lags = await selectFollowerLags(tx)
  const workflows = await selectWorkflowFigures(tx, now)
  const { commits, rollbacks, sizeBytes } = await selectCommits(tx)
  const age = (at: Date | null) => (at ? Math.max(0, (now.getTime() - at.getTime()) / SECOND) : 0)
  return [
    gauge(
      'waybill_deliveries',
      'Deliveries by stream and state.',
      counts.map(({ stream, state, n }) => ({ labels: { stream, state }, value: n })),
    ),
    gauge(
      'waybill_oldest_due_seconds',
      'For how long the oldest delivery that is due has been due.',
      ['transactional', 'conversation', 'bulk'].map((stream) => ({
        labels: { stream },
        value: age(oldest.find((one) => one.stream === stream)?.dueAt ?? null),
      })),
    ),
    gauge(
      'waybill_route_circuit_open',
      'Whether a route refuses and is given a rest: 1, or 0 while mail flows.',
      circuits.map(({ id, circuit }) => ({ labels: { route: id }, value: circuit === 'closed' ? 0 : 1 })),
    ),
    counter(
      'waybill_outcomes_total',
      'What came of attempts and of what was heard later.',
      outcomes.map(({ type, n }) => ({ labels: { outcome: type }, value: n })),
    ),
    counter('waybill_inbound_total', 'Mails that came in, by inbox and by what became of them.', inbound.map(toInboundSample)),
    gauge(
      'waybill_inbound_oldest_due_seconds',
      'For how long the oldest mail that came in has waited to be taken in.',
      age(oldestInbound),
    ),
    gauge(
      'waybill_follower_lag_seconds',
      'Age of the oldest event that a follower has not seen.',
      lags.map(({ name, nextAt }) => ({ labels: { follower: name }, value: age(nextAt) })),
    ),
    gauge('waybill_workflow_tokens', 'Steps at which runs of workflows stand, about.', workflows.tokens),
    gauge('waybill_workflow_held_runs', 'Runs of workflows that need somebody; counted up to 10,000.', workflows.held),
    gauge(
      'waybill_workflow_oldest_due_seconds',
      'For how long the oldest step of a workflow that is due, or the oldest news for one, has waited.',
      Math.max(age(workflows.oldestDueAt), age(workflows.oldestLetterAt)),
    ),
    counter('waybill_database_commits_total', 'Transactions committed in this database, of every process.', commits),
    counter('waybill_database_rollbacks_total', 'Transactions rolled back in this database, of every process.', rollbacks),
    gauge('waybill_database_size_bytes', 'Size of the database.', sizeBytes),
  ]
}

function toInboundSample({ inbox, outcome, n }: InboundCount): Sample {
  const [kind = outcome, reason] = outcome.split(':')
  return { labels: { inbox, outcome: kind, ...(reason !== undefined && { reason }) }, value: n }
}

function ofPool({ pool }: Database): Family[] {
  return [
    gauge('waybill_pool_connections', 'Connections of this process to the database.', [
      { labels: { state: 'used' }, value: pool.totalCount - pool.idleCount },
      { labels: { state: 'idle' }, value: pool.idleCount },
    ]),
    gauge('waybill_pool_waiting', 'Who waits for a connection to the database.', pool.waitingCount),
    gauge('waybill_pool_limit', 'Connections that this process may have.', pool.options.max),
  ]
}

function ofDispatcher(status: DispatcherStatus | null): Family[] {
  if (!status) return []
  return [
    gauge('waybill_dispatcher_running', 'Whether this process looks for mail to send.', status.running ? 1 : 0),
    gauge('waybill_dispatcher_troubled', 'Whether something keeps it from claiming mail at present.', status.trouble ? 1 : 0),
    gauge('waybill_dispatcher_senders', 'Routes that this process sends through at present.', status.senders),
    gauge('waybill_dispatcher_in_hand', 'Deliveries that this process has claimed and not yet settled.', status.inHand),
    counter('waybill_dispatcher_claims_total', 'Times that this process claimed deliveries.', status.claims),
    counter('waybill_dispatcher_handed_total', 'Deliveries that this process handed to a provider.', status.handed),
    counter('waybill_dispatcher_settled_total', 'Deliveries whose outcome this process recorded.', status.settled),
  ]
}

function ofInvariants(findings: Findings | null): Family[] {
  if (!findings) return []
  const sizes = new Map<string, number>()
  for (const { name, size } of findings.violations) sizes.set(name, (sizes.get(name) ?? 0) + size)
  return [
    gauge(
      'waybill_invariant_violations',
      'What breaks each violated invariant, counted up to 1,000 a workspace.',
      [...sizes].map(([name, value]) => ({ labels: { invariant: name }, value })),
    ),
    gauge('waybill_invariants_violated', 'How many invariants are violated.', sizes.size),
    gauge('waybill_invariants_unchecked', 'How many could not be checked the last time.', findings.unchecked.length),
    gauge('waybill_invariants_checked_timestamp_seconds', 'When they were looked at last.', findings.at.getTime() / SECOND),
  ]
}

function ofDisk(disk: DiskSpace | null): Family[] {
  if (!disk) return []
  return [
    gauge('waybill_disk_free_bytes', 'Free space on the disk with the data folder.', disk.freeBytes),
    gauge('waybill_disk_total_bytes', 'Size of the disk with the data folder.', disk.totalBytes),
  ]
}

function ofProcess(eventLoop: EventLoopWatch): Family[] {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  const { p50, p99, max } = eventLoop.read()
  const delays = { p50, p99, max }
  return [
    gauge(
      'waybill_event_loop_delay_seconds',
      'How late timers fire, since the last reading.',
      Object.entries(delays).map(([statistic, value]) => ({ labels: { statistic }, value })),
    ),
    gauge('process_resident_memory_bytes', 'Memory of this process.', rss),
    gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use.', heapUsed),
    counter('process_cpu_seconds_total', 'CPU time of this process.', (user + system) / 1e6),
    gauge('process_start_time_seconds', 'When this process was started.', performance.timeOrigin / SECOND),
  ]
}

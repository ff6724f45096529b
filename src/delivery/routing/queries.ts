import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { DispatcherId, RouteId, RuleId, WorkspaceId } from '../../lib/ids.ts'
import type { WarmUp } from '../pace/warm-up.ts'
import type { Circuit, OpenCircuit } from '../routes/circuit.ts'
import { type CircuitColumns, toCircuit } from '../routes/queries.ts'
import type { RouteKind } from '../routes/route.ts'
import type { Pace, Picture, RouteState } from './picture.ts'
import type { Rule } from './rule.ts'
import type { TripWindow } from './trip.ts'

interface PictureRow {
  workspaceId: WorkspaceId
  routes: (Jsoned<CircuitColumns> & { id: RouteId; name: string; kind: RouteKind; version: number; isDefault: boolean })[]
  rules: Rule[]
  fineVersion: number
  receivers: (Jsoned<CircuitColumns> & { routeId: RouteId; receiver: string })[]
  paces: (Omit<Pace, 'nextAt'> & { nextAt: string | null })[]
  warmUps: WarmUp[]
  stopped: Picture['stopped'][number][]
}
/** Moments come as text out of JSON. */
type Jsoned<Row> = { [Key in keyof Row]: Row[Key] extends Date | null ? string | null : Row[Key] }

const circuitColumns = sql.raw(
  'circuit, circuit_reason as "circuitReason", circuit_since as "circuitSince", circuit_until as "circuitUntil", circuit_failures as "circuitFailures"',
)

/** Everything that decides about waiting mail of these workspaces: a few small tables in one round trip. */
export async function selectPictures(
  db: Db | Tx,
  workspaceIds: readonly WorkspaceId[],
): Promise<Map<WorkspaceId, Omit<Picture, 'misalignments'>>> {
  const { rows } = await sql<PictureRow>`
    select w.id as "workspaceId",
           coalesce((select json_agg(r) from (select id, name, kind, version, is_default as "isDefault", ${circuitColumns}
                                                from route where workspace_id = w.id and removed_at is null limit 1000) as r), '[]') as routes,
           coalesce((select json_agg(r order by r.position, r.id) from (select id, position, name, enabled, conditions, targets, trip
                                                from route_rule where workspace_id = w.id limit 1000) as r), '[]') as rules,
           coalesce((select fine_version from rule_version where workspace_id = w.id), 0) as "fineVersion",
           coalesce((select json_agg(r) from (select route_id as "routeId", receiver, ${circuitColumns}
                                                from route_receiver where workspace_id = w.id and circuit <> 'closed' limit 10000) as r), '[]') as receivers,
           coalesce((select json_agg(r) from (select id, scope, subject, route_id as "routeId", per, amount, next_at as "nextAt"
                                                from pace where workspace_id = w.id limit 10000) as r), '[]') as paces,
           coalesce((select json_agg(r) from (select route_id as "routeId", receiver, daily_caps as "dailyCaps", started_on as "startedOn", frozen_days as "frozenDays", day, used
                                                from warm_up where workspace_id = w.id limit 1000) as r), '[]') as "warmUps",
           coalesce((select json_agg(r) from (select id as "mailingId", reason ->> 'sentence' as sentence
                                                from mailing where workspace_id = w.id and state <> 'running' and settled_at is null limit 10000) as r), '[]') as stopped
      from unnest(${plainArray(workspaceIds)}::uuid[]) as w (id)`.execute(db)
  return new Map(rows.map((row) => [row.workspaceId, toPicture(row)]))
}

function toPicture(row: PictureRow): Omit<Picture, 'misalignments'> {
  return {
    workspaceId: row.workspaceId,
    routes: row.routes.map(
      ({ id, name, kind, version, isDefault, ...circuit }): RouteState => ({
        id,
        name,
        kind,
        version,
        isDefault,
        circuit: circuitOf(circuit),
      }),
    ),
    rules: row.rules,
    fineVersion: row.fineVersion,
    receiverCircuits: row.receivers.map(({ routeId, receiver, ...circuit }) => ({
      routeId,
      receiver,
      circuit: circuitOf(circuit),
    })),
    paces: row.paces.map((pace) => ({ ...pace, nextAt: pace.nextAt === null ? null : new Date(pace.nextAt) })),
    warmUps: row.warmUps,
    stopped: row.stopped,
  }
}

function circuitOf(row: Jsoned<CircuitColumns>): Circuit {
  const at = (text: string | null) => (text === null ? null : new Date(text))
  return toCircuit({ ...row, circuitSince: at(row.circuitSince), circuitUntil: at(row.circuitUntil) })
}

export async function insertRule(tx: Tx, workspaceId: WorkspaceId, rule: Rule, now: Date): Promise<void> {
  await sql`
    insert into route_rule (workspace_id, id, position, name, enabled, conditions, targets, trip, created_at, updated_at)
    values (${workspaceId}, ${rule.id}, ${rule.position}, ${rule.name}, ${rule.enabled}, ${JSON.stringify(rule.conditions)}::jsonb,
            ${JSON.stringify(rule.targets)}::jsonb, ${rule.trip && JSON.stringify(rule.trip)}::jsonb, ${now}, ${now})`.execute(tx)
}

export async function updateRule(tx: Tx, workspaceId: WorkspaceId, rule: Rule, now: Date): Promise<void> {
  await sql`
    update route_rule
       set position = ${rule.position}, name = ${rule.name}, enabled = ${rule.enabled}, conditions = ${JSON.stringify(rule.conditions)}::jsonb,
           targets = ${JSON.stringify(rule.targets)}::jsonb, trip = ${rule.trip && JSON.stringify(rule.trip)}::jsonb, updated_at = ${now}
     where workspace_id = ${workspaceId} and id = ${rule.id}`.execute(tx)
}

export async function deleteRule(tx: Tx, workspaceId: WorkspaceId, id: RuleId): Promise<void> {
  await sql`delete from route_rule where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** All rules of a workspace in their order, locked against other changes. */
export async function lockRules(tx: Tx, workspaceId: WorkspaceId): Promise<Rule[]> {
  const { rows } = await sql<Rule>`
    select id, position, name, enabled, conditions, targets, trip from route_rule where workspace_id = ${workspaceId} order by position, id for update`.execute(
    tx,
  )
  return rows
}

export async function selectRules(db: Db | Tx, workspaceId: WorkspaceId): Promise<Rule[]> {
  const { rows } = await sql<Rule>`
    select id, position, name, enabled, conditions, targets, trip from route_rule where workspace_id = ${workspaceId} order by position, id limit 1000`.execute(
    db,
  )
  return rows
}

/** From now on lanes are sorted by the fine conditions as they are now. */
export async function nextFineVersion(tx: Tx, workspaceId: WorkspaceId): Promise<void> {
  await sql`
    insert into rule_version (workspace_id, fine_version) values (${workspaceId}, 1)
    on conflict (workspace_id) do update set fine_version = rule_version.fine_version + 1`.execute(tx)
}

export interface ReceiverKey {
  readonly workspaceId: WorkspaceId
  readonly routeId: RouteId
  readonly receiver: string
}

/** The row of a route towards a receiver, made when it is new, locked. */
export async function lockRouteReceiver(tx: Tx, key: ReceiverKey): Promise<{ circuit: Circuit; window: TripWindow }> {
  await sql`
    insert into route_receiver (workspace_id, route_id, receiver) values (${key.workspaceId}, ${key.routeId}, ${key.receiver})
    on conflict do nothing`.execute(tx)
  const { rows } = await sql<CircuitColumns & { startedAt: Date | null; attempts: number; failures: number }>`
    select ${circuitColumns}, window_started_at as "startedAt", window_attempts as attempts, window_failures as failures
      from route_receiver
     where workspace_id = ${key.workspaceId} and route_id = ${key.routeId} and receiver = ${key.receiver}
       for update`.execute(tx)
  const row = rows[0]
  if (!row) return { circuit: { state: 'closed' }, window: { startedAt: null, attempts: 0, failures: 0 } }
  return { circuit: toCircuit(row), window: { startedAt: row.startedAt, attempts: row.attempts, failures: row.failures } }
}

export async function saveTripWindow(tx: Tx, key: ReceiverKey, window: TripWindow): Promise<void> {
  await sql`
    update route_receiver set window_started_at = ${window.startedAt}, window_attempts = ${window.attempts}, window_failures = ${window.failures}
     where workspace_id = ${key.workspaceId} and route_id = ${key.routeId} and receiver = ${key.receiver}`.execute(tx)
}

export async function saveOpenReceiver(tx: Tx, key: ReceiverKey, circuit: OpenCircuit): Promise<void> {
  await sql`
    update route_receiver
       set circuit = 'open', circuit_reason = ${JSON.stringify(circuit.reason)}::jsonb, circuit_since = ${circuit.since}, circuit_until = ${circuit.until},
           circuit_failures = ${circuit.failures}, probe_owner = null, probe_expires_at = null
     where workspace_id = ${key.workspaceId} and route_id = ${key.routeId} and receiver = ${key.receiver}`.execute(tx)
}

const closed = sql.raw(
  `circuit = 'closed', circuit_reason = null, circuit_since = null, circuit_until = null, circuit_failures = 0, probe_owner = null, probe_expires_at = null`,
)

/** False when it was closed already. */
export async function closeReceiver(tx: Tx, key: ReceiverKey): Promise<boolean> {
  const result = await sql`
    update route_receiver set ${closed}
     where workspace_id = ${key.workspaceId} and route_id = ${key.routeId} and receiver = ${key.receiver} and circuit <> 'closed'`.execute(
    tx,
  )
  return result.numAffectedRows === 1n
}

/** Takes the right to find out whether a route works for a receiver again: as takeProbe for a whole route. */
export async function takeReceiverProbe(
  db: Db,
  key: ReceiverKey,
  owner: DispatcherId,
  expiresAt: Date,
  now: Date,
): Promise<boolean> {
  const result = await sql`
    update route_receiver
       set circuit = 'probing', probe_owner = ${owner}, probe_expires_at = ${expiresAt}
     where workspace_id = ${key.workspaceId} and route_id = ${key.routeId} and receiver = ${key.receiver}
       and ((circuit = 'open' and circuit_until <= ${now})
         or (circuit = 'probing'
           and (probe_expires_at <= ${now} or probe_owner = ${owner}
             or not exists (select from dispatcher where dispatcher.id = probe_owner and dispatcher.state = 'live'))))`.execute(
    db,
  )
  return result.numAffectedRows === 1n
}

export async function returnReceiverProbe(db: Db, key: ReceiverKey, owner: DispatcherId): Promise<void> {
  await sql`
    update route_receiver set circuit = 'open', probe_owner = null, probe_expires_at = null
     where workspace_id = ${key.workspaceId} and route_id = ${key.routeId} and receiver = ${key.receiver} and circuit = 'probing' and probe_owner = ${owner}`.execute(
    db,
  )
}

import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import { unreachable } from '../../lib/assert.ts'
import type { DispatcherId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { Reason } from '../delivery.ts'
import { revive } from '../revive.ts'
import type { Circuit, OpenCircuit } from './circuit.ts'
import { MxSettings, type Route, type RouteKind, ScalewaySettings, SesSettings, SmtpSettings, type Way } from './route.ts'

interface RouteRow {
  workspace_id: string
  id: string
  name: string
  kind: RouteKind
  settings: unknown
  secret: Buffer | null
  is_default: boolean
  version: number
  created_at: Date
  updated_at: Date
  circuit: Circuit['state']
  circuit_reason: Reason | null
  circuit_since: Date | null
  circuit_until: Date | null
  circuit_failures: number
}

/** A circuit as its columns say it: of a whole route, or of a route towards one receiver. */
export interface CircuitColumns {
  circuit: Circuit['state']
  circuitReason: Reason | null
  circuitSince: Date | null
  circuitUntil: Date | null
  circuitFailures: number
}

const columns = sql.raw(
  'workspace_id, id, name, kind, settings, secret, is_default, version, created_at, updated_at, circuit, circuit_reason, circuit_since, circuit_until, circuit_failures',
)

function toRoute(row: RouteRow): Route {
  return {
    id: row.id as RouteId,
    workspaceId: row.workspace_id as WorkspaceId,
    name: row.name,
    version: row.version,
    isDefault: row.is_default,
    way: toWay(row),
    circuit: toCircuit({
      circuit: row.circuit,
      circuitReason: row.circuit_reason,
      circuitSince: row.circuit_since,
      circuitUntil: row.circuit_until,
      circuitFailures: row.circuit_failures,
    }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toWay({ kind, settings, secret }: RouteRow): Way {
  switch (kind) {
    case 'smtp':
      return { kind, settings: SmtpSettings.parse(settings), sealedSecret: secret }
    case 'mx':
      return { kind, settings: MxSettings.parse(settings), sealedSecret: null }
    case 'ses':
      return { kind, settings: SesSettings.parse(settings), sealedSecret: secret }
    case 'scaleway':
      return { kind, settings: ScalewaySettings.parse(settings), sealedSecret: secret }
    case 'sandbox':
      return { kind }
    default:
      return unreachable(kind)
  }
}

export function toCircuit(row: CircuitColumns): Circuit {
  if (row.circuit === 'closed' || !row.circuitReason || !row.circuitSince || !row.circuitUntil) return { state: 'closed' }
  return {
    state: row.circuit,
    reason: revive(row.circuitReason),
    since: row.circuitSince,
    until: row.circuitUntil,
    failures: row.circuitFailures,
  }
}

export async function selectRoutes(db: Db | Tx, workspaceId: WorkspaceId): Promise<Route[]> {
  const { rows } = await sql<RouteRow>`
    select ${columns} from route where workspace_id = ${workspaceId} and removed_at is null order by is_default desc, created_at, id limit 1000`.execute(
    db,
  )
  return rows.map(toRoute)
}

export async function selectRoute(db: Db | Tx, workspaceId: WorkspaceId, id: RouteId): Promise<Route | null> {
  const { rows } = await sql<RouteRow>`
    select ${columns} from route where workspace_id = ${workspaceId} and id = ${id} and removed_at is null`.execute(db)
  return rows[0] ? toRoute(rows[0]) : null
}

export async function lockRoute(tx: Tx, workspaceId: WorkspaceId, id: RouteId): Promise<Route | null> {
  const { rows } = await sql<RouteRow>`
    select ${columns} from route where workspace_id = ${workspaceId} and id = ${id} and removed_at is null for update`.execute(tx)
  return rows[0] ? toRoute(rows[0]) : null
}

export async function insertRoute(tx: Tx, route: Route): Promise<void> {
  const { way } = route
  await sql`
    insert into route (workspace_id, id, name, kind, settings, secret, is_default, created_at, updated_at)
    values (${route.workspaceId}, ${route.id}, ${route.name}, ${way.kind}, ${JSON.stringify(way.kind === 'sandbox' ? {} : way.settings)}::jsonb,
            ${way.kind === 'sandbox' ? null : way.sealedSecret}, ${route.isDefault}, ${route.createdAt}, ${route.updatedAt})`.execute(
    tx,
  )
}

/** The route that stands for WAYBILL_SMTP_URL, also when it was removed: then it is meant to stay away. */
export async function lockConfiguredRoute(
  tx: Tx,
  workspaceId: WorkspaceId,
): Promise<{ route: Route; isRemoved: boolean } | null> {
  const { rows } = await sql<RouteRow & { removed_at: Date | null }>`
    select ${columns}, removed_at from route where workspace_id = ${workspaceId} and configured for update`.execute(tx)
  const [row] = rows
  return row ? { route: toRoute(row), isRemoved: row.removed_at !== null } : null
}

/** From now on this is the route of WAYBILL_SMTP_URL. */
export async function markConfigured(tx: Tx, workspaceId: WorkspaceId, id: RouteId): Promise<void> {
  await sql`update route set configured = false where workspace_id = ${workspaceId} and configured`.execute(tx)
  await sql`update route set configured = true where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** New settings close the circuit: whatever was wrong may be mended, and the next message shows it. */
export async function updateRoute(tx: Tx, route: Route, now: Date): Promise<void> {
  const { way } = route
  await sql`
    update route
       set name = ${route.name}, settings = ${JSON.stringify(way.kind === 'sandbox' ? {} : way.settings)}::jsonb, secret = ${way.kind === 'sandbox' ? null : way.sealedSecret},
           version = version + 1, updated_at = ${now},
           circuit = 'closed', circuit_reason = null, circuit_since = null, circuit_until = null, circuit_failures = 0, probe_owner = null, probe_expires_at = null
     where workspace_id = ${route.workspaceId} and id = ${route.id}`.execute(tx)
}

export async function setDefaultRoute(tx: Tx, workspaceId: WorkspaceId, id: RouteId, now: Date): Promise<void> {
  await sql`update route set is_default = false, updated_at = ${now} where workspace_id = ${workspaceId} and is_default`.execute(
    tx,
  )
  await sql`update route set is_default = true, updated_at = ${now} where workspace_id = ${workspaceId} and id = ${id}`.execute(
    tx,
  )
}

export async function markRouteRemoved(tx: Tx, workspaceId: WorkspaceId, id: RouteId, now: Date): Promise<void> {
  await sql`
    update route set removed_at = ${now}, updated_at = ${now}, secret = null,
           circuit = 'closed', circuit_reason = null, circuit_since = null, circuit_until = null, circuit_failures = 0, probe_owner = null, probe_expires_at = null
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export async function saveOpenCircuit(tx: Tx, route: Route, circuit: OpenCircuit): Promise<void> {
  await sql`
    update route
       set circuit = 'open', circuit_reason = ${JSON.stringify(circuit.reason)}::jsonb, circuit_since = ${circuit.since}, circuit_until = ${circuit.until},
           circuit_failures = ${circuit.failures}, probe_owner = null, probe_expires_at = null
     where workspace_id = ${route.workspaceId} and id = ${route.id}`.execute(tx)
}

/** Closes the circuit. False when it was closed already, or the settings are no longer those of `version`. */
export async function closeCircuit(tx: Tx, workspaceId: WorkspaceId, id: RouteId, version: number): Promise<boolean> {
  const result = await sql`
    update route
       set circuit = 'closed', circuit_reason = null, circuit_since = null, circuit_until = null, circuit_failures = 0, probe_owner = null, probe_expires_at = null
     where workspace_id = ${workspaceId} and id = ${id} and version = ${version} and circuit <> 'closed'`.execute(tx)
  return result.numAffectedRows === 1n
}

/** Takes the right to probe: one dispatcher at a time, not for ever, and only while it lives. */
export async function takeProbe(
  db: Db,
  workspaceId: WorkspaceId,
  id: RouteId,
  owner: DispatcherId,
  expiresAt: Date,
  now: Date,
): Promise<boolean> {
  const result = await sql`
    update route
       set circuit = 'probing', probe_owner = ${owner}, probe_expires_at = ${expiresAt}
     where workspace_id = ${workspaceId} and id = ${id} and removed_at is null
       and ((circuit = 'open' and circuit_until <= ${now})
         or (circuit = 'probing'
           and (probe_expires_at <= ${now} or probe_owner = ${owner}
             or not exists (select from dispatcher where dispatcher.id = probe_owner and dispatcher.state = 'live'))))`.execute(
    db,
  )
  return result.numAffectedRows === 1n
}

/** A probe that found nothing to send, or came to nothing: the circuit is open as before and the next one may try. */
export async function returnProbe(db: Db, workspaceId: WorkspaceId, id: RouteId, owner: DispatcherId): Promise<void> {
  await sql`
    update route set circuit = 'open', probe_owner = null, probe_expires_at = null
     where workspace_id = ${workspaceId} and id = ${id} and circuit = 'probing' and probe_owner = ${owner}`.execute(db)
}

/** Ends the wait of an open circuit. */
export async function endCircuitWait(tx: Tx, workspaceId: WorkspaceId, id: RouteId, now: Date): Promise<boolean> {
  const result = await sql`
    update route set circuit_until = ${now} where workspace_id = ${workspaceId} and id = ${id} and circuit = 'open' and circuit_until > ${now}`.execute(
    tx,
  )
  return result.numAffectedRows === 1n
}

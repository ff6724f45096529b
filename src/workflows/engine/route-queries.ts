import { sql } from 'kysely'
import { plainArray, tableOf, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { LogPosition } from '../../events/follow.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Subject } from '../definition/graph.ts'
import type { Values } from '../interpret/state.ts'
import type { RunId, VersionId, WorkflowId } from '../steps/step.ts'
import type { LaneKey, Letter } from './box.ts'

/** What begins runs, in the order in which the workflows are asked. */
export interface Trigger {
  readonly workspaceId: WorkspaceId
  readonly workflowId: WorkflowId
  readonly versionId: VersionId
  readonly node: string
  readonly happening: string
  readonly key: string | null
  readonly subject: Subject
}

/** What anybody listens for, in one look. */
export interface Listening {
  readonly triggers: readonly Trigger[]
  /** Kinds of happenings that some token waits for. */
  readonly awaited: readonly string[]
  /** Workspaces in which runs go on. */
  readonly waiting: readonly WorkspaceId[]
}

export async function selectListening(tx: Tx, kinds: readonly string[]): Promise<Listening> {
  const { rows } = await sql<{ triggers: Trigger[] | null; awaited: string[] | null; waiting: WorkspaceId[] | null }>`
    select (select json_agg(t) from (
             select t.workspace_id as "workspaceId", t.workflow_id as "workflowId", t.version_id as "versionId", t.node, t.happening, t.key, t.subject
               from workflow_trigger as t
               join workflow as w on w.workspace_id = t.workspace_id and w.id = t.workflow_id
              order by w.place, t.workflow_id, t.node) as t) as triggers,
           (select json_agg(kind) from unnest(${plainArray(kinds)}::text[]) as kind
             where exists (select from workflow_wait where happening = kind and state = 'open')) as awaited,
           (select json_agg(w.id) from (select distinct workspace_id as id from workflow) as w
             -- By its key: read from its beginning, the table may have hundreds of thousands of lanes there that are gone.
             where (select id from workflow_lane where workspace_id = w.id order by id limit 1) is not null) as waiting`.execute(
    tx,
  )
  const [row] = rows
  return { triggers: row?.triggers ?? [], awaited: row?.awaited ?? [], waiting: row?.waiting ?? [] }
}

export interface Wait {
  readonly workspaceId: WorkspaceId
  readonly id: string
  readonly laneId: string
  readonly happening: string
  readonly key: string
  readonly filter: Values
  readonly txid: string
  readonly seq: string
}

/** Open waits for these happenings of these keys. */
export async function selectWaits(
  tx: Tx,
  wanted: readonly { readonly workspaceId: string; readonly happening: string; readonly key: string }[],
): Promise<Wait[]> {
  if (wanted.length === 0) return []
  const table = tableOf('k', wanted, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    happening: ['text', (one) => one.happening],
    key: ['text', (one) => one.key],
  })
  const { rows } = await sql<Wait>`
    select w.workspace_id as "workspaceId", w.id, w.lane_id as "laneId", w.happening, w.key, w.filter, w.txid::text as txid, w.seq::text as seq
      from ${table}
      join workflow_wait as w on w.happening = k.happening and w.key = k.key and w.workspace_id = k.workspace_id and w.state = 'open'
     order by w.id`.execute(tx)
  return rows
}

/** Waits that nobody has looked back for. Those that somebody is about to take away are left out. */
export async function lockNewWaits(tx: Tx, limit: number): Promise<Wait[]> {
  const { rows } = await sql<Wait>`
    select workspace_id as "workspaceId", id, lane_id as "laneId", happening, key, filter, txid::text as txid, seq::text as seq
      from workflow_wait where state = 'new' order by id limit ${limit} for no key update skip locked`.execute(tx)
  return rows
}

export async function hasNewWaits(db: Db): Promise<boolean> {
  const { rows } = await sql<{
    is_some: boolean
  }>`select exists (select from workflow_wait where state = 'new') as is_some`.execute(db)
  return rows[0]?.is_some === true
}

export async function openWaits(tx: Tx, waits: readonly Wait[]): Promise<void> {
  const table = tableOf('o', waits, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    id: ['uuid', (one) => one.id],
  })
  await sql`
    update workflow_wait as w set state = 'open' from ${table} where w.workspace_id = o.workspace_id and w.id = o.id`.execute(tx)
}

/** Which workflow runs belong to, and how deep they are. */
export async function selectRunsThatActed(
  tx: Tx,
  ids: readonly string[],
): Promise<{ id: RunId; workflowId: WorkflowId; depth: number }[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<{ id: RunId; workflowId: WorkflowId; depth: number }>`
    select id, workflow_id as "workflowId", depth from workflow_run where id = any (${plainArray(ids)}::uuid[])`.execute(tx)
  return rows
}

/** These runs and those that they began, as far as they go on, with the lanes they are in. */
export async function selectRunning(
  tx: Tx,
  parents: readonly { readonly workspaceId: string; readonly id: string }[],
): Promise<{ workspaceId: WorkspaceId; id: RunId; laneId: string; parentId: RunId }[]> {
  if (parents.length === 0) return []
  const table = tableOf('p', parents, { workspace_id: ['uuid', (one) => one.workspaceId], id: ['uuid', (one) => one.id] })
  const { rows } = await sql<{ workspaceId: WorkspaceId; id: RunId; laneId: string; parentId: RunId }>`
    select r.workspace_id as "workspaceId", r.id, r.lane_id as "laneId", r.parent_id as "parentId"
      from ${table}
      join workflow_run as r on r.workspace_id = p.workspace_id and (r.parent_id = p.id or r.id = p.id)
     where r.status = 'running'`.execute(tx)
  return rows
}

/** Lanes by their keys; those that are there already are not touched, so that nobody who works in one is waited for. */
export async function ensureLanes(
  tx: Tx,
  wanted: readonly { readonly workspaceId: string; readonly id: string; readonly key: LaneKey; readonly priority: number }[],
): Promise<ReadonlyMap<string, string>> {
  const table = tableOf('n', wanted, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    id: ['uuid', (one) => one.id],
    key: ['text', (one) => one.key],
    priority: ['smallint', (one) => one.priority],
  })
  const { rows } = await sql<{ workspaceId: string; id: string; key: string }>`
    with made as (
      insert into workflow_lane (workspace_id, id, key, priority) select workspace_id, id, key, priority from ${table}
      on conflict (workspace_id, key) do nothing
      returning workspace_id, id, key
    )
    select workspace_id as "workspaceId", id, key from made
     union all
    select l.workspace_id, l.id, l.key from ${table} join workflow_lane as l on l.workspace_id = n.workspace_id and l.key = n.key`.execute(
    tx,
  )
  return new Map(rows.map(({ workspaceId, key, id }) => [`${workspaceId} ${key}`, id]))
}

export interface NewBoxRow {
  readonly workspaceId: string
  readonly laneId: string
  readonly letter: Letter
  readonly place: LogPosition
  readonly at: Date
}

export async function insertBox(tx: Tx, rows: readonly NewBoxRow[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into workflow_box (workspace_id, lane_id, what, body, txid, seq, at)
    select n.workspace_id, n.lane_id, n.what, n.body, n.txid, n.seq, n.at
      from unnest(${plainArray(rows.map((row) => row.workspaceId))}::uuid[], ${plainArray(rows.map((row) => row.laneId))}::uuid[],
                  ${plainArray(rows.map((row) => row.letter.what))}::text[], ${textArray(rows.map((row) => JSON.stringify(row.letter)))}::jsonb[],
                  ${plainArray(rows.map((row) => row.place.txid))}::text[]::xid8[], ${plainArray(rows.map((row) => row.place.seq))}::bigint[],
                  ${textArray(rows.map((row) => row.at.toISOString()))}::timestamptz[]) with ordinality
        as n (workspace_id, lane_id, what, body, txid, seq, at, nth)
     order by n.nth`.execute(tx)
}

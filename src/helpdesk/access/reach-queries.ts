import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../../accounts/actor.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { InboxId, UserId, WorkspaceId } from '../../lib/ids.ts'
import { type AccessLevel, type InboxAccess, type Reach, reachesAll } from './reach.ts'

/** One statement, or none for those who reach everything. */
export async function reachOf(tx: Db | Tx, actor: Actor): Promise<Reach> {
  if (actor.kind !== 'user' || reachesAll(actor.role)) return { all: true }
  const { rows } = await sql<{ id: InboxId; level: AccessLevel }>`
    select i.id, coalesce(a.level, 'full') as level
      from inbox i
      left join inbox_access a on a.workspace_id = i.workspace_id and a.inbox_id = i.id and a.user_id = ${actor.id}
     where i.workspace_id = ${actor.workspaceId}
       and coalesce(a.level, case when i.restricted then 'none' else 'full' end) <> 'none'
     order by i.id`.execute(tx)
  const idsOf = (level: AccessLevel) => rows.filter((row) => row.level === level).map(({ id }) => id)
  return { all: false, inboxes: idsOf('full'), assignedOnly: idsOf('assigned_only'), userId: actor.id }
}

/**
 * The same as `mayReach`, for a statement that reads conversations under the name `alias`: `where … and ${withinReach(reach)}`. The planner sees plain
 * lists of inboxes, so that the indexes over (workspace_id, inbox_id, …) serve it.
 */
export function withinReach(reach: Reach, alias = 'conversation'): RawBuilder<boolean> {
  if (reach.all) return sql<boolean>`true`
  const inboxId = sql.ref(`${alias}.inbox_id`)
  const all = sql<boolean>`${inboxId} = any(${reach.inboxes}::uuid[])`
  if (reach.assignedOnly.length === 0) return all
  const assigneeId = sql.ref(`${alias}.assignee_id`)
  return sql<boolean>`(${all} or (${assigneeId} = ${reach.userId} and ${inboxId} = any(${reach.assignedOnly}::uuid[])))`
}

/** The same of one inbox: said once, so that the planner does not take it for two demands and expect a fraction of what is there. */
export function withinInbox(reach: Reach, inbox: InboxId, alias = 'conversation'): RawBuilder<boolean> {
  const here = sql<boolean>`${sql.ref(`${alias}.inbox_id`)} = ${inbox}::uuid`
  if (reach.all || reach.inboxes.includes(inbox)) return here
  if (!reach.assignedOnly.includes(inbox)) return sql<boolean>`false`
  return sql<boolean>`${here} and ${sql.ref(`${alias}.assignee_id`)} = ${reach.userId}`
}

/** Who has which level in an inbox; with `levelIn`, what each of many people may reach of it. Null: there is no such inbox. */
export async function accessInto(tx: Db | Tx, workspaceId: WorkspaceId, inboxId: InboxId): Promise<InboxAccess | null> {
  const { rows } = await sql<{ restricted: boolean; userId: UserId | null; level: AccessLevel }>`
    select i.restricted, a.user_id as "userId", a.level
      from inbox i
      left join inbox_access a on a.workspace_id = i.workspace_id and a.inbox_id = i.id
     where i.workspace_id = ${workspaceId} and i.id = ${inboxId}`.execute(tx)
  const first = rows[0]
  if (!first) return null
  const levels = rows.flatMap(({ userId, level }) => (userId === null ? [] : [[userId, level] as const]))
  return { restricted: first.restricted, levels: new Map(levels) }
}

import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { InboundMailId, InboxId, WorkspaceId } from '../../lib/ids.ts'
import type { IgnoreRuleId, Rule } from './rule.ts'

const COLUMNS = sql.raw(
  `id, inbox_id as "inboxId", field, pattern, note, created_by as "createdBy", created_at as "createdAt", turned_away::float8 as "turnedAway",
   last_at as "lastAt"`,
)

export async function selectRules(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Rule[]> {
  const { rows } = await sql<Rule>`
    select ${COLUMNS} from inbound_ignore where workspace_id = ${workspaceId} order by id desc limit ${limit}`.execute(db)
  return rows
}

/** The one that is there where one says the same already. */
export async function insertRule(tx: Tx, workspaceId: WorkspaceId, rule: Rule): Promise<Rule> {
  const { rows } = await sql<Rule>`
    insert into inbound_ignore as r (workspace_id, id, inbox_id, field, pattern, note, created_by, created_at)
    values (${workspaceId}, ${rule.id}, ${rule.inboxId}, ${rule.field}, ${rule.pattern}, ${rule.note}, ${rule.createdBy}, ${rule.createdAt})
    on conflict (workspace_id, inbox_id, field, lower(pattern)) do update set note = r.note
    returning ${COLUMNS}`.execute(tx)
  return rows[0] as Rule
}

export async function deleteRule(tx: Tx, workspaceId: WorkspaceId, id: IgnoreRuleId): Promise<Rule | null> {
  const { rows } = await sql<Rule>`
    delete from inbound_ignore where workspace_id = ${workspaceId} and id = ${id} returning ${COLUMNS}`.execute(tx)
  return rows[0] ?? null
}

export interface Recent {
  readonly id: InboundMailId
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly outcome: string | null
  readonly receivedAt: Date
}

/** The newest of an inbox, or of all: what a rule is tried on. */
export async function selectRecent(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  inboxId: InboxId | null,
  limit: number,
): Promise<Recent[]> {
  const { rows } = await sql<Recent>`
    select id, lower(from_address) as "from", to_addresses as "to", subject, outcome, received_at as "receivedAt"
      from inbound_mail
     where workspace_id = ${workspaceId} ${inboxId === null ? sql`` : sql`and inbox_id = ${inboxId}`}
     order by id desc
     limit ${limit}`.execute(db)
  return rows
}

/** How many conversations stand where: sums over counts that every change keeps (migrations/0029), however many conversations there are. */
import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { InboxId, TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'
import { type Reach, withinReach } from '../access/reach.ts'

export interface CountRow {
  readonly inboxId: InboxId
  readonly status: 'open' | 'pending' | 'closed' | 'spam' | 'snoozed' | 'deleted'
  /** Of these: of nobody, of whoever asks. */
  readonly n: number
  readonly unassigned: number
  readonly mine: number
}

export async function selectCounts(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  userId: UserId | null,
  reach: Reach,
): Promise<CountRow[]> {
  const { rows } = await sql<CountRow>`
    select c.inbox_id as "inboxId", c.status, sum(c.n)::float8 as n,
           coalesce(sum(c.n) filter (where c.assignee_id is null), 0)::float8 as unassigned,
           coalesce(sum(c.n) filter (where c.assignee_id = ${userId}::uuid), 0)::float8 as mine
      from conversation_count as c
     where c.workspace_id = ${workspaceId} and ${withinReach(reach, 'c')}
     group by c.inbox_id, c.status
    having sum(c.n) <> 0`.execute(db)
  return rows
}

export async function selectTeamCounts(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  reach: Reach,
): Promise<{ teamId: TeamId; n: number }[]> {
  const { rows } = await sql<{ teamId: TeamId; n: number }>`
    select c.team_id as "teamId", sum(c.n)::float8 as n
      from conversation_count as c
     where c.workspace_id = ${workspaceId} and c.team_id is not null and c.status = 'open' and ${withinReach(reach, 'c')}
     group by c.team_id`.execute(db)
  return rows
}

/** Folds the deltas of each place into one row; a place without news is left alone. What running transactions add stays for the next time. */
export async function foldCounts(tx: Tx): Promise<void> {
  await sql`
    with many as (
      select workspace_id, inbox_id, status, assignee_id, team_id from conversation_count
       group by workspace_id, inbox_id, status, assignee_id, team_id having count(*) > 1 or sum(n) = 0
    ),
    gone as (
      delete from conversation_count as c using many
       where c.workspace_id = many.workspace_id and c.inbox_id = many.inbox_id and c.status = many.status
         and c.assignee_id is not distinct from many.assignee_id and c.team_id is not distinct from many.team_id
      returning c.workspace_id, c.inbox_id, c.status, c.assignee_id, c.team_id, c.n
    )
    insert into conversation_count (workspace_id, inbox_id, status, assignee_id, team_id, n)
    select workspace_id, inbox_id, status, assignee_id, team_id, sum(n) from gone
     group by workspace_id, inbox_id, status, assignee_id, team_id having sum(n) <> 0`.execute(tx)
}

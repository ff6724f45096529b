import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'

/** Who of a team had the last turn, held until the transaction ends: the next one asks then. Null: nobody yet. */
export async function lockTurn(tx: Tx, workspaceId: WorkspaceId, teamId: TeamId): Promise<UserId | null> {
  const { rows } = await sql<{ id: UserId }>`
    select user_id as id from team_turn where workspace_id = ${workspaceId} and team_id = ${teamId} for update`.execute(tx)
  return rows[0]?.id ?? null
}

export async function saveTurn(tx: Tx, workspaceId: WorkspaceId, teamId: TeamId, userId: UserId): Promise<void> {
  await sql`
    insert into team_turn (workspace_id, team_id, user_id) values (${workspaceId}, ${teamId}, ${userId})
    on conflict (workspace_id, team_id) do update set user_id = excluded.user_id`.execute(tx)
}

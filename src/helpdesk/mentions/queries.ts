import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'

export interface TeamRow {
  readonly id: TeamId
  readonly name: string
  readonly members: readonly UserId[]
}

export async function selectTeams(tx: Tx, workspaceId: WorkspaceId): Promise<TeamRow[]> {
  const { rows } = await sql<TeamRow>`
    select t.id, t.name, coalesce((select json_agg(m.user_id) from team_member m where m.workspace_id = t.workspace_id and m.team_id = t.id), '[]') as members
      from team t
     where t.workspace_id = ${workspaceId}
     order by lower(t.name) limit 500`.execute(tx)
  return rows
}

import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { Team } from './team.ts'

const TEAM = sql.raw(
  `t.workspace_id as "workspaceId", t.id, t.name,
   array(select m.user_id from team_member m where m.workspace_id = t.workspace_id and m.team_id = t.id order by m.user_id)::text[] as members,
   t.created_at as "createdAt", t.updated_at as "updatedAt"`,
)

export async function selectTeams(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Team[]> {
  const { rows } = await sql<Team>`
    select ${TEAM} from team t where t.workspace_id = ${workspaceId} order by lower(t.name), t.id limit ${limit}`.execute(db)
  return rows
}

export async function selectTeam(db: Db | Tx, workspaceId: WorkspaceId, id: TeamId): Promise<Team | null> {
  const { rows } = await sql<Team>`select ${TEAM} from team t where t.workspace_id = ${workspaceId} and t.id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function upsertTeam(tx: Tx, { workspaceId, id, name, members, createdAt, updatedAt }: Team): Promise<void> {
  const users = plainArray(members)
  await sql`
    insert into team (workspace_id, id, name, created_at, updated_at) values (${workspaceId}, ${id}, ${name}, ${createdAt}, ${updatedAt})
        on conflict (workspace_id, id) do update set name = excluded.name, updated_at = excluded.updated_at`.execute(tx)
  await sql`
    delete from team_member where workspace_id = ${workspaceId} and team_id = ${id} and user_id <> all (${users}::uuid[])`.execute(
    tx,
  )
  await sql`
    insert into team_member (workspace_id, team_id, user_id)
    select ${workspaceId}::uuid, ${id}::uuid, u.id from unnest(${users}::uuid[]) as u(id)
        on conflict do nothing`.execute(tx)
}

export async function deleteTeam(tx: Tx, workspaceId: WorkspaceId, id: TeamId): Promise<void> {
  await sql`delete from team where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** Teams by member: what lists of people show. */
export async function selectTeamsOf(db: Db | Tx, workspaceId: WorkspaceId): Promise<Map<UserId, TeamId[]>> {
  const { rows } = await sql<{ userId: UserId; teamId: TeamId }>`
    select user_id as "userId", team_id as "teamId" from team_member where workspace_id = ${workspaceId} order by user_id, team_id`.execute(
    db,
  )
  const teams = new Map<UserId, TeamId[]>()
  for (const { userId, teamId } of rows) teams.set(userId, [...(teams.get(userId) ?? []), teamId])
  return teams
}

/** How many conversations are open in each one's hands. */
export async function selectOpenOf(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  users: readonly UserId[],
): Promise<Map<UserId, number>> {
  const { rows } = await sql<{ id: UserId; n: number }>`
    select assignee_id as id, count(*) as n from conversation
     where workspace_id = ${workspaceId} and assignee_id = any (${plainArray(users)}::uuid[])
       and status = 'open' and deleted_at is null and merged_into is null
     group by assignee_id`.execute(db)
  return new Map(rows.map(({ id, n }) => [id, n]))
}

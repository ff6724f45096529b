import { type Actor, actorReference } from '../../accounts/actor.ts'
import { listMembers } from '../../accounts/members.ts'
import type { Db, Tx } from '../../db/database.ts'
import { takeTurn } from '../../db/turns.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { newId, type TeamId, type UserId, type WorkspaceId } from '../../lib/ids.ts'
import type { Team } from './team.ts'
import { deleteTeam, selectTeams, upsertTeam } from './team-queries.ts'

export { selectOpenOf as openOf, selectTeam as findTeam, selectTeamsOf as teamsByMember } from './team-queries.ts'

const MAX_TEAMS = 200

/** All of them, by name. */
export function listTeams(db: Db | Tx, workspaceId: WorkspaceId): Promise<Team[]> {
  return selectTeams(db, workspaceId, MAX_TEAMS)
}

export interface TeamChange {
  readonly name?: string
  /** The whole list. */
  readonly members?: readonly UserId[]
}

export async function createTeam(tx: Tx, wanted: TeamChange & { readonly name: string }, actor: Actor, now: Date): Promise<Team> {
  const { workspaceId } = actor
  const plain = { workspaceId, id: newId<TeamId>(now.getTime()), name: wanted.name, members: [], createdAt: now, updatedAt: now }
  const teams = await lockedTeams(tx, actor)
  if (teams.length >= MAX_TEAMS) throw new Refusal('too_many_teams', { limit: MAX_TEAMS })
  return await save(tx, plain, wanted, teams, actor, now)
}

export async function changeTeam(tx: Tx, id: TeamId, change: TeamChange, actor: Actor, now: Date): Promise<Team> {
  const teams = await lockedTeams(tx, actor)
  return await save(tx, teamOf(teams, id), change, teams, actor, now)
}

/** Conversations and inboxes that were the team's are nobody's team's from then on; who had a conversation keeps it. */
export async function removeTeam(tx: Tx, id: TeamId, actor: Actor, now: Date): Promise<void> {
  const team = teamOf(await lockedTeams(tx, actor), id)
  await deleteTeam(tx, actor.workspaceId, id)
  await record(tx, team, { removed: true }, actor, now)
}

async function save(tx: Tx, team: Team, change: TeamChange, teams: readonly Team[], actor: Actor, now: Date): Promise<Team> {
  const name = (change.name ?? team.name).trim()
  if (teams.some((other) => other.id !== team.id && other.name.toLowerCase() === name.toLowerCase()))
    throw new Refusal('team_name_taken', { name, pointer: '/name' })
  const members = [...new Set(change.members ?? team.members)].sort()
  if (change.members) await refuseStrangers(tx, members, actor)
  const next = { ...team, name, members, updatedAt: now }
  await upsertTeam(tx, next)
  await record(tx, next, { members: members.length }, actor, now)
  return next
}

async function refuseStrangers(tx: Tx, members: readonly UserId[], actor: Actor): Promise<void> {
  const known = new Set((await listMembers(tx, actor)).map(({ id }) => id))
  const stranger = members.findIndex((id) => !known.has(id))
  if (stranger >= 0)
    throw new Refusal('invalid_request', { why: 'There is no such member in this workspace.', pointer: `/members/${stranger}` })
}

async function lockedTeams(tx: Tx, actor: Actor): Promise<readonly Team[]> {
  await takeTurn(tx, 'teams', actor.workspaceId)
  return await listTeams(tx, actor.workspaceId)
}

function teamOf(teams: readonly Team[], id: TeamId): Team {
  const team = teams.find((one) => one.id === id)
  if (!team) throw new Refusal('not_found', { what: 'team' })
  return team
}

async function record(tx: Tx, { id, name }: Team, data: Record<string, unknown>, actor: Actor, now: Date): Promise<void> {
  const { workspaceId } = actor
  await append(
    tx,
    { type: 'team.changed', workspaceId, subjectId: id, actor: actorReference(actor), data: { name, ...data } },
    now,
  )
}

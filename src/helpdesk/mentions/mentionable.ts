/** Whom one can name in what one writes: people who may see the conversation, and teams of such people. */
import { rosterOf } from '../../accounts/roster.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { InboxId, TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'
import { accessInto, levelIn } from '../access/reach.ts'
import { selectTeams } from './queries.ts'

export type Mentionable =
  | { readonly kind: 'user'; readonly id: UserId; readonly name: string; readonly email: string }
  | { readonly kind: 'team'; readonly id: TeamId; readonly name: string; readonly members: readonly UserId[] }

/** As many people as a workspace may have: a picker has them all, and finds while one types. */
const SHOWN = 1_000

/** Who sees only what is assigned to them may not see this one, so they are not offered. */
export async function mentionable(tx: Tx, workspaceId: WorkspaceId, inboxId: InboxId, search: string): Promise<Mentionable[]> {
  const access = await accessInto(tx, workspaceId, inboxId)
  if (access === null) throw new Refusal('not_found', { what: 'inbox' })
  const people = (await rosterOf(tx, workspaceId)).filter((person) => levelIn(access, person) === 'full')
  const ids = new Set(people.map(({ id }) => id))
  const wanted = search.trim().toLowerCase()
  const fits = (name: string) =>
    name
      .toLowerCase()
      .split(/\s+/)
      .some((word) => word.startsWith(wanted)) || name.toLowerCase().startsWith(wanted)
  const teams = (await selectTeams(tx, workspaceId)).map((team) => ({
    ...team,
    members: team.members.filter((id) => ids.has(id)),
  }))
  const found: Mentionable[] = [
    ...people.map(({ id, name, email }) => ({ kind: 'user' as const, id, name, email })),
    ...teams.filter(({ members }) => members.length > 0).map((team) => ({ kind: 'team' as const, ...team })),
  ]
  return found
    .filter(({ name }) => fits(name))
    .sort((a, b) => a.name.localeCompare(b.name))
    .slice(0, SHOWN)
}

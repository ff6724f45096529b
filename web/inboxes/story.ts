import type { Inbox } from '../../src/api/endpoints/inboxes.ts'
import { t } from '../texts/texts.ts'

interface Named {
  readonly id: string
  readonly name: string
}

export interface Around {
  readonly agents: readonly Named[]
  readonly teams: readonly Named[]
  readonly routes: readonly Named[]
}

/** What happens to a mail to this inbox and to the answer, in words. */
export function storyOf(inbox: Inbox, { agents, teams, routes }: Around): string {
  return `${arriving(inbox, agents, teams)}${inbox.auto_reply && inbox.no_match === 'start' ? t.inboxes.story.answered : ''}${leaving(inbox, routes)}`
}

function arriving(
  { address, no_match, closed_at, default_assignee, default_team }: Inbox,
  agents: readonly Named[],
  teams: readonly Named[],
) {
  const words = t.inboxes.story
  if (closed_at) return `${words.closed(address)}.`
  if (no_match === 'ignore') return `${words.ignores(address)}.`
  if (no_match === 'quarantine') return `${words.quarantines(address)}.`
  const assignee = agents.find(({ id }) => id === default_assignee)
  const team = teams.find(({ id }) => id === default_team)
  const whose = assignee ? words.assigned(assignee.name) : team ? words.ofTeam(team.name) : words.unassigned
  return `${words.starts(address)}${whose}${assignee && team ? words.ofTeam(team.name) : ''}.`
}

function leaving({ name, address, from_name, undo_seconds, route_id, status_after_reply }: Inbox, routes: readonly Named[]) {
  const words = t.inboxes.story
  const route = routes.find(({ id }) => id === route_id)
  const from = `${t.inboxes.fromNameExample(from_name, name)} <${address}>`
  const ending = status_after_reply === 'keep' ? words.unchanged : words.afterwards(status_after_reply)
  return `${words.leaves(from, undo_seconds)}${route ? words.by(route.name) : ''}${ending}`
}

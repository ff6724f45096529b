import { Refusal } from '../../errors.ts'
import { mayEnter, reachOf } from '../../helpdesk/access/reach.ts'
import {
  addAgentAddress as add,
  agentsIn,
  listAgents as list,
  removeAgentAddress as removeAddress,
} from '../../helpdesk/agents/agents.ts'
import {
  changeTeam as change,
  createTeam as create,
  removeTeam as remove,
  listTeams as teams,
} from '../../helpdesk/teams/teams.ts'
import {
  addAgentAddress,
  changeTeam,
  createTeam,
  listAgents,
  listTeams,
  removeAgentAddress,
  removeTeam,
} from '../endpoints/teams.ts'
import { type Route, route } from '../route.ts'
import { toAgent, toTeam } from '../wire/inboxes.ts'

export function teamRoutes(): Route[] {
  return [
    route(listAgents, async ({ tx, params, actor }) => {
      const { inbox_id: inboxId } = params
      if (inboxId === undefined) return { items: (await list(tx, actor)).map(toAgent), next: null }
      if (!mayEnter(await reachOf(tx, actor), inboxId)) throw new Refusal('not_found', { what: 'inbox' })
      return { items: (await agentsIn(tx, inboxId, actor)).map(toAgent), next: null }
    }),
    route(addAgentAddress, async ({ tx, params, body, actor, now }) =>
      toAgent(await add(tx, params.id, body.address, actor, now)),
    ),
    route(removeAgentAddress, async ({ tx, params, actor }) =>
      toAgent(await removeAddress(tx, params.id, params.address, actor)),
    ),
    route(listTeams, async ({ tx, actor }) => ({ items: (await teams(tx, actor.workspaceId)).map(toTeam), next: null })),
    route(createTeam, async ({ tx, body: { name, members }, actor, now }) =>
      toTeam(await create(tx, { name, ...(members && { members }) }, actor, now)),
    ),
    route(changeTeam, async ({ tx, params, body: { name, members }, actor, now }) =>
      toTeam(await change(tx, params.id, { ...(name !== undefined && { name }), ...(members && { members }) }, actor, now)),
    ),
    route(removeTeam, async ({ tx, params, actor, now }) => remove(tx, params.id, actor, now)),
  ]
}

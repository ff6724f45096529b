import { z } from 'zod'
import { ROLES } from '../../accounts/actor.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line } from './shapes.ts'

export const Agent = z
  .object({
    id: id<'user'>(),
    name: z.string(),
    email: z.string(),
    role: z.enum(ROLES),
    addresses: z.array(z.string()).describe('Others that they write from.'),
    teams: z.array(id<'team'>()),
  })
  .meta({ id: 'Agent' })
export type Agent = z.output<typeof Agent>

export const Team = z
  .object({ id: id<'team'>(), name: z.string(), members: z.array(id<'user'>()), created_at: isoDate, updated_at: isoDate })
  .meta({ id: 'Team' })
export type Team = z.output<typeof Team>

const BOB = '0193e0a0-6666-7abc-9def-0123456789ab'
const exampleTeam = {
  id: '0193e0a0-4444-7abc-9def-0123456789ab',
  name: 'Second level',
  members: [BOB],
  created_at: '2026-11-21T12:00:00.000Z',
  updated_at: '2026-11-21T12:00:00.000Z',
}
const exampleAgent = {
  id: BOB,
  name: 'Bob',
  email: 'bob@example.com',
  role: 'agent',
  addresses: ['bob@home.example'],
  teams: [exampleTeam.id],
}
const params = { id: exampleTeam.id }
const byId = z.strictObject({ id: id<'team'>() })
const wanted = { name: line(1, 100), members: z.array(id<'user'>()).max(1_000).describe('The whole list.') }

export const listAgents = endpoint({
  method: 'GET',
  path: '/v1/agents',
  summary: 'Who works here. With `inbox_id`, whom conversations of that inbox may be given to.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ inbox_id: id<'inbox'>().optional() }),
  reply: z.object({ items: z.array(Agent), next: z.null() }),
  errors: ['not_found'],
  example: { params: {}, reply: { items: [exampleAgent], next: null } },
})
export const addAgentAddress = endpoint({
  method: 'POST',
  path: '/v1/agents/:id/addresses',
  summary: 'Another address that an agent answers notifications from. Your own, or, for whoever manages members, anybody’s.',
  description:
    'It makes nobody an agent: an act by mail needs the signed token of a notification and a passed check of the sender as well.',
  permission: 'conversations.write',
  transaction: 'write',
  params: z.strictObject({ id: id<'user'>() }),
  body: z.strictObject({ address: line(3, 320) }),
  reply: Agent,
  errors: ['not_found', 'invalid_address', 'address_in_use', 'too_many_addresses'],
  example: { params: { id: BOB }, body: { address: 'bob@home.example' }, reply: exampleAgent },
})
export const removeAgentAddress = endpoint({
  method: 'DELETE',
  path: '/v1/agents/:id/addresses/:address',
  summary: 'Forget another address of an agent.',
  permission: 'conversations.write',
  transaction: 'write',
  params: z.strictObject({ id: id<'user'>(), address: line(3, 320) }),
  reply: Agent,
  errors: ['not_found'],
  example: { params: { id: BOB, address: 'bob@home.example' }, reply: { ...exampleAgent, addresses: [] } },
})
export const listTeams = endpoint({
  method: 'GET',
  path: '/v1/teams',
  summary: 'The teams, by name.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ items: z.array(Team), next: z.null() }),
  example: { reply: { items: [exampleTeam], next: null } },
})
export const createTeam = endpoint({
  method: 'POST',
  path: '/v1/teams',
  summary: 'Make a team.',
  permission: 'inboxes.manage',
  transaction: 'write',
  body: z.strictObject({ name: wanted.name, members: wanted.members.optional() }),
  reply: Team,
  status: 201,
  errors: ['team_name_taken', 'too_many_teams'],
  example: { body: { name: 'Second level', members: [BOB] }, reply: exampleTeam },
})
export const changeTeam = endpoint({
  method: 'PATCH',
  path: '/v1/teams/:id',
  summary: 'Rename a team, or say who belongs to it.',
  permission: 'inboxes.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject(wanted).partial(),
  reply: Team,
  errors: ['not_found', 'team_name_taken'],
  example: { params, body: { name: 'Engineers' }, reply: { ...exampleTeam, name: 'Engineers' } },
})
export const removeTeam = endpoint({
  method: 'DELETE',
  path: '/v1/teams/:id',
  summary: 'Remove a team. Who has a conversation keeps it.',
  permission: 'inboxes.manage',
  transaction: 'write',
  params: byId,
  errors: ['not_found'],
  example: { params },
})

export const teamEndpoints = [
  listAgents,
  addAgentAddress,
  removeAgentAddress,
  listTeams,
  createTeam,
  changeTeam,
  removeTeam,
] as const

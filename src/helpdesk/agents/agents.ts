/** Members as the helpdesk sees them: who works here, in which teams, and from which addresses they write. */
import { type Actor, can, type Role } from '../../accounts/actor.ts'
import { listMembers } from '../../accounts/members.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { InboxId, TeamId, UserId } from '../../lib/ids.ts'
import { type AccessLevel, accessInto, levelIn } from '../access/reach.ts'
import { tellNewCollisions } from '../collisions/collisions.ts'
import { inboxesOfAddresses } from '../inboxes/inbox-queries.ts'
import { addressKey } from '../inboxes/own-addresses.ts'
import { teamsByMember } from '../teams/teams.ts'
import { deleteAgentAddress, insertAgentAddress, selectAgentAddresses } from './agent-queries.ts'

export { selectAgentAddresses as agentAddresses } from './agent-queries.ts'

export interface Agent {
  readonly id: UserId
  readonly name: string
  readonly email: string
  readonly role: Role
  /** Others than the one they sign in with. */
  readonly addresses: readonly string[]
  readonly teams: readonly TeamId[]
}

const MAX_ADDRESSES = 20

export async function listAgents(tx: Tx, actor: Actor): Promise<Agent[]> {
  const members = await listMembers(tx, actor)
  const addresses = await selectAgentAddresses(tx, actor.workspaceId)
  const teams = await teamsByMember(tx, actor.workspaceId)
  return members.map(({ id, name, email, role }) => ({
    id,
    name,
    email,
    role,
    addresses: addresses.filter(({ userId }) => userId === id).map(({ address }) => address),
    teams: teams.get(id) ?? [],
  }))
}

/** Those who may work in an inbox, with how much of it they reach: whom its conversations may be given to. */
export async function agentsIn(tx: Tx, inboxId: InboxId, actor: Actor): Promise<(Agent & { readonly level: AccessLevel })[]> {
  const access = await accessInto(tx, actor.workspaceId, inboxId)
  if (!access) throw new Refusal('not_found', { what: 'inbox' })
  const agents = await listAgents(tx, actor)
  return agents.map((agent) => ({ ...agent, level: levelIn(access, agent) })).filter((agent) => mayWork(agent, agent.level))
}

/** Whoever only looks answers nobody. */
export function mayWork({ role }: Pick<Agent, 'role'>, level: AccessLevel): boolean {
  return role !== 'viewer' && level !== 'none'
}

/**
 * An address that an agent also writes from. What it is used for is answering notifications; it makes nobody an agent, since the role of a sender is
 * never decided by an address alone.
 */
export async function addAgentAddress(tx: Tx, id: UserId, text: string, actor: Actor, now: Date): Promise<Agent> {
  const agent = await agentFor(tx, id, actor)
  const address = addressKey(text, '/address')
  if (address === agent.email.toLowerCase() || agent.addresses.includes(address)) return agent
  if (agent.addresses.length >= MAX_ADDRESSES) throw new Refusal('too_many_addresses', { limit: MAX_ADDRESSES })
  await refuseOthers(tx, address, actor)
  if (!(await insertAgentAddress(tx, actor.workspaceId, { address, userId: id }, now)))
    throw new Refusal('address_in_use', { address, why: 'it is another agent’s', pointer: '/address' })
  await tellNewCollisions(tx, actor.workspaceId, now)
  return await agentFor(tx, id, actor)
}

export async function removeAgentAddress(tx: Tx, id: UserId, address: string, actor: Actor): Promise<Agent> {
  await agentFor(tx, id, actor)
  if (!(await deleteAgentAddress(tx, actor.workspaceId, { address: address.toLowerCase(), userId: id })))
    throw new Refusal('not_found', { what: 'address' })
  return await agentFor(tx, id, actor)
}

async function refuseOthers(tx: Tx, address: string, actor: Actor): Promise<void> {
  const [inbox] = await inboxesOfAddresses(tx, actor.workspaceId, [address])
  if (inbox) {
    const why = `mail to it goes to the inbox ${inbox.inbox}, so nobody could answer from it as a person`
    throw new Refusal('address_in_use', { address, why, pointer: '/address' })
  }
  const agents = await listAgents(tx, actor)
  const other = agents.find((agent) => agent.email.toLowerCase() === address || agent.addresses.includes(address))
  if (other) throw new Refusal('address_in_use', { address, why: `it is ${other.name}’s`, pointer: '/address' })
}

/** Their own addresses are everybody's to keep; those of others are for whoever manages members. */
async function agentFor(tx: Tx, id: UserId, actor: Actor): Promise<Agent> {
  const isOwn = actor.kind === 'user' && actor.id === id
  if (!isOwn && !can(actor, 'members.manage')) throw new Refusal('forbidden', { permission: 'members.manage' })
  const agent = (await listAgents(tx, actor)).find((one) => one.id === id)
  if (!agent) throw new Refusal('not_found', { what: 'member' })
  return agent
}

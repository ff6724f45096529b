import { type Actor, actorReference } from '../../accounts/actor.ts'
import { membersIn } from '../../accounts/members.ts'
import { contactNames } from '../../contacts/contact-names.ts'
import { contactIdsOf } from '../../contacts/save-contact.ts'
import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { NewIncident } from '../../incidents/incident.ts'
import { clearIncident, keepIncidents, raiseIncident } from '../../incidents/incidents.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { MINUTE } from '../../lib/clock.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { listMailboxes } from '../../mailboxes/mailboxes.ts'
import { selectAgentAddresses } from '../agents/agent-queries.ts'
import { listInboxes } from '../inboxes.ts'
import { type AddressUse, type Collision, collisionsOf, isKnown, rolesOf } from './collision.ts'
import { deleteKnown, type KnownRow, selectKnown, upsertKnown, workspacesWithInboxes } from './collision-queries.ts'

export interface ShownCollision extends Collision {
  /** Since when somebody knows; null: it is news. */
  readonly knownSince: Date | null
}

/** What is known here of addresses is little beside the contacts: those are asked for these few only. */
export async function listCollisions(tx: Tx, workspaceId: WorkspaceId): Promise<ShownCollision[]> {
  const ours = await ourUses(tx, workspaceId)
  const uses = [...ours, ...(await customersAmong(tx, workspaceId, ours))]
  const known = new Map((await selectKnown(tx, workspaceId)).map((row) => [row.address, row]))
  return collisionsOf(uses).map((collision) => ({ ...collision, knownSince: sinceOf(collision, known.get(collision.address)) }))
}

function sinceOf(collision: Collision, known: KnownRow | undefined): Date | null {
  return known && isKnown(collision, known.roles) ? known.notedAt : null
}

async function ourUses(tx: Tx, workspaceId: WorkspaceId): Promise<AddressUse[]> {
  const members = await membersIn(tx, workspaceId)
  const nameOf = new Map(members.map(({ id, name }) => [id, name]))
  const others = await selectAgentAddresses(tx, workspaceId)
  const inboxes = await listInboxes(tx, workspaceId)
  const mailboxes = await listMailboxes(tx, workspaceId)
  return [
    ...members.map(({ id, name, email }) => ({ address: email.toLowerCase(), role: 'agent' as const, id, name })),
    ...others.map(({ address, userId }) => ({ address, role: 'agent' as const, id: userId, name: nameOf.get(userId) ?? '' })),
    ...inboxes.flatMap(({ id, name, address: own, addresses, autoBcc }) => [
      ...addresses.map(({ address }) => ({ address, role: address === own ? ('inbox' as const) : ('alias' as const), id, name })),
      ...autoBcc.map((address) => ({ address, role: 'blind_copy' as const, id, name })),
    ]),
    ...mailboxes.map(({ id, name, address }) => ({ address: address.toLowerCase(), role: 'mailbox' as const, id, name })),
  ]
}

async function customersAmong(tx: Tx, workspaceId: WorkspaceId, ours: readonly AddressUse[]): Promise<AddressUse[]> {
  const found = await contactIdsOf(tx, workspaceId, [...new Set(ours.map(({ address }) => address))])
  const names = await contactNames(tx, workspaceId, [...found.values()])
  return [...found].map(([address, id]) => ({ address, role: 'customer' as const, id, name: names.get(id)?.name || address }))
}

/** "I know, keep quiet." It stays on the page; it is news again when the address becomes one thing more. */
export async function keepQuiet(tx: Tx, address: string, actor: Actor, now: Date): Promise<ShownCollision> {
  const collision = await collisionAt(tx, address, actor)
  await upsertKnown(tx, actor.workspaceId, { address, roles: rolesOf(collision), actor: actorReference(actor) }, now)
  await clearIncident(tx, actor.workspaceId, keyOf(address), now)
  return { ...collision, knownSince: now }
}

/** "Tell me again." */
export async function tellAgain(tx: Tx, address: string, actor: Actor, now: Date): Promise<ShownCollision> {
  const collision = await collisionAt(tx, address, actor)
  await deleteKnown(tx, actor.workspaceId, address)
  await raiseIncident(tx, incidentOf(actor.workspaceId, collision), now)
  return { ...collision, knownSince: null }
}

async function collisionAt(tx: Tx, address: string, actor: Actor): Promise<ShownCollision> {
  const found = (await listCollisions(tx, actor.workspaceId)).find((collision) => collision.address === address)
  if (!found) throw new Refusal('not_found', { what: 'collision' })
  return found
}

/** After inboxes, agents or their addresses changed: what is new is told in the same transaction. What ended, the job finds. */
export async function tellNewCollisions(tx: Tx, workspaceId: WorkspaceId, now: Date): Promise<void> {
  for (const incident of await newsOf(tx, workspaceId)) await raiseIncident(tx, incident, now)
}

const KIND = 'address.collision'
const EVERY_MS = 5 * MINUTE

/** Contacts come by themselves with the mail, so somebody has to look; what has ended is resolved. */
export function collisionJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'helpdesk.collisions',
      everyMs: EVERY_MS,
      run: async (now) => {
        const found: NewIncident[] = []
        for (const workspaceId of await workspacesWithInboxes(database.db))
          found.push(...(await database.transaction(ENGINE, (tx) => newsOf(tx, workspaceId), { readOnly: true })))
        await database.transaction(ENGINE, (tx) => keepIncidents(tx, KIND, found, now))
      },
    },
  ]
}

/** At most so many incidents a workspace; the page has all. */
const MAX_NEWS = 50

async function newsOf(tx: Tx, workspaceId: WorkspaceId): Promise<NewIncident[]> {
  const news = (await listCollisions(tx, workspaceId)).filter(({ knownSince }) => knownSince === null)
  return news.slice(0, MAX_NEWS).map((collision) => incidentOf(workspaceId, collision))
}

function keyOf(address: string): string {
  return `${KIND}:${address}`
}

const ROLE_WORDS = {
  agent: 'an agent',
  customer: 'a customer',
  inbox: 'an inbox',
  alias: 'an alias of an inbox',
  blind_copy: 'a receiver of blind copies',
  mailbox: 'an account that is read',
} as const

function incidentOf(workspaceId: WorkspaceId, collision: Collision): NewIncident {
  const { address, effects } = collision
  const roles = rolesOf(collision)
  const said = roles.map((role) => ROLE_WORDS[role])
  return {
    workspaceId,
    key: keyOf(address),
    kind: KIND,
    severity: 'warning',
    title: `${address} is several things at once`,
    sentence: `${address} is ${said.slice(0, -1).join(', ')} and ${said.at(-1)}. ${effects[0]?.sentence ?? ''}`,
    hint: 'Nothing is blocked by it. Change one of them, or say under Settings, Addresses that you know.',
    subject: { kind: 'address', id: address },
    evidence: { roles },
  }
}

/**
 * Addresses that are none were brought by other tools, or written past everything that looks at what is written: a whole row of a table where an
 * address should be. Repairing puts the address there that stands in it, and the names where names belong.
 *
 * Consent: what a person said stays with them. The cell names one address and no other, so the row was theirs from the beginning, and no mail can ever
 * have reached somebody else by it. For the same reason nobody can have confirmed a list by a link in a mail to it: on lists with double opt-in they
 * are to be confirmed anew, as after every change of an address. Where two addresses stand in it nobody knows whose row it is: it is not split.
 */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Database, Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { NewEvent } from '../../events/event.ts'
import type { Clock } from '../../lib/clock.ts'
import { type ContactId, type Id, newId, type WorkspaceId } from '../../lib/ids.ts'
import { parseAddress } from '../../mail/address.ts'
import { insertRepair, type OddAddress, selectOdd, selectOwners, selectRepair, updateRepair } from './queries.ts'
import { type Proposal, proposeSplit } from './split.ts'

export { type RepairRow, selectRepairRows as listRepairRows, selectRepairs as listRepairs } from './queries.ts'

export type RepairId = Id<'contact_repair'>

export interface RepairCounts {
  readonly split: number
  readonly merged: number
  readonly skipped: number
  readonly undone: number
  readonly stayed: number
}

export interface Repair {
  readonly workspaceId: WorkspaceId
  readonly id: RepairId
  readonly state: 'running' | 'done' | 'undoing' | 'undone'
  /** The chosen ones; null: all that can be split. */
  readonly addresses: readonly string[] | null
  /** What becomes of those whose address another contact has: they stay as they are, or the two are joined. */
  readonly conflicts: 'skip' | 'merge'
  readonly counts: RepairCounts
  readonly cursor: string
  readonly actor: Actor
  readonly createdAt: Date
  readonly finishedAt: Date | null
}

export interface RepairDeps {
  readonly database: Database
  readonly clock: Clock
  /** Joining people, and parting them again, moves their conversations too: whoever has these does it. */
  join(tx: Tx, pair: { readonly from: ContactId; readonly into: ContactId }, actor: Actor, now: Date): Promise<unknown>
  part(tx: Tx, id: ContactId, actor: Actor, now: Date): Promise<unknown>
}

const NO_COUNTS: RepairCounts = { split: 0, merged: 0, skipped: 0, undone: 0, stayed: 0 }

export async function startRepair(
  tx: Tx,
  { addresses, conflicts }: Pick<Repair, 'addresses' | 'conflicts'>,
  actor: Actor,
  now: Date,
): Promise<Repair> {
  const repair: Repair = {
    workspaceId: actor.workspaceId,
    id: newId<RepairId>(now.getTime()),
    state: 'running',
    addresses: addresses && [...new Set(addresses)],
    conflicts,
    counts: NO_COUNTS,
    cursor: '',
    actor,
    createdAt: now,
    finishedAt: null,
  }
  await insertRepair(tx, repair)
  return repair
}

export async function readRepair(db: Db | Tx, workspaceId: WorkspaceId, id: RepairId): Promise<Repair> {
  const repair = await selectRepair(db, workspaceId, id)
  if (!repair) throw new Refusal('not_found', { what: 'repair' })
  return repair
}

export async function undoRepair(tx: Tx, id: RepairId, actor: Actor): Promise<Repair> {
  const repair = await selectRepair(tx, actor.workspaceId, id, { lock: true })
  if (!repair) throw new Refusal('not_found', { what: 'repair' })
  if (repair.state !== 'done') throw new Refusal('wrong_state', { what: 'repair', state: repair.state, action: 'undone' })
  const undoing = { ...repair, state: 'undoing' as const, cursor: '', finishedAt: null }
  await updateRepair(tx, undoing)
  return undoing
}

/** One stored address that is none, and what it would become. */
export interface Malformed {
  readonly address: string
  readonly contactId: ContactId
  readonly proposal: Proposal
  /** Who has the address already that it would become. */
  readonly conflict: { readonly id: ContactId; readonly name: string } | null
}

const LOOKED_AT_ONCE = 1_000
const MOST_LOOKS = 50

/** The next that are no addresses, behind one. `after` is where to go on; null at the end. */
export async function findMalformed(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<{ readonly items: readonly Malformed[]; readonly next: string | null }> {
  const found: (OddAddress & { readonly proposal: Proposal })[] = []
  let cursor = after
  for (let look = 0; look < MOST_LOOKS; look++) {
    const odd = await selectOdd(db, workspaceId, { after: cursor, among: null, limit: LOOKED_AT_ONCE })
    for (const one of odd) {
      const proposal = proposeSplit(one.address)
      if (proposal) found.push({ ...one, proposal })
      if (found.length === limit) return { items: await withConflicts(db, workspaceId, found), next: one.address }
    }
    cursor = odd.at(-1)?.address ?? cursor
    if (odd.length < LOOKED_AT_ONCE) return { items: await withConflicts(db, workspaceId, found), next: null }
  }
  return { items: await withConflicts(db, workspaceId, found), next: cursor }
}

async function withConflicts(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  found: readonly (OddAddress & { readonly proposal: Proposal })[],
): Promise<Malformed[]> {
  const wanted = found.flatMap(({ proposal }) => (proposal.ok ? [proposal.split.address] : []))
  const owners = await selectOwners(db, workspaceId, wanted)
  return found.map(({ address, contactId, proposal }) => {
    const owner = proposal.ok ? owners.get(proposal.split.address) : undefined
    const conflict = owner && owner.id !== contactId ? { id: owner.id, name: owner.name } : null
    return { address, contactId, proposal, conflict }
  })
}

export interface MalformedCount {
  readonly malformed: number
  readonly splittable: number
  /** There are more than were looked at. */
  readonly isMore: boolean
}

const COUNTED_AT_MOST = 50_000

export async function countMalformed(db: Db | Tx, workspaceId: WorkspaceId): Promise<MalformedCount> {
  const odd = await selectOdd(db, workspaceId, { after: '', among: null, limit: COUNTED_AT_MOST })
  const proposals = odd.flatMap(({ address }) => (parseAddress(address) ? [] : (proposeSplit(address) ?? [])))
  return {
    malformed: proposals.length,
    splittable: proposals.filter(({ ok }) => ok).length,
    isMore: odd.length === COUNTED_AT_MOST,
  }
}

export function repairActor({ actor }: Pick<Repair, 'actor'>): string {
  return actorReference(actor)
}

export function changedEvent(repair: Repair, subjectId: ContactId, name: string): NewEvent {
  const data = { name, changes: ['addresses'], repair: repair.id }
  return { type: 'contact.changed', workspaceId: repair.workspaceId, subjectId, actor: repairActor(repair), data }
}

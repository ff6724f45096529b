import type { Tx } from '../../../db/database.ts'
import { Refusal } from '../../../errors.ts'
import { append } from '../../../events/append.ts'
import type { NewIncident } from '../../../incidents/incident.ts'
import { clearIncident, keepIncidents } from '../../../incidents/incidents.ts'
import type { WorkspaceId } from '../../../lib/ids.ts'
import { deleteSuppressions, EVERYTHING } from '../queries.ts'
import { suppress } from '../suppress.ts'
import { isStorm, STORM } from '../suppression.ts'
import { decideEvidence, type HeldDomain, type HeldRow, selectHeld } from './queries.ts'

export { type HeldDomain, selectHeld as listHeld } from './queries.ts'

const KIND = 'suppression.storm'
const CHUNK = 1_000
const MAX_CHUNKS = 50

export interface Decided {
  /** Addresses that were put on the list, or whose evidence was thrown away. */
  readonly addresses: number
  /** Of a discarded storm: those that had got onto the list before it was noticed, and were taken off again. */
  readonly takenOff: number
}

/** A person decides about everything that is held of a domain. */
export async function decideHeld(
  tx: Tx,
  workspaceId: WorkspaceId,
  domain: string,
  decision: 'suppress' | 'discard',
  actor: string,
  now: Date,
): Promise<Decided> {
  const held = (await selectHeld(tx, workspaceId)).find((each) => each.domain === domain)
  if (!held) throw new Refusal('not_found', { what: 'held evidence' })
  const addresses = await decide(tx, held, decision === 'suppress' ? 'applied' : 'discarded', actor, now)
  const takenOff = decision === 'discard' ? await takeOffEarly(tx, held, actor, now) : 0
  await clearIncident(tx, workspaceId, `${KIND}:${domain}`, now)
  return { addresses, takenOff }
}

/**
 * Looks again at what is held: the counting of verdicts runs a few seconds behind, so that a first handful may have looked like a storm. What is none is
 * applied; what is one needs a person.
 */
export async function reviewHeld(tx: Tx, now: Date): Promise<void> {
  const held = await selectHeld(tx, null)
  const storms = held.filter(isStorm)
  for (const domain of held.filter((each) => !isStorm(each))) await decide(tx, domain, 'applied', null, now)
  await keepIncidents(tx, KIND, storms.map(toIncident), now)
}

async function decide(
  tx: Tx,
  { workspaceId, domain }: HeldDomain,
  to: 'applied' | 'discarded',
  actor: string | null,
  now: Date,
): Promise<number> {
  const addresses = new Set<string>()
  for (let chunk = 0; chunk < MAX_CHUNKS; chunk++) {
    const rows = await decideEvidence(tx, workspaceId, domain, to, actor, CHUNK)
    for (const { address } of rows) addresses.add(address)
    if (to === 'applied') await suppress(tx, workspaceId, rows.map(toSuppression), actor, now)
    if (rows.length < CHUNK) break
  }
  return addresses.size
}

function toSuppression({ address, deliveryId, note, reply }: HeldRow) {
  return {
    address,
    deliveryId,
    note,
    reply,
    stream: 'all' as const,
    reason: 'unknown_address' as const,
    source: 'reply' as const,
  }
}

/** The first of a storm were believed: until there were enough of them, they looked like any others. */
async function takeOffEarly(tx: Tx, { workspaceId, domain, since }: HeldDomain, actor: string, now: Date): Promise<number> {
  const from = new Date(since.getTime() - STORM.withinMs)
  const removed = await deleteSuppressions(tx, workspaceId, { ...EVERYTHING, domain, reason: 'unknown_address', from }, CHUNK)
  await append(
    tx,
    removed.map(({ address, stream }) => ({
      type: 'suppression.removed' as const,
      workspaceId,
      actor,
      data: { address, stream, why: 'storm_discarded' },
    })),
    now,
  )
  return removed.length
}

function toIncident(held: HeldDomain): NewIncident {
  const { workspaceId, domain, addresses, unknown, verdicts, since, samples, reply } = held
  const share = Math.round((100 * unknown) / Math.max(verdicts, unknown))
  return {
    workspaceId,
    key: `${KIND}:${domain}`,
    kind: KIND,
    severity: 'warning',
    title: `${domain} suddenly knows many of its addresses no more`,
    sentence: `${unknown} different addresses at ${domain} were said not to exist within an hour or so, ${share} % of all that it said. ${addresses} of them are held back from the suppression list until somebody decides.`,
    hint: `A server that lost its directory says this of everybody. If the addresses are really gone, suppress them all; if ${domain} has a fault, discard what it said.`,
    subject: { kind: 'recipient_domain', id: domain },
    evidence: { addresses, unknown, verdicts, since, samples, reply },
  }
}

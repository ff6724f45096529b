/** What would become of an audience if its campaign started now: counted by the rules of freezing, and nothing is written. */
import { addressesNotPlain, candidatesOf, openedBy, peopleOnLists } from '../contacts/audience/people.ts'
import type { Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { parseAddress } from '../mail/address.ts'
import type { Audience } from './audience.ts'
import type { Exclusion } from './campaign.ts'
import { cappedFor } from './caps/caps.ts'
import { mustKnowAudience, resolveAudience, suppressedFor } from './choose.ts'
import { countCandidates, recipientsOf } from './queries.ts'

export interface AudienceCount {
  /** Everybody who is meant: the sum of those who would get it and those who are excluded. */
  readonly candidates: number
  readonly wouldGet: number
  /** What is seen by their texts alone, missing fields, is not among these. */
  readonly excluded: readonly { readonly reason: Exclusion; readonly n: number }[]
}

/** Unusual addresses are read one by one; a workspace with more of them than this is told a lower number. */
const MOST_ODD = 200_000

/** Only in a transaction of the engine. */
export async function countAudience(tx: Tx, workspaceId: WorkspaceId, audience: Audience, now: Date): Promise<AudienceCount> {
  await mustKnowAudience(tx, workspaceId, audience)
  const malformed = (await addressesNotPlain(tx, workspaceId, MOST_ODD)).filter((address) => !parseAddress(address))
  const counted = await countCandidates(tx, await candidatesFor(tx, workspaceId, audience, now), malformed, {
    isSuppressed: suppressedFor({ workspaceId, audience }, now),
    isCapped: await cappedFor(tx, { workspaceId, audience, id: null, capExempt: false }, now),
  })
  const excluded = counted.flatMap(({ reason, n }) => (reason === null ? [] : [{ reason, n }]))
  const wouldGet = counted.find(({ reason }) => reason === null)?.n ?? 0
  return { candidates: excluded.reduce((sum, { n }) => sum + n, wouldGet), wouldGet, excluded }
}

/** (contact_id, address, standing) of everybody who is meant. Only in a transaction of the engine. */
export async function candidatesFor(tx: Tx, workspaceId: WorkspaceId, audience: Audience, now: Date) {
  switch (audience.kind) {
    case 'lists':
      return candidatesOf(workspaceId, audience.lists, peopleOnLists(workspaceId, audience.lists), null)
    case 'segments':
      return candidatesOf(workspaceId, audience.lists, await resolveAudience(tx, workspaceId, audience, now), null)
    case 'not_opened': {
      const { campaignId } = audience
      return recipientsOf(workspaceId, campaignId, (contact) => openedBy(workspaceId, campaignId, contact), null, null)
    }
  }
}

import { candidatesOnLists, openedBy } from '../../contacts/audience/people.ts'
import { scopeOfList } from '../../contacts/consent/consent.ts'
import type { Tx } from '../../db/database.ts'
import { isSuppressedIn } from '../../delivery/suppression/suppress.ts'
import type { Campaign } from '../campaign.ts'
import { freezeChunk, recipientsOf, saveCampaign } from '../queries.ts'
import { lockAt } from './step.ts'

const CHUNK = 20_000

/** Looks at the next people of the audience. */
export async function freezeStep(tx: Tx, seen: Campaign, now: Date): Promise<boolean> {
  const campaign = await lockAt(tx, seen)
  if (!campaign) return false
  const { workspaceId, audience, cursor } = campaign
  const candidates =
    audience.kind === 'lists'
      ? candidatesOnLists(workspaceId, audience.lists, cursor, CHUNK)
      : recipientsOf(
          workspaceId,
          audience.campaignId,
          (contact) => openedBy(workspaceId, audience.campaignId, contact),
          cursor,
          CHUNK,
        )
  const streams = ['all' as const, 'bulk' as const, ...audience.lists.map(scopeOfList)]
  const isSuppressed = (address: Parameters<typeof isSuppressedIn>[1]) => isSuppressedIn(workspaceId, address, streams, now)
  const { looked } = await freezeChunk(tx, campaign, candidates, isSuppressed, now)
  // Whoever comes to a list behind the cursor meanwhile is looked at too; an empty page is the end, a short one is not.
  if (looked === 0) await saveCampaign(tx, { ...campaign, phase: 'filling', cursor: null, movedAt: now })
  return true
}

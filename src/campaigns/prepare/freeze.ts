import { candidatesOf, candidatesOnLists, openedBy } from '../../contacts/audience/people.ts'
import type { Tx } from '../../db/database.ts'
import { cancelMailing } from '../../delivery/mailings/mailings.ts'
import { Refusal } from '../../errors.ts'
import type { ContactId } from '../../lib/ids.ts'
import { type Campaign, campaignReason } from '../campaign.ts'
import { cappedFor } from '../caps/caps.ts'
import { resolveAudience, suppressedFor } from '../choose.ts'
import { mailingOf } from '../life.ts'
import { tell } from '../manage.ts'
import {
  deleteAudience,
  type FreezeRules,
  freezeChunk,
  insertAudience,
  nextAudiencePart,
  peopleOfPart,
  recipientsOf,
  saveCampaign,
} from '../queries.ts'
import { lockAt } from './step.ts'

const CHUNK = 20_000

/** Before everybody: behind this contact begins an audience whose people were looked for. */
const NOBODY = '00000000-0000-0000-0000-000000000000' as ContactId

/** Looks at the next people of the audience. */
export async function freezeStep(tx: Tx, seen: Campaign, now: Date): Promise<boolean> {
  const campaign = await lockAt(tx, seen)
  if (!campaign) return false
  if (campaign.audience.kind === 'segments' && campaign.cursor === null) return await takeAudience(tx, campaign, now)
  const candidates = await candidatesBehind(tx, campaign)
  const { looked } = candidates
    ? await freezeChunk(tx, campaign, candidates, await rulesFor(tx, campaign, now), now)
    : { looked: 0 }
  // Whoever comes to a list behind the cursor meanwhile is looked at too; an empty page is the end, a short one is not.
  if (looked === 0) {
    await deleteAudience(tx, campaign)
    await saveCampaign(tx, { ...campaign, phase: 'filling', cursor: null, movedAt: now })
  }
  return true
}

async function rulesFor(tx: Tx, campaign: Campaign, now: Date): Promise<FreezeRules> {
  return { isSuppressed: suppressedFor(campaign, now), isCapped: await cappedFor(tx, campaign, now) }
}

/** One statement answers for all lists and segments, so that everybody is judged by the same moment, however long it takes to look at them. */
async function takeAudience(tx: Tx, campaign: Campaign, now: Date): Promise<boolean> {
  const { workspaceId, audience } = campaign
  if (audience.kind !== 'segments') return false
  const people = await resolveAudience(tx, workspaceId, audience, now).catch((error: Error) => {
    if (error instanceof Refusal) return null
    throw error
  })
  if (people === null) return await giveUp(tx, campaign, now)
  await insertAudience(tx, campaign, people, CHUNK)
  await saveCampaign(tx, { ...campaign, cursor: NOBODY, movedAt: now })
  return true
}

/** Somebody removed a segment in the second after the start: without it nobody knows whom the sender meant. */
async function giveUp(tx: Tx, campaign: Campaign, now: Date): Promise<boolean> {
  const reason = campaignReason(
    'segment_removed',
    'A segment of this campaign was removed just after it was started, so nothing was sent.',
    'Choose other segments in a copy of it, and send that.',
    now,
  )
  await cancelMailing(tx, campaign.workspaceId, mailingOf(campaign), reason, now)
  await saveCampaign(tx, { ...campaign, state: 'cancelled', phase: null, cursor: null, reason, finishedAt: now, updatedAt: now })
  await tell(tx, campaign, 'campaign.cancelled', null, now, { why: reason.code })
  return true
}

async function candidatesBehind(tx: Tx, campaign: Campaign) {
  const { workspaceId, audience, cursor } = campaign
  switch (audience.kind) {
    case 'lists':
      return candidatesOnLists(workspaceId, audience.lists, cursor, CHUNK)
    case 'segments': {
      const part = await nextAudiencePart(tx, campaign, cursor ?? NOBODY)
      return part && candidatesOf(workspaceId, audience.lists, peopleOfPart(campaign, part), part)
    }
    case 'not_opened':
      return recipientsOf(
        workspaceId,
        audience.campaignId,
        (contact) => openedBy(workspaceId, audience.campaignId, contact),
        cursor,
        CHUNK,
      )
  }
}

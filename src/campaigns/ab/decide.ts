/** The end of a test: what is counted, who wins, and how the rest goes on. The rest are rows without a delivery until then. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { hasUntried, pauseMailing } from '../../delivery/mailings/mailings.ts'
import { Refusal } from '../../errors.ts'
import { assert } from '../../lib/assert.ts'
import { MINUTE } from '../../lib/clock.ts'
import { dateIn } from '../../lib/zones.ts'
import { type Campaign, type CampaignId, campaignReason } from '../campaign.ts'
import { mailingOf, preparingReason } from '../life.ts'
import { lockFor, tell } from '../manage.ts'
import { saveCampaign } from '../queries.ts'
import { countOf, type Decision, letterOf, type VariantCount, verdictOf, verdictSentence } from './ab-test.ts'
import { isTesting, variantsOf } from './as-variant.ts'
import { countVariants } from './queries.ts'

/** What time does to a campaign under test that is being sent, locked. True when it was moved on. */
export async function testStep(tx: Tx, campaign: Campaign, now: Date): Promise<boolean> {
  const { ab, decidesAt, question } = campaign
  assert(ab, 'a campaign with versions')
  if (campaign.winner !== null) return await goOn(tx, campaign, now)
  if (question || ab.measure === 'by_hand') return false
  if (decidesAt === null) return await beginClock(tx, campaign, now)
  if (decidesAt > now) return false
  const counts = await countAll(tx, campaign)
  const verdict = verdictOf(counts)
  const sentence = verdictSentence(verdict, counts, ab.measure)
  if (verdict.how !== 'clear' && ab.unclear === 'ask') {
    const asked = campaignReason('choose_winner', `The test is over. ${sentence}`, 'Choose which version the rest gets.', now)
    await saveCampaign(tx, { ...campaign, question: asked, updatedAt: now })
    return true
  }
  const decision = { by: 'measure', how: verdict.how, sentence, counts, at: now.toISOString() }
  return await goOn(tx, await decided(tx, campaign, verdict.winner, decision, null, now), now)
}

/** The time of a test is counted from when the last of its mails had its first try: a slow one is not judged by those who did not get it yet. */
async function beginClock(tx: Tx, campaign: Campaign, now: Date): Promise<boolean> {
  if (await hasUntried(tx, campaign.workspaceId, mailingOf(campaign))) return false
  const decidesAt = new Date(now.getTime() + (campaign.ab?.afterMinutes ?? 0) * MINUTE)
  await saveCampaign(tx, { ...campaign, decidesAt, updatedAt: now })
  return true
}

/** By a person: before its time, or because nothing else decides it. */
export async function chooseWinner(tx: Tx, id: CampaignId, variant: number, actor: Actor, now: Date): Promise<Campaign> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'choose_winner')
  const { ab } = campaign
  if (!ab || !isTesting(campaign))
    throw new Refusal('wrong_state', { what: 'campaign', state: campaign.state, action: 'decided' })
  if (variant < 0 || variant >= countOf(ab))
    throw new Refusal('invalid_request', { pointer: '/variant', why: `Its versions are A to ${letterOf(countOf(ab) - 1)}.` })
  const by = actorReference(actor)
  const sentence = `${actor.name} chose ${letterOf(variant)}.`
  const decision = { by, how: 'chosen' as const, sentence, counts: await countAll(tx, campaign), at: now.toISOString() }
  return await decided(tx, campaign, variant, decision, by, now)
}

async function decided(
  tx: Tx,
  campaign: Campaign,
  winner: number,
  decision: Decision,
  actor: string | null,
  now: Date,
): Promise<Campaign> {
  const saved = {
    ...campaign,
    winner,
    decision,
    decidesAt: campaign.decidesAt ?? now,
    question: null,
    movedAt: now,
    updatedAt: now,
  }
  await saveCampaign(tx, saved)
  await tell(tx, saved, 'campaign.winner_chosen', actor, now, { winner: letterOf(winner), why: decision.sentence })
  return saved
}

/** The rest is prepared as the whole was: its mailing stands still meanwhile, and goes on when everybody is accounted for. */
async function goOn(tx: Tx, campaign: Campaign, now: Date): Promise<boolean> {
  const { workspaceId, localTime, localDate } = campaign
  await pauseMailing(tx, workspaceId, mailingOf(campaign), preparingReason(now), now)
  await saveCampaign(tx, {
    ...campaign,
    state: 'preparing',
    phase: 'filling',
    cursor: null,
    localDate: localTime ? dateIn(localTime.zone, now) : localDate,
    movedAt: now,
    updatedAt: now,
  })
  return true
}

/** Every version, also one that nobody got. */
async function countAll(tx: Tx, campaign: Campaign): Promise<VariantCount[]> {
  const measure = campaign.ab?.measure ?? 'by_hand'
  const counted = await countVariants(tx, campaign, measure === 'by_hand' ? 'opened' : measure)
  return variantsOf(campaign).map((variant) => counted.find((one) => one.variant === variant) ?? { variant, sent: 0, did: 0 })
}

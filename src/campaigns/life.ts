/** What people do with a campaign that is written, and what its schedule does. */
import { type Actor, actorReference } from '../accounts/actor.ts'
import { scopeOfList } from '../contacts/consent/consent.ts'
import type { Tx } from '../db/database.ts'
import type { Reason } from '../delivery/delivery.ts'
import {
  cancelMailing,
  createMailing,
  type MailingPace,
  pauseMailing,
  reopenMailing,
  resumeMailing,
  setMailingPace,
} from '../delivery/mailings/mailings.ts'
import { Refusal } from '../errors.ts'
import { assert } from '../lib/assert.ts'
import { DAY } from '../lib/clock.ts'
import type { MailingId, WorkspaceId } from '../lib/ids.ts'
import { dateIn, instantOf } from '../lib/zones.ts'
import { takeTemplate } from '../templates/library/templates.ts'
import type { AbTest } from './ab/ab-test.ts'
import { asVariant, variantsOf } from './ab/as-variant.ts'
import { type Campaign, type CampaignId, campaignReason } from './campaign.ts'
import { mustBeSendable, mustHaveBeenSent } from './choose.ts'
import { authorOf, mustBeWritten } from './compile.ts'
import { FIRST_ZONE_MS } from './local-time.ts'
import { lockFor, tell } from './manage.ts'
import { askAll, saveCampaign } from './queries.ts'

const MAX_AHEAD_MS = 365 * DAY

export async function scheduleCampaign(
  tx: Tx,
  id: CampaignId,
  { at, timeZone }: { readonly at: Date; readonly timeZone: string },
  actor: Actor,
  now: Date,
): Promise<Campaign> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'schedule')
  await mustBeReady(tx, campaign)
  if (at <= now || at.getTime() - now.getTime() > MAX_AHEAD_MS)
    throw new Refusal('invalid_request', {
      pointer: '/scheduled_at',
      why: 'A campaign is scheduled for a time to come, at most a year ahead.',
    })
  return await save(
    tx,
    { ...campaign, state: 'scheduled', scheduledAt: at, ...daysOf(campaign, { at, timeZone }, now), timeZone, question: null },
    'campaign.scheduled',
    actor,
    now,
    {
      scheduled_at: at,
    },
  )
}

/** The first of its people may have it fourteen hours before it is that time in UTC: then its work begins. */
function daysOf(
  { localTime }: Pick<Campaign, 'localTime'>,
  { at, timeZone }: { readonly at: Date; readonly timeZone: string },
  now: Date,
): Pick<Campaign, 'beginsAt' | 'localDate'> {
  if (!localTime) return { beginsAt: at, localDate: null }
  const localDate = dateIn(timeZone, at)
  const first = instantOf(localDate, localTime.time, 'UTC').getTime() - FIRST_ZONE_MS
  return { beginsAt: new Date(Math.max(now.getTime(), first)), localDate }
}

export async function unscheduleCampaign(tx: Tx, id: CampaignId, actor: Actor, now: Date): Promise<Campaign> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'unschedule')
  return await save(
    tx,
    { ...campaign, state: 'draft', scheduledAt: null, beginsAt: null, localDate: null, question: null },
    'campaign.changed',
    actor,
    now,
  )
}

/** At once: by a person, or to the question whether a late one should still be sent. */
export async function startCampaign(tx: Tx, id: CampaignId, actor: Actor, now: Date): Promise<Campaign> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'start')
  return await begin(tx, campaign, actorReference(actor), now)
}

export async function confirmCampaign(tx: Tx, id: CampaignId, actor: Actor, now: Date): Promise<Campaign> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'confirm')
  return await begin(tx, campaign, actorReference(actor), now)
}

/** Refuses what could not be sent. From here on the job goes on by itself: the mailing stands still until everybody is accounted for. */
export async function begin(tx: Tx, campaign: Campaign, actor: string | null, now: Date): Promise<Campaign> {
  await mustBeReady(tx, campaign)
  await mustHaveBeenSent(tx, campaign.workspaceId, campaign.audience)
  const mailingId = await createMailing(
    tx,
    campaign.workspaceId,
    { scopes: campaign.audience.lists.map(scopeOfList), pace: campaign.pace, standsStill: preparingReason(now) },
    now,
  )
  const begun = {
    ...campaign,
    // What is done to the template from now on changes nothing that was started.
    content: await takeTemplate(tx, campaign.workspaceId, campaign.content),
    ab: campaign.ab && (await takeTemplates(tx, campaign.workspaceId, campaign.ab)),
    state: 'preparing' as const,
    phase: 'freezing' as const,
    cursor: null,
    mailingId,
    question: null,
    reason: null,
    localDate: campaign.localDate ?? (campaign.localTime && dateIn(campaign.localTime.zone, now)),
    movedAt: now,
    updatedAt: now,
  }
  await saveCampaign(tx, begun)
  await tell(tx, begun, 'campaign.started', actor, now)
  return begun
}

async function takeTemplates(tx: Tx, workspaceId: WorkspaceId, ab: AbTest): Promise<AbTest> {
  const variants = []
  for (const one of ab.variants)
    variants.push({ ...one, content: one.content && (await takeTemplate(tx, workspaceId, one.content)) })
  return { ...ab, variants }
}

async function mustBeReady(tx: Tx, campaign: Campaign): Promise<void> {
  for (const variant of variantsOf(campaign)) {
    const version = asVariant(campaign, variant)
    authorOf(version)
    await mustBeWritten(tx, version)
  }
  await mustBeSendable(tx, campaign.workspaceId, campaign.audience)
}

export async function pauseCampaign(tx: Tx, id: CampaignId, actor: Actor, now: Date): Promise<Campaign> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'pause')
  const reason = campaignReason('paused', 'Somebody paused this campaign.', 'Resume it, and it goes on where it was.', now)
  await pauseMailing(tx, actor.workspaceId, mailingOf(campaign), reason, now)
  return await save(tx, { ...campaign, state: 'paused', reason }, 'campaign.paused', actor, now)
}

export async function resumeCampaign(tx: Tx, id: CampaignId, actor: Actor, now: Date): Promise<Campaign> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'resume')
  await resumeMailing(tx, actor.workspaceId, mailingOf(campaign), now)
  const resumed = {
    ...campaign,
    state: 'sending' as const,
    reason: null,
    question: null,
    movedAt: now,
    startedAt: campaign.startedAt ?? now,
  }
  return await save(tx, resumed, 'campaign.resumed', actor, now)
}

/** Null: as fast as routes and receivers allow. */
export async function setCampaignPace(
  tx: Tx,
  id: CampaignId,
  pace: MailingPace | null,
  actor: Actor,
  now: Date,
): Promise<Campaign> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'set_pace')
  await setMailingPace(tx, actor.workspaceId, mailingOf(campaign), pace, now)
  return await save(tx, { ...campaign, pace, movedAt: now }, 'campaign.changed', actor, now, { pace })
}

/** What is left gets nothing; what was sent stays sent. */
export async function cancelCampaign(tx: Tx, id: CampaignId, actor: Actor, now: Date): Promise<Campaign> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'cancel')
  const reason = campaignReason('cancelled', 'Somebody cancelled this campaign.', 'Whoever had not got it yet gets nothing.', now)
  await cancelMailing(tx, actor.workspaceId, mailingOf(campaign), reason, now)
  const cancelled = {
    ...campaign,
    state: 'cancelled' as const,
    phase: null,
    cursor: null,
    again: null,
    againCursor: null,
    reason,
    finishedAt: now,
  }
  return await save(tx, cancelled, 'campaign.cancelled', actor, now)
}

/** Sends again to those of whom it failed: all, or where the reason is of these classes. A job does it, step by step. */
export async function retryCampaign(
  tx: Tx,
  id: CampaignId,
  classes: readonly string[] | null,
  actor: Actor,
  now: Date,
): Promise<Campaign> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'retry')
  const isOver = campaign.state === 'done'
  if (isOver) await reopenMailing(tx, actor.workspaceId, mailingOf(campaign), campaign.pace, now)
  const again = { classes, actor: actorReference(actor), done: 0 }
  const state = isOver ? ('sending' as const) : campaign.state
  const retried = { ...campaign, state, again, againCursor: null, finishedAt: isOver ? null : campaign.finishedAt, movedAt: now }
  return await save(tx, retried, 'campaign.retried', actor, now, { classes })
}

/** To whoever came to its lists, or into its segments, since it was prepared. Nobody gets it twice. */
export async function extendCampaign(tx: Tx, id: CampaignId, actor: Actor, now: Date): Promise<Campaign> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'extend')
  await mustBeSendable(tx, campaign.workspaceId, campaign.audience)
  const mailingId = mailingOf(campaign)
  await reopenMailing(tx, actor.workspaceId, mailingId, campaign.pace, now)
  await pauseMailing(tx, actor.workspaceId, mailingId, preparingReason(now), now)
  const extended = {
    ...campaign,
    state: 'preparing' as const,
    phase: 'freezing' as const,
    cursor: null,
    finishedAt: null,
    movedAt: now,
  }
  return await save(tx, extended, 'campaign.extended', actor, now)
}

/** After a restore: what was due, or was being prepared, waits for a word. What was being sent stands still with its mailing. */
export async function askAboutCampaigns(tx: Tx, now: Date): Promise<number> {
  return await askAll(
    tx,
    campaignReason(
      'restored',
      'The data of this server was brought back from a copy. This campaign may have been sent since that copy was made.',
      'Send it now if it was not, or take it off the schedule.',
      now,
    ),
    now,
  )
}

export function preparingReason(now: Date): Reason {
  return campaignReason(
    'preparing',
    'This campaign is still being prepared.',
    'It goes on by itself when everybody is accounted for.',
    now,
  )
}

export function mailingOf({ mailingId }: Campaign): MailingId {
  assert(mailingId, 'a campaign that was begun has a mailing')
  return mailingId
}

async function save(
  tx: Tx,
  campaign: Campaign,
  type: Parameters<typeof tell>[2],
  actor: Actor,
  now: Date,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Campaign> {
  const saved = { ...campaign, updatedAt: now }
  await saveCampaign(tx, saved)
  await tell(tx, saved, type, actorReference(actor), now, more)
  return saved
}

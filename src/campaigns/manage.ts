import { type Actor, actorReference } from '../accounts/actor.ts'
import type { Db, Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import type { EventType } from '../events/event.ts'
import { newId, type WorkspaceId } from '../lib/ids.ts'
import { asVariant } from './ab/as-variant.ts'
import { type Campaign, type CampaignAction, type CampaignId, type CampaignText, mayDo } from './campaign.ts'
import { mustKnowAudience } from './choose.ts'
import { authorOf } from './compile.ts'
import { deleteCampaign, insertCampaign, lockCampaign, saveCampaign, selectCampaign } from './queries.ts'
import { type CampaignSettings, mustBeSoundSettings, NO_SETTINGS } from './settings.ts'

export { selectCampaign as findCampaign } from './queries.ts'

/** A draft. What is not said yet may be empty: only what would never be right is refused. */
export async function createCampaign(
  tx: Tx,
  said: Omit<CampaignText, keyof CampaignSettings> & Partial<CampaignSettings>,
  actor: Actor,
  now: Date,
): Promise<Campaign> {
  const text = { ...NO_SETTINGS, ...said }
  await mustBeSound(tx, actor.workspaceId, text)
  const campaign: Campaign = {
    ...text,
    workspaceId: actor.workspaceId,
    id: newId<CampaignId>(now.getTime()),
    state: 'draft',
    version: 1,
    scheduledAt: null,
    timeZone: 'UTC',
    beginsAt: null,
    localDate: null,
    question: null,
    reason: null,
    phase: null,
    cursor: null,
    mailingId: null,
    contentHash: null,
    sizeBytes: null,
    parts: null,
    linkSet: null,
    variants: null,
    archiveUrl: null,
    decidesAt: null,
    winner: null,
    decision: null,
    candidates: 0,
    prepared: 0,
    excluded: 0,
    again: null,
    againCursor: null,
    settled: 0,
    movedAt: null,
    createdAt: now,
    createdBy: actorReference(actor),
    updatedAt: now,
    startedAt: null,
    finishedAt: null,
  }
  await insertCampaign(tx, campaign)
  await tell(tx, campaign, 'campaign.created', actorReference(actor), now)
  return campaign
}

/** The same once more, as a draft; or for those of its people who did not open it. Its people are looked for anew. */
export async function copyCampaign(
  tx: Tx,
  id: CampaignId,
  { forWhom, name }: { readonly forWhom: 'same' | 'not_opened'; readonly name: string },
  actor: Actor,
  now: Date,
): Promise<Campaign> {
  const said = await mustFind(tx, actor.workspaceId, id)
  if (forWhom === 'not_opened' && said.startedAt === null)
    throw new Refusal('wrong_state', { what: 'campaign', state: said.state, action: 'sent to those who did not open it' })
  const { replyTo, pace, tracking, replyInboxId, utm, localTime, capExempt, isPublic } = said
  // Whoever did not open it gets what won; there is nothing to try any more.
  const { content, sender } = forWhom === 'same' ? said : asVariant(said, said.winner ?? 0)
  const ab = forWhom === 'same' ? said.ab : null
  const audience =
    forWhom === 'same' ? said.audience : { kind: 'not_opened' as const, campaignId: id, lists: said.audience.lists }
  return await createCampaign(
    tx,
    { name, content, sender, replyTo, audience, pace, tracking, replyInboxId, utm, localTime, capExempt, isPublic, ab },
    actor,
    now,
  )
}

/** `version` as it was read: a change that somebody else made in between is not overwritten. */
export async function changeCampaign(
  tx: Tx,
  id: CampaignId,
  said: Partial<CampaignText>,
  version: number | null,
  actor: Actor,
  now: Date,
): Promise<Campaign> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'edit')
  if (version !== null && version !== campaign.version)
    throw new Refusal('changed_meanwhile', { happened: 'Somebody changed this campaign' })
  const changed = { ...campaign, ...said, version: campaign.version + 1, updatedAt: now }
  await mustBeSound(tx, actor.workspaceId, changed)
  await saveCampaign(tx, changed)
  await tell(tx, changed, 'campaign.changed', actorReference(actor), now)
  return changed
}

export async function removeCampaign(tx: Tx, id: CampaignId, actor: Actor, now: Date): Promise<void> {
  const campaign = await lockFor(tx, actor.workspaceId, id, 'remove')
  await deleteCampaign(tx, actor.workspaceId, id)
  await tell(tx, campaign, 'campaign.removed', actorReference(actor), now)
}

async function mustBeSound(tx: Tx, workspaceId: WorkspaceId, said: CampaignText): Promise<void> {
  if (said.sender !== '') authorOf(said)
  if (said.replyTo !== null) authorOf({ sender: said.replyTo })
  mustBeSoundSettings(said)
  await mustKnowAudience(tx, workspaceId, said.audience)
}

/** Locked, and in a state in which this may be done. */
export async function lockFor(tx: Tx, workspaceId: WorkspaceId, id: CampaignId, action: CampaignAction): Promise<Campaign> {
  const campaign = await lockCampaign(tx, workspaceId, id)
  if (!campaign) throw new Refusal('not_found', { what: 'campaign' })
  if (!mayDo(campaign, action))
    throw new Refusal('wrong_state', {
      what: 'campaign',
      state: campaign.again ? `${campaign.state} again` : campaign.state,
      action: PAST[action],
    })
  return campaign
}

const PAST: Readonly<Record<CampaignAction, string>> = {
  edit: 'changed',
  remove: 'removed',
  schedule: 'scheduled',
  unschedule: 'taken off the schedule',
  confirm: 'confirmed',
  start: 'started',
  pause: 'paused',
  resume: 'resumed',
  set_pace: 'slowed or quickened',
  cancel: 'cancelled',
  retry: 'sent again',
  extend: 'sent to those added since',
  choose_winner: 'decided',
}

/** What happened to it, in the log. */
export async function tell(
  tx: Tx,
  { workspaceId, id, name }: Pick<Campaign, 'workspaceId' | 'id' | 'name'>,
  type: EventType,
  actor: string | null,
  now: Date,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await append(tx, { type, workspaceId, subjectId: id, actor, data: { name, ...more } }, now)
}

export async function mustFind(db: Db | Tx, workspaceId: WorkspaceId, id: CampaignId): Promise<Campaign> {
  const campaign = await selectCampaign(db, workspaceId, id)
  if (!campaign) throw new Refusal('not_found', { what: 'campaign' })
  return campaign
}

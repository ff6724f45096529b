/**
 * From "start" to the first mail, in steps that each leave a whole state behind: a process may die between or within any two of them, and the
 * next one goes on. First who is looked at, in chunks; then what each of them reads, with a delivery in the campaign's mailing, which stands still;
 * at last a census. Only when everybody is accounted for does the mailing run.
 */
import { ENGINE, type Tx } from '../../db/database.ts'
import { cancelMailing, countMailing, resumeMailing } from '../../delivery/mailings/mailings.ts'
import { Refusal } from '../../errors.ts'
import { keepLinks } from '../../tracking/links.ts'
import type { AbVariant } from '../ab/ab-test.ts'
import { asVariant, isTesting, variantsOf } from '../ab/as-variant.ts'
import { archiveUrlOf } from '../archive/archive.ts'
import { type Campaign, campaignReason, type MadeVariant } from '../campaign.ts'
import { type Made, makeStencil } from '../compile.ts'
import { mailingOf } from '../life.ts'
import { tell } from '../manage.ts'
import { saveCampaign, takeCensus } from '../queries.ts'
import { fillStep } from './fill.ts'
import { freezeStep } from './freeze.ts'
import { lockAt, type PrepareDeps } from './step.ts'

/** One step of a campaign that is being prepared. False when it found somebody else at work, or nothing to do. */
export async function prepareStep(deps: PrepareDeps, campaign: Campaign, now: Date): Promise<boolean> {
  if (!campaign.parts) return await writeStep(deps, campaign, now)
  switch (campaign.phase) {
    case 'freezing':
      return await deps.database.transaction(ENGINE, (tx) => freezeStep(tx, campaign, now), { statementTimeoutMs: 120_000 })
    case 'filling':
      return await fillStep(deps, campaign, now)
    case 'checking':
      return await deps.database.transaction(ENGINE, (tx) => checkStep(tx, campaign, now), { statementTimeoutMs: 120_000 })
    case null:
      return false
  }
}

/** What is the same for all, once. */
async function writeStep(deps: PrepareDeps, campaign: Campaign, now: Date): Promise<boolean> {
  const archiveUrl = await archiveUrlOf(deps.database.db, deps.tracking.url, campaign)
  const made = await makeAll(deps, { ...campaign, archiveUrl }, now).catch((error: Error) => {
    if (error instanceof Refusal) return error
    throw error
  })
  if (made instanceof Refusal) return await giveBack(deps, campaign, made, now)
  return await deps.database.transaction(ENGINE, async (tx) => {
    const current = await lockAt(tx, campaign)
    if (!current || current.parts) return false
    const stencils = made.map(({ stencil }) => stencil).toSorted((a, b) => a.hash.compare(b.hash))
    await deps.blobs.put(tx, stencils, now)
    const links = made.flatMap(({ linkSet: id, urls }) => (urls.length > 0 ? [{ id, urls }] : []))
    if (links.length > 0) await keepLinks(tx, campaign.workspaceId, links)
    const [first, ...others] = made.map(whatIsKept)
    await saveCampaign(tx, { ...current, ...first, variants: current.ab && others, archiveUrl, movedAt: now })
    return true
  })
}

/** One for each version. */
async function makeAll(deps: PrepareDeps, campaign: Campaign, now: Date): Promise<Made[]> {
  const made: Made[] = []
  for (const variant of variantsOf(campaign)) made.push(await makeStencil(deps, asVariant(campaign, variant), now))
  return made
}

function whatIsKept({ parts, stencil, tracks, linkSet }: Made): MadeVariant {
  return {
    parts,
    contentHash: stencil.hash.toString('hex'),
    sizeBytes: stencil.sizeBytes,
    linkSet: tracks ? linkSet : null,
    tracking: tracks ?? { opens: false, clicks: false },
  }
}

/** What cannot be written is its author's again: nobody was looked at yet, and nothing was sent. */
async function giveBack({ database }: PrepareDeps, seen: Campaign, refusal: Refusal, now: Date): Promise<boolean> {
  return await database.transaction(ENGINE, async (tx) => {
    const campaign = await lockAt(tx, seen)
    if (!campaign || campaign.parts) return false
    const reason = campaignReason(
      'not_written',
      `It was started, and its mail could not be made: ${refusal.message} Nobody got anything.`,
      'Correct what it says and start it again.',
      now,
    )
    await cancelMailing(tx, campaign.workspaceId, mailingOf(campaign), reason, now)
    const content = campaign.content.template
      ? { ...campaign.content, template: { ...campaign.content.template, taken: null } }
      : campaign.content
    const ab = campaign.ab && { ...campaign.ab, variants: campaign.ab.variants.map(withoutTaken) }
    await saveCampaign(tx, {
      ...campaign,
      content,
      ab,
      localDate: null,
      state: 'draft',
      phase: null,
      cursor: null,
      reason,
      updatedAt: now,
    })
    await tell(tx, campaign, 'campaign.changed', null, now, { why: reason.code })
    return true
  })
}

/** The template that it took is its own again. */
function withoutTaken(variant: AbVariant): AbVariant {
  const { content } = variant
  return content?.template ? { ...variant, content: { ...content, template: { ...content.template, taken: null } } } : variant
}

/** Everybody is accounted for, by counting them: else nothing is sent. */
async function checkStep(tx: Tx, seen: Campaign, now: Date): Promise<boolean> {
  const campaign = await lockAt(tx, seen)
  if (!campaign) return false
  const census = await takeCensus(tx, campaign)
  const inMailing = Object.values(await countMailing(tx, campaign.workspaceId, mailingOf(campaign))).reduce(
    (sum, n) => sum + n,
    0,
  )
  const isWhole =
    census.prepared === campaign.prepared &&
    census.excluded === campaign.excluded &&
    census.filled + census.waits === campaign.prepared &&
    (census.waits === 0 || isTesting(campaign)) &&
    inMailing === census.filled &&
    campaign.candidates === census.prepared + census.excluded
  const checked = { ...campaign, phase: null, cursor: null, movedAt: now, updatedAt: now }
  const stop = isWhole ? campaign.question : differing(now)
  if (stop) {
    await saveCampaign(tx, { ...checked, state: 'paused', reason: stop, question: null })
    await tell(tx, campaign, 'campaign.paused', null, now, { why: stop.code })
    return true
  }
  await resumeMailing(tx, campaign.workspaceId, mailingOf(campaign), now)
  await saveCampaign(tx, { ...checked, state: 'sending', startedAt: campaign.startedAt ?? now })
  await tell(tx, campaign, 'campaign.prepared', null, now, {
    candidates: campaign.candidates,
    prepared: campaign.prepared,
    excluded: campaign.excluded,
  })
  return true
}

function differing(now: Date) {
  return campaignReason(
    'counts_differ',
    'Those who were looked at and those who are accounted for are not the same number, so nothing was sent. This is a fault of ours.',
    'Cancel it and send a copy of it. Please report this.',
    now,
  )
}

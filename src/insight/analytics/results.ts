/** What came of a campaign, and of several beside each other. Bounded reads: how many people a campaign has does not matter. */

import type { Campaign, CampaignId } from '../../campaigns/campaign.ts'
import { findCampaign, mustFind } from '../../campaigns/manage.ts'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { addFigures, type Figures, NO_FIGURES, type Rates, ratesOf, SEEN_BY, type SeenBy } from './figures.ts'
import { type FigureRow, selectCourse, selectFigures, selectHits, selectLinks, selectWithin } from './queries.ts'

export type BySeen = Readonly<Record<SeenBy, number>>

export interface Measured {
  readonly figures: Figures
  readonly rates: Rates
}

export interface Results extends Measured {
  readonly campaign: Campaign
  /** How often, where `figures` say how many people. */
  readonly opens: BySeen
  readonly clicks: BySeen
  readonly classes: readonly { readonly class: string; readonly figures: Figures }[]
  /** Empty where all got the same. */
  readonly variants: readonly (Measured & { readonly variant: string })[]
}

const MOST_VARIANTS = 100
const MOST_CLASSES = 1_000
const MOST_RECEIVERS = 1_000
const MOST_LINKS = 5_000
export const MOST_HOURS = 31 * 24
export const MOST_DAYS = 800
export const MOST_COMPARED = 20

export async function readResults(db: Db | Tx, workspaceId: WorkspaceId, id: CampaignId): Promise<Results> {
  const campaign = await mustFind(db, workspaceId, id)
  const variants = await selectFigures(db, workspaceId, [id], 'all', MOST_VARIANTS)
  const classes = byKey(await selectFigures(db, workspaceId, [id], 'class', MOST_CLASSES))
  const hits = campaign.mailingId ? await selectHits(db, workspaceId, campaign.mailingId) : []
  const often = (isOpen: boolean) => bySeen((who) => hits.find((one) => one.isOpen === isOpen && one.who === who)?.hits ?? 0)
  const named = variants.filter(({ variant }) => variant !== '')
  return {
    campaign,
    ...measured(variants),
    opens: often(true),
    clicks: often(false),
    classes: classes
      .map(({ key, figures }) => ({ class: key, figures }))
      .filter(({ figures }) => figures.bounced + figures.failed + figures.expired > 0)
      .toSorted((a, b) => lostOf(b.figures) - lostOf(a.figures)),
    variants: named.map((row) => ({ variant: row.variant, ...measured([row]) })),
  }
}

const lostOf = ({ bounced, failed, expired }: Figures) => bounced + failed + expired

function measured(rows: readonly Figures[]): Measured {
  const figures = rows.length === 0 ? NO_FIGURES : addFigures(rows)
  return { figures, rates: ratesOf(figures) }
}

function bySeen(numberOf: (who: SeenBy) => number): BySeen {
  return Object.fromEntries(SEEN_BY.map((who) => [who, numberOf(who)])) as unknown as BySeen
}

function byKey(rows: readonly FigureRow[]): { key: string; figures: Figures }[] {
  return [...Map.groupBy(rows, ({ key }) => key)].map(([key, some]) => ({ key, figures: addFigures(some) }))
}

/** Those with the most mail first. */
export async function readReceivers(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: CampaignId,
): Promise<(Measured & { readonly receiver: string })[]> {
  await mustFind(db, workspaceId, id)
  const rows = byKey(await selectFigures(db, workspaceId, [id], 'receiver', MOST_RECEIVERS))
  return rows
    .map(({ key, figures }) => ({ receiver: key, figures, rates: ratesOf(figures) }))
    .toSorted((a, b) => b.figures.accepted - a.figures.accepted || a.receiver.localeCompare(b.receiver))
}

export interface CoursePoint {
  /** The beginning of the hour or the day, in UTC. */
  readonly at: Date
  readonly figures: Figures
}

export async function readCourse(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: CampaignId,
  by: 'hour' | 'day',
): Promise<readonly CoursePoint[]> {
  await mustFind(db, workspaceId, id)
  const limit = by === 'hour' ? MOST_HOURS : MOST_DAYS
  const rows = await selectCourse(db, workspaceId, id, { by, limit })
  return rows.map(({ at, ...figures }) => ({ at: new Date(by === 'hour' ? `${at}:00:00Z` : `${at}T00:00:00Z`), figures }))
}

export interface LinkResult {
  readonly url: string
  /** Mails in which it was followed at least once. */
  readonly people: BySeen
  readonly clicks: BySeen
}

/** Every link of the text, also those that nobody followed; those that most people followed first. */
export async function readLinks(db: Db | Tx, workspaceId: WorkspaceId, id: CampaignId): Promise<LinkResult[]> {
  const { mailingId } = await mustFind(db, workspaceId, id)
  if (!mailingId) return []
  const rows = await selectLinks(db, workspaceId, mailingId, MOST_LINKS)
  return [...Map.groupBy(rows, ({ url }) => url)]
    .map(([url, some]) => ({
      url,
      people: bySeen((who) => some.find((row) => row.who === who)?.deliveries ?? 0),
      clicks: bySeen((who) => some.find((row) => row.who === who)?.hits ?? 0),
    }))
    .toSorted((a, b) => b.people.human - a.people.human || b.clicks.human - a.clicks.human)
}

export interface Compared extends Measured {
  readonly campaign: Campaign
}

/** In the order they are asked for, those that exist; all that came, or what came within so many hours of each one's start. */
export async function compareCampaigns(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly CampaignId[],
  withinHours: number | null,
): Promise<Compared[]> {
  if (ids.length > MOST_COMPARED)
    throw new Refusal('invalid_request', { pointer: '/ids', why: `At most ${MOST_COMPARED} campaigns are compared.` })
  const campaigns = []
  for (const id of new Set(ids)) campaigns.push((await findCampaign(db, workspaceId, id)) ?? [])
  const rows =
    withinHours === null
      ? await selectFigures(db, workspaceId, ids, 'all', MOST_COMPARED * MOST_VARIANTS)
      : await selectWithin(db, workspaceId, ids, withinHours)
  return campaigns
    .flat()
    .map((campaign) => ({ campaign, ...measured(rows.filter(({ campaignId }) => campaignId === campaign.id)) }))
}

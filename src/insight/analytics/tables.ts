/** The same numbers as tables for spreadsheets. */
import { letterOf } from '../../campaigns/ab/ab-test.ts'
import type { CampaignId } from '../../campaigns/campaign.ts'
import type { Db, Tx } from '../../db/database.ts'
import { csvLine } from '../../delivery/suppression/lists/csv.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { FIGURES, type Figures, type Rates, reachedOf, SEEN_BY, type Table } from './figures.ts'
import { type Compared, compareCampaigns, readCourse, readLinks, readReceivers, readResults } from './results.ts'

const RATES = ['bounced', 'opened', 'clicked', 'unsubscribed', 'complained', 'replied'] as const
const MEASURED = [...FIGURES, 'reached', 'rates_are_of', 'of', ...RATES.map((name) => `${name}_rate`)]

const cells = (figures: Figures) => FIGURES.map((name) => String(figures[name]))
const measured = ({ figures, rates }: { readonly figures: Figures; readonly rates: Rates }) => [
  ...cells(figures),
  String(reachedOf(figures)),
  rates.basis,
  String(rates.of),
  ...RATES.map((name) => (rates[name] === null ? '' : rates[name].toFixed(5))),
]

export async function tableOf(db: Db | Tx, workspaceId: WorkspaceId, id: CampaignId, table: Table): Promise<string> {
  const lines = await linesOf(db, workspaceId, id, table)
  return lines.map(csvLine).join('')
}

async function linesOf(db: Db | Tx, workspaceId: WorkspaceId, id: CampaignId, table: Table): Promise<string[][]> {
  switch (table) {
    case 'summary': {
      const results = await readResults(db, workspaceId, id)
      const all = ['all', ...measured(results)]
      return [['variant', ...MEASURED], all, ...results.variants.map((one) => [letterOf(Number(one.variant)), ...measured(one)])]
    }
    case 'links': {
      const head = ['url', ...SEEN_BY.map((who) => `${who}_people`), ...SEEN_BY.map((who) => `${who}_clicks`)]
      const links = await readLinks(db, workspaceId, id)
      const numbers = ({ people, clicks }: (typeof links)[number]) => [
        ...SEEN_BY.map((who) => people[who]),
        ...SEEN_BY.map((who) => clicks[who]),
      ]
      return [head, ...links.map((link) => [link.url, ...numbers(link).map(String)])]
    }
    case 'receivers': {
      const receivers = await readReceivers(db, workspaceId, id)
      return [['receiver', ...MEASURED], ...receivers.map((one) => [one.receiver, ...measured(one)])]
    }
    case 'hours':
    case 'days': {
      const course = await readCourse(db, workspaceId, id, table === 'hours' ? 'hour' : 'day')
      return [['from_utc', ...FIGURES], ...course.map(({ at, figures }) => [at.toISOString(), ...cells(figures)])]
    }
    case 'classes': {
      const { classes } = await readResults(db, workspaceId, id)
      const numbers = ({ bounced, returned, failed, expired }: Figures) => [bounced, returned, failed, expired].map(String)
      return [
        ['class', 'bounced', 'returned', 'failed', 'expired'],
        ...classes.map((one) => [one.class, ...numbers(one.figures)]),
      ]
    }
  }
}

export async function comparisonTable(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly CampaignId[],
  withinHours: number | null,
): Promise<string> {
  const head = ['campaign', 'id', 'state', 'started_at', 'recipients', ...MEASURED]
  const rows = await compareCampaigns(db, workspaceId, ids, withinHours)
  return [head, ...rows.map(comparedCells)].map(csvLine).join('')
}

function comparedCells(one: Compared): string[] {
  const { name, id, state, startedAt, prepared } = one.campaign
  return [name, id, state, startedAt?.toISOString() ?? '', String(prepared), ...measured(one)]
}

import { mustFind } from '../../campaigns/manage.ts'
import {
  compareCampaigns as compare,
  readCourse,
  readLinks,
  readReceivers,
  readResults,
} from '../../insight/analytics/results.ts'
import { comparisonTable, tableOf } from '../../insight/analytics/tables.ts'
import type { ServerDeps } from '../deps.ts'
import {
  compareCampaigns,
  downloadCampaignTable,
  downloadComparison,
  getCampaignResults,
  listCampaignHours,
  listCampaignLinks,
  listCampaignReceivers,
} from '../endpoints/campaign-results.ts'
import { type Route, route } from '../route.ts'
import { toCompared, toFigures, toMeasured, toResults } from '../wire/campaign-results.ts'

export function campaignResultRoutes({ database: { db } }: Pick<ServerDeps, 'database'>): Route[] {
  return [
    route(getCampaignResults, async ({ tx, params, actor }) => toResults(await readResults(tx, actor.workspaceId, params.id))),
    route(listCampaignLinks, async ({ tx, params, actor }) => ({
      items: await readLinks(tx, actor.workspaceId, params.id),
      next: null,
    })),
    route(listCampaignReceivers, async ({ tx, params, actor }) => {
      const found = await readReceivers(tx, actor.workspaceId, params.id)
      return { items: found.map(({ receiver, ...one }) => ({ receiver, ...toMeasured(one) })), next: null }
    }),
    route(listCampaignHours, async ({ tx, params, actor }) => {
      const course = await readCourse(tx, actor.workspaceId, params.id, params.by ?? 'hour')
      return { items: course.map(({ at, figures }) => ({ at, figures: toFigures(figures) })), next: null }
    }),
    route(downloadCampaignTable, async ({ params, actor }) => {
      const table = params.table ?? 'summary'
      const { name } = await mustFind(db, actor.workspaceId, params.id)
      const text = await tableOf(db, actor.workspaceId, params.id, table)
      return { content: Buffer.from(text), filename: `${name} ${table}.csv` }
    }),
    route(compareCampaigns, async ({ tx, params, actor }) => {
      const found = await compare(tx, actor.workspaceId, params.ids, params.within_hours ?? null)
      return { items: found.map(toCompared), next: null }
    }),
    route(downloadComparison, async ({ params, actor }) => {
      const text = await comparisonTable(db, actor.workspaceId, params.ids, params.within_hours ?? null)
      return { content: Buffer.from(text), filename: 'campaigns compared.csv' }
    }),
  ]
}

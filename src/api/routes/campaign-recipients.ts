import type { z } from 'zod'
import { mustFind } from '../../campaigns/manage.ts'
import { ENGINE } from '../../db/database.ts'
import { exportOutcomes, listOutcomes, type OutcomeFilter } from '../../insight/campaigns/outcomes.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import type { ServerDeps } from '../deps.ts'
import { exportCampaignRecipients, listCampaignRecipients } from '../endpoints/campaign-recipients.ts'
import { DEFAULT_PAGE_SIZE } from '../endpoints/shapes.ts'
import { type Route, route } from '../route.ts'
import { toRecipient } from '../wire/campaigns.ts'

/** As the owner of the tables, each statement bound to the workspace of whoever asks: behind row-level security no index serves a beginning of an address. */
const READ = { readOnly: true, statementTimeoutMs: 20_000 } as const
const RECIPIENTS = 'campaign recipients'
const isKey = (part: string) => part.length <= 400

export function campaignRecipientRoutes({ database }: Pick<ServerDeps, 'database'>): Route[] {
  return [
    route(listCampaignRecipients, async ({ params, actor }) => {
      await mustFind(database.db, actor.workspaceId, params.id)
      const [k1, k2] = params.after === undefined ? [] : decodeCursor(RECIPIENTS, params.after, [isKey, isKey])
      const page = {
        after: k1 === undefined || k2 === undefined ? null : ([k1, k2] as const),
        limit: params.limit ?? DEFAULT_PAGE_SIZE,
      }
      const { items, next } = await database.transaction(
        ENGINE,
        (tx) => listOutcomes(tx, actor.workspaceId, params.id, filterOf(params), page),
        READ,
      )
      return { items: items.map(toRecipient), next: next && encodeCursor(RECIPIENTS, next) }
    }),
    route(exportCampaignRecipients, async ({ params, actor }) => {
      const { name } = await mustFind(database.db, actor.workspaceId, params.id)
      return {
        content: exportOutcomes(database, actor.workspaceId, params.id, filterOf(params)),
        filename: `recipients of ${name}.csv`,
      }
    }),
  ]
}

function filterOf(params: Omit<z.output<(typeof exportCampaignRecipients)['params']>, 'id'>): OutcomeFilter {
  const { state, deferred, excluded, class: failureClass, receiver, address } = params
  return {
    states: state,
    deferred: deferred === 'true',
    excluded: excluded?.includes('any') ? 'any' : excluded,
    failureClass,
    receiver,
    search: address,
  }
}

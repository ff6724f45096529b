import type { Database } from '../../db/database.ts'
import { csvLine } from '../../delivery/suppression/lists/csv.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { type Outcome, type OutcomeFilter, selectOutcomes } from './queries.ts'

export { type Outcome, type OutcomeFilter, selectOutcomes as listOutcomes } from './queries.ts'

const PAGE = 2_000

/** All of them, page by page: what is exported. */
export async function* allOutcomes(
  database: Database,
  workspaceId: WorkspaceId,
  campaignId: string,
  filter: OutcomeFilter,
): AsyncGenerator<readonly Outcome[]> {
  for (let after: string | null = null; ; ) {
    const page: Outcome[] = await selectOutcomes(database.db, workspaceId, campaignId, filter, { after, limit: PAGE })
    if (page.length > 0) yield page
    after = page.at(-1)?.contactId ?? null
    if (page.length < PAGE) return
  }
}

const HEAD = ['address', 'outcome', 'why', 'tries', 'attempts', 'settled_at', 'contact_id', 'delivery_id'] as const

/** The same as CSV, with a line of names. */
export async function* exportOutcomes(
  database: Database,
  workspaceId: WorkspaceId,
  campaignId: string,
  filter: OutcomeFilter,
): AsyncGenerator<string> {
  yield csvLine(HEAD)
  for await (const page of allOutcomes(database, workspaceId, campaignId, filter))
    yield page.map((one) => csvLine(cellsOf(one))).join('')
}

function cellsOf({
  address,
  excluded,
  detail,
  tries,
  deliveryId,
  state,
  reason,
  attempt,
  settledAt,
  contactId,
}: Outcome): string[] {
  const outcome = excluded === null ? (state ?? 'preparing') : `excluded: ${excluded}`
  const why = excluded === null ? (reason ?? '') : detail
  return [address, outcome, why, String(tries), String(attempt ?? 0), settledAt?.toISOString() ?? '', contactId, deliveryId ?? '']
}

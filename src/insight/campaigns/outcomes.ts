import { letterOf } from '../../campaigns/ab/ab-test.ts'
import type { Database } from '../../db/database.ts'
import { csvLine } from '../../delivery/suppression/lists/csv.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { type Keyed, type Outcome, type OutcomeFilter, type OutcomePage, selectOutcomes } from './queries.ts'

export { type CampaignOfContact, selectCampaignsOf as campaignsOfContact } from './contact-queries.ts'
export { type Outcome, type OutcomeFilter, type OutcomePage, selectOutcomes as listOutcomes } from './queries.ts'

const PAGE = 2_000

/** All of them, page by page: what is exported. */
export async function* allOutcomes(
  database: Database,
  workspaceId: WorkspaceId,
  campaignId: string,
  filter: OutcomeFilter,
): AsyncGenerator<readonly Keyed[]> {
  for (let after: OutcomePage['after'] = null; ; ) {
    const page: Awaited<ReturnType<typeof selectOutcomes>> = await selectOutcomes(database.db, workspaceId, campaignId, filter, {
      after,
      limit: PAGE,
    })
    if (page.items.length > 0) yield page.items
    if (!page.next) return
    after = page.next
  }
}

/** In this order: new ones come at the end, so that what reads the file by position goes on working. */
const COLUMNS: readonly (readonly [name: string, of: (outcome: Outcome) => string])[] = [
  ['address', ({ address }) => address],
  ['name', ({ name }) => name],
  ['outcome', ({ excluded, state }) => (excluded === null ? (state ?? 'preparing') : 'excluded')],
  ['reason_class', ({ excluded, reasonCode }) => excluded ?? reasonCode ?? ''],
  ['why', ({ excluded, reason, detail }) => (excluded === null ? (reason ?? '') : detail)],
  ['last_reply', ({ reply }) => reply ?? ''],
  ['last_tried_at', ({ triedAt }) => iso(triedAt)],
  ['next_try_at', ({ dueAt }) => iso(dueAt)],
  ['settled_at', ({ settledAt }) => iso(settledAt)],
  ['attempts', ({ attempt }) => String(attempt ?? 0)],
  ['sent_again', ({ tries }) => String(tries)],
  ['receiver', ({ receiver }) => receiver ?? ''],
  ['contact_id', ({ contactId }) => contactId],
  ['delivery_id', ({ deliveryId }) => deliveryId ?? ''],
  ['message_id', ({ messageId }) => messageId ?? ''],
  ['variant', ({ variant }) => (variant === null ? '' : letterOf(variant))],
]

/** The same as CSV, with a line of names. */
export async function* exportOutcomes(
  database: Database,
  workspaceId: WorkspaceId,
  campaignId: string,
  filter: OutcomeFilter,
): AsyncGenerator<string> {
  yield csvLine(COLUMNS.map(([name]) => name))
  for await (const page of allOutcomes(database, workspaceId, campaignId, filter))
    yield page.map((outcome) => csvLine(COLUMNS.map(([, of]) => of(outcome)))).join('')
}

function iso(at: Date | null): string {
  return at?.toISOString() ?? ''
}

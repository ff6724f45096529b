import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { DeliveryState } from '../../delivery/delivery.ts'
import type { ContactId, DeliveryId, MessageId, WorkspaceId } from '../../lib/ids.ts'

/** What became of one person of a campaign. */
export interface Outcome {
  readonly contactId: ContactId
  readonly address: string
  /** Why nothing is sent to them; null where they have a delivery, or will have one. */
  readonly excluded: string | null
  readonly detail: string
  readonly tries: number
  readonly deliveryId: DeliveryId | null
  readonly messageId: MessageId | null
  readonly state: DeliveryState | null
  readonly reason: string | null
  readonly attempt: number | null
  readonly dueAt: Date | null
  readonly settledAt: Date | null
}

export interface OutcomeFilter {
  /** States of deliveries. */
  readonly states?: readonly DeliveryState[] | undefined
  /** Reasons of exclusion. */
  readonly excluded?: readonly string[] | undefined
  /** The beginning of the address. */
  readonly search?: string | undefined
  readonly failureClass?: string | undefined
}

/** One query for who got it, who did not and why. In the order of contacts. Index: campaign_recipient's key, and delivery's for each. */
export async function selectOutcomes(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  campaignId: string,
  filter: OutcomeFilter,
  page: { readonly after: string | null; readonly limit: number },
): Promise<Outcome[]> {
  const where: RawBuilder<unknown>[] = [sql`r.workspace_id = ${workspaceId} and r.campaign_id = ${campaignId}`]
  if (page.after) where.push(sql`r.contact_id > ${page.after}::uuid`)
  if (filter.search) where.push(sql`starts_with(r.address, lower(${filter.search}))`)
  if (filter.states && filter.excluded)
    where.push(sql`(d.state = any (${[...filter.states]}::text[]) or r.reason = any (${[...filter.excluded]}::text[]))`)
  else if (filter.states) where.push(sql`d.state = any (${[...filter.states]}::text[])`)
  else if (filter.excluded) where.push(sql`r.state = 'excluded' and r.reason = any (${[...filter.excluded]}::text[])`)
  if (filter.failureClass) where.push(sql`d.reason ->> 'code' = ${filter.failureClass}`)
  const { rows } = await sql<Outcome>`
    select r.contact_id as "contactId", r.address, r.reason as excluded, r.detail, r.tries, d.id as "deliveryId", d.message_id as "messageId", d.state,
           d.reason ->> 'sentence' as reason, d.attempt, d.due_at as "dueAt", d.settled_at as "settledAt"
      from campaign_recipient as r
      left join delivery as d on d.workspace_id = r.workspace_id and d.id = r.delivery_id
     where ${sql.join(where, sql` and `)}
     order by r.contact_id
     limit ${page.limit}`.execute(db)
  return rows
}

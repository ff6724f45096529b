import { type RawBuilder, sql } from 'kysely'
import { sentAfter } from '../../contacts/audience/people.ts'
import type { ListId } from '../../contacts/consent/change-consent.ts'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { CampaignId } from '../campaign.ts'
import type { Cap } from './cap.ts'

/** That of all campaigns first. */
export async function selectCaps(db: Db | Tx, workspaceId: WorkspaceId): Promise<Cap[]> {
  const { rows } = await sql<Cap>`
    select list_id as "listId", mails, days from campaign_cap where workspace_id = ${workspaceId} order by list_id nulls first`.execute(
    db,
  )
  return rows
}

/** These, and no others. */
export async function insertCaps(tx: Tx, workspaceId: WorkspaceId, caps: readonly Cap[], now: Date): Promise<void> {
  await sql`delete from campaign_cap where workspace_id = ${workspaceId}`.execute(tx)
  await sql`
    insert into campaign_cap (workspace_id, list_id, mails, days, updated_at)
    select ${workspaceId}::uuid, c.list_id, c.mails, c.days, ${now}
      from unnest(${textArray(caps.map(({ listId }) => listId))}::uuid[], ${plainArray(caps.map(({ mails }) => mails))}::int[],
                  ${plainArray(caps.map(({ days }) => days))}::int[]) as c (list_id, mails, days)`.execute(tx)
}

export interface Counting {
  readonly id: CampaignId
  /** What waits in it may still be sent. */
  readonly isAlive: boolean
}

/** The other campaigns that may have sent somebody something since then; of one list, those that went to it. */
export async function selectCounting(
  tx: Tx,
  { workspaceId, id }: { readonly workspaceId: WorkspaceId; readonly id: CampaignId | null },
  { since, listId, toldSince }: { readonly since: Date; readonly listId: ListId | null; readonly toldSince: Date },
): Promise<Counting[]> {
  const { rows } = await sql<Counting>`
    select id, finished_at is null or (state <> 'cancelled' and finished_at > ${toldSince}) as "isAlive"
      from campaign
     where workspace_id = ${workspaceId} and id is distinct from ${id}::uuid and state not in ('draft', 'scheduled')
       and (finished_at is null or finished_at > ${since}) and (${listId}::text is null or audience -> 'lists' ? ${listId}::text)`.execute(
    tx,
  )
  return rows
}

/** So many mails of these campaigns, sent since then or still to be sent, are enough. */
export interface Limit {
  readonly mails: number
  readonly since: Date
  readonly counting: readonly Counting[]
}

/** Whether somebody of a statement has reached one of the limits. Index: the keys of campaign_recipient and of activity. */
export function hadEnough(workspaceId: WorkspaceId, limits: readonly Limit[]) {
  const sent = (after: Date | null) => sentAfter(workspaceId, sql`had.contact_id`, sql`had.delivery_id`, after)
  const idsOf = ({ counting }: Limit, alive: boolean) =>
    plainArray(counting.flatMap(({ id, isAlive }) => (isAlive === alive ? [id] : [])))
  const reached = (contact: RawBuilder<unknown>, limit: Limit) => sql`
    (select count(*) >= ${limit.mails}::int
       from campaign_recipient as had
      where had.workspace_id = ${workspaceId} and had.contact_id = ${contact} and had.state = 'prepared'
        and had.campaign_id = any (${plainArray(limit.counting.map(({ id }) => id))}::uuid[])
        and (had.campaign_id = any (${idsOf(limit, true)}::uuid[]) and (${sent(limit.since)} or not ${sent(null)})
             or had.campaign_id = any (${idsOf(limit, false)}::uuid[]) and ${sent(limit.since)}))`
  return (contact: RawBuilder<unknown>): RawBuilder<unknown> =>
    limits.length === 0
      ? sql`false`
      : sql`(${sql.join(
          limits.map((limit) => reached(contact, limit)),
          sql` or `,
        )})`
}

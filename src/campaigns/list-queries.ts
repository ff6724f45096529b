import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import { revive } from '../delivery/revive.ts'
import type { MailingId, WorkspaceId } from '../lib/ids.ts'
import type { Campaign, CampaignId, CampaignState } from './campaign.ts'

/** A campaign without what it says to people, which may be a megabyte each. */
export type CampaignRow = Pick<
  Campaign,
  | 'id'
  | 'name'
  | 'state'
  | 'sender'
  | 'audience'
  | 'pace'
  | 'scheduledAt'
  | 'timeZone'
  | 'question'
  | 'reason'
  | 'phase'
  | 'mailingId'
  | 'candidates'
  | 'prepared'
  | 'excluded'
  | 'again'
  | 'settled'
  | 'createdAt'
  | 'updatedAt'
  | 'startedAt'
  | 'finishedAt'
> & { readonly subject: string }

export interface ListFilter {
  readonly states: readonly CampaignState[] | null
  /** Somewhere in the name. */
  readonly search: string | null
}

/** Newest first. */
export async function selectRows(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { states, search }: ListFilter,
  page: { readonly after: string | null; readonly limit: number },
): Promise<CampaignRow[]> {
  const where = [sql`workspace_id = ${workspaceId}`]
  if (states) where.push(sql`state = any (${plainArray(states)}::text[])`)
  if (search) where.push(sql`strpos(lower(name), lower(${search})) > 0`)
  if (page.after) where.push(sql`id < ${page.after}::uuid`)
  const { rows } = await sql<CampaignRow>`
    select id, name, state, sender, audience, pace, scheduled_at as "scheduledAt", time_zone as "timeZone", question, reason, phase, mailing_id as "mailingId",
           candidates, prepared, excluded, again, settled, created_at as "createdAt", updated_at as "updatedAt", started_at as "startedAt",
           finished_at as "finishedAt", content ->> 'subject' as subject
      from campaign
     where ${sql.join(where, sql` and `)}
     order by id desc limit ${page.limit}`.execute(db)
  return rows.map((row) => ({ ...row, question: row.question && revive(row.question), reason: row.reason && revive(row.reason) }))
}

export interface CampaignName {
  readonly id: CampaignId
  readonly name: string
}

/** Whose mail it is. Index: campaign_of_mailing. */
export async function selectNames(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  mailings: readonly MailingId[],
): Promise<ReadonlyMap<MailingId, CampaignName>> {
  if (mailings.length === 0) return new Map()
  const { rows } = await sql<CampaignName & { mailingId: MailingId }>`
    select mailing_id as "mailingId", id, name from campaign
     where workspace_id = ${workspaceId} and mailing_id = any (${plainArray(mailings)}::uuid[])`.execute(db)
  return new Map(rows.map(({ mailingId, ...named }) => [mailingId, named]))
}

/** Who is on lists, as a source that a statement of somebody else inserts from; and what is known of people, for mail to them. */
import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import type { ListId } from '../consent/queries.ts'

/**
 * (contact_id, address, standing): everybody who ever was on one of the lists, behind a contact, in the order of ids. Whoever left one of them counts
 * as having left. Each list is read from the cursor on by its key and no further than is asked for, so that a million people are a walk.
 */
export function candidatesOnLists(
  workspaceId: WorkspaceId,
  lists: readonly ListId[],
  after: ContactId | null,
  limit: number,
): RawBuilder<unknown> {
  return sql`
    select m.contact_id, coalesce(a.address, '') as address, m.standing
      from (select on_list.contact_id,
                   case when bool_or(on_list.status = 'unsubscribed') then 'unsubscribed'
                        when bool_or(on_list.status = 'subscribed') then 'subscribed'
                        else 'pending' end as standing
              from unnest(${plainArray(lists)}::uuid[]) as l (id)
             cross join lateral (
               select contact_id, status from list_member
                where workspace_id = ${workspaceId} and list_id = l.id and (${after}::uuid is null or contact_id > ${after}::uuid)
                order by contact_id limit ${limit}
             ) as on_list
             group by on_list.contact_id
             order by on_list.contact_id
             limit ${limit}) as m
      left join contact_address as a on a.workspace_id = ${workspaceId} and a.contact_id = m.contact_id and a.is_primary`
}

export interface PersonRow {
  readonly id: ContactId
  readonly name: string
  readonly first_name: string
  readonly last_name: string
  readonly external_id: string | null
  readonly language: string
  readonly time_zone: string
  readonly company: string
  readonly job_title: string
  readonly data: Readonly<Record<string, unknown>>
}

export async function selectPeople(db: Db | Tx, workspaceId: WorkspaceId, ids: readonly ContactId[]): Promise<PersonRow[]> {
  const { rows } = await sql<PersonRow>`
    select id, name, first_name, last_name, external_id, language, time_zone, company, job_title, data
      from contact where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[]) and merged_into is null`.execute(
    db,
  )
  return rows
}

/** Whether somebody of a statement opened a campaign, or followed a link in it: one look a person. Index: contact_activity's key. */
export function openedBy(workspaceId: WorkspaceId, campaignId: string, contactId: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`exists (select from contact_activity as seen
                      where seen.workspace_id = ${workspaceId} and seen.contact_id = ${contactId} and seen.kind in ('opened', 'clicked')
                        and seen.campaign_id = ${campaignId}::uuid)`
}

/** Who is on lists, as a source that a statement of somebody else inserts from; and what is known of people, for mail to them. */
import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import type { ActivityKind } from '../activity/activity.ts'
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
      left join contact_address as a
        on a.workspace_id = ${workspaceId} and a.contact_id = m.contact_id and a.is_primary and (${after}::uuid is null or a.contact_id > ${after}::uuid)`
}

/** (contact_id, left_out) of everybody who is meant, each once, in no order. */
export type ChosenPeople = RawBuilder<{ contact_id: ContactId; left_out: boolean }>

/**
 * Whoever was ever on one of the lists, or is in one of the segments; and whether a list they are on, or a segment that has them, is left out. Only as
 * the owner of the tables.
 */
export function chosenPeople(
  workspaceId: WorkspaceId,
  choice: {
    readonly lists: readonly ListId[]
    readonly segments: readonly RawBuilder<{ id: ContactId }>[]
    readonly exceptLists: readonly ListId[]
    readonly exceptSegments: readonly RawBuilder<{ id: ContactId }>[]
  },
): ChosenPeople {
  const members = (lists: readonly ListId[], more: RawBuilder<unknown>) =>
    sql`select contact_id as id from list_member where workspace_id = ${workspaceId}::uuid and list_id = any (${plainArray(lists)}::uuid[])${more}`
  const meant = [...(choice.lists.length > 0 ? [members(choice.lists, sql``)] : []), ...choice.segments]
  const out = [
    ...(choice.exceptLists.length > 0 ? [members(choice.exceptLists, sql` and status <> 'unsubscribed'`)] : []),
    ...choice.exceptSegments,
  ]
  if (meant.length === 0) return sql`select null::uuid as contact_id, false as left_out where false`
  if (out.length === 0) return sql`select m.id as contact_id, false as left_out from (${union(meant)}) as m`
  return sql`
    select m.id as contact_id, o.id is not null as left_out
      from (${union(meant)}) as m left join (${union(out)}) as o on o.id = m.id`
}

/** Each once. A single segment has everybody once as it is. */
function union(sets: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql`select id from (${sql.join(
    sets.map((set) => sql`(${set})`),
    sql` union `,
  )}) as sets group by id`
}

/**
 * (contact_id, address, standing) of people that were chosen, in the order of ids. Of the campaign's own lists somebody has left one, or is subscribed to
 * one, or has not confirmed one. Whoever has no standing with these is there by a segment, which is a question and no consent: they count as subscribed
 * when they are to any list that is in use. `between`: nobody is outside of it, so that pieces of an audience
 * together read everything once.
 */
export function candidatesOf(
  workspaceId: WorkspaceId,
  lists: readonly ListId[],
  people: RawBuilder<unknown>,
  between: { readonly first: ContactId; readonly last: ContactId } | null,
): RawBuilder<unknown> {
  const own = sql`m.list_id = any (${plainArray(lists)}::uuid[])`
  const archived = sql`array(select l.id from contact_list as l where l.workspace_id = ${workspaceId}::uuid and l.archived_at is not null)`
  const within = (contact: RawBuilder<unknown>) =>
    between ? sql` and ${contact} between ${between.first}::uuid and ${between.last}::uuid` : sql``
  return sql`
    select p.contact_id, coalesce(a.address, '') as address,
           case when p.left_out then 'left_out' when s.left_own then 'unsubscribed' when s.on_own then 'subscribed' when s.waits_own then 'pending'
                when s.on_any then 'subscribed' when s.waits_any then 'pending' when s.left_any then 'unsubscribed' else 'not_subscribed' end as standing
      from (${people}) as p
      left join (select m.contact_id, bool_or(${own} and m.status = 'unsubscribed') as left_own, bool_or(${own} and m.status = 'subscribed') as on_own,
                        bool_or(${own} and m.status = 'pending') as waits_own, bool_or(m.status = 'subscribed' and m.list_id <> all (${archived})) as on_any,
                        bool_or(m.status = 'pending') as waits_any, bool_or(m.status = 'unsubscribed') as left_any
                   from list_member as m
                  where m.workspace_id = ${workspaceId}::uuid${within(sql`m.contact_id`)}
                  group by m.contact_id) as s on s.contact_id = p.contact_id
      left join contact_address as a
        on a.workspace_id = ${workspaceId}::uuid and a.contact_id = p.contact_id and a.is_primary${within(sql`a.contact_id`)}`
}

/** As (contact_id, left_out): everybody who ever was on one of the lists. */
export function peopleOnLists(workspaceId: WorkspaceId, lists: readonly ListId[]): ChosenPeople {
  return chosenPeople(workspaceId, { lists, segments: [], exceptLists: [], exceptSegments: [] })
}

/** Addresses that are not of the everyday kind: each may be one all the same. Index: contact_address_not_plain. */
export async function addressesNotPlain(tx: Tx, workspaceId: WorkspaceId, limit: number): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    select address from contact_address
     where workspace_id = ${workspaceId} and not is_plain_address(address) and is_primary order by address limit ${limit}`.execute(
    tx,
  )
  return rows.map(({ address }) => address)
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

/** Whether a mail left to somebody of a statement: after a time, or ever. Of what left a moment ago it is not known yet. Index: contact_activity's key. */
export function sentAfter(
  workspaceId: WorkspaceId,
  contactId: RawBuilder<unknown>,
  deliveryId: RawBuilder<unknown>,
  after: Date | null,
): RawBuilder<unknown> {
  return sql`exists (select from contact_activity as sent
                      where sent.workspace_id = ${workspaceId} and sent.contact_id = ${contactId} and sent.kind = 'sent'
                        and sent.subject_id = ${deliveryId} and (${after}::timestamptz is null or sent.at > ${after}::timestamptz))`
}

/** (contact_id, kind) of whoever did one of these with a campaign. Index: contact_activity_of_campaign. */
export function whoDid(workspaceId: WorkspaceId, campaignId: string, kinds: readonly ActivityKind[]): RawBuilder<unknown> {
  return sql`
    select contact_id, kind from contact_activity
     where workspace_id = ${workspaceId} and campaign_id = ${campaignId}::uuid and kind = any (${plainArray(kinds)}::text[])`
}

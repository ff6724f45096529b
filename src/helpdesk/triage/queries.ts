/** The statements of triage that change conversations: each takes any number of them. */
import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ConversationId, InboxId, ItemId, TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { AccessLevel, InboxAccess } from '../access/reach.ts'
import { type Conversation, PRIORITIES } from '../conversation.ts'
import type { CustomFieldId, StatusLabelId } from '../inbox.ts'
import type { Activity } from '../item.ts'
import type { CustomField } from './custom-field.ts'
import type { Facts } from './merging.ts'
import type { StatusLabel } from './triage.ts'

/** Everything that triage changes, in one statement. They are locked already. */
export async function saveConversations(tx: Tx, conversations: readonly Conversation[]): Promise<void> {
  if (conversations.length === 0) return
  const rows = conversations.map((c) => ({ ...c, priority: PRIORITIES.indexOf(c.priority) + 1 }))
  await sql`
    update conversation as c
       set inbox_id = s."inboxId", subject = s.subject, preview = s.preview, status = s.status, label_id = s."labelId", priority = s.priority,
           assignee_id = s."assigneeId", team_id = s."teamId", contact_id = s."contactId", requester = s.requester,
           tags = array(select jsonb_array_elements_text(s.tags)), fields = s.fields, items = s.items, has_files = s."hasFiles",
           snoozed_until = s."snoozedUntil", due_at = s."dueAt", waiting_since = s."waitingSince", last_customer_at = s."lastCustomerAt",
           last_agent_at = s."lastAgentAt", last_at = s."lastAt", closed_at = s."closedAt", merged_into = s."mergedInto",
           deleted_at = s."deletedAt", auto_reply_off = s."autoReplyOff", updated_at = s."updatedAt"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
             as s("workspaceId" uuid, id uuid, "inboxId" uuid, subject text, preview text, status text, "labelId" uuid, priority smallint,
                  "assigneeId" uuid, "teamId" uuid, "contactId" uuid, requester text, tags jsonb, fields jsonb, items int, "hasFiles" boolean,
                  "snoozedUntil" timestamptz, "dueAt" timestamptz, "waitingSince" timestamptz, "lastCustomerAt" timestamptz,
                  "lastAgentAt" timestamptz, "lastAt" timestamptz, "closedAt" timestamptz, "mergedInto" uuid, "deletedAt" timestamptz,
                  "autoReplyOff" boolean, "updatedAt" timestamptz)
     where c.workspace_id = s."workspaceId" and c.id = s.id`.execute(tx)
}

export interface ActivityRow {
  readonly id: ItemId
  readonly conversationId: ConversationId
  readonly activity: Activity
}

export async function insertActivities(
  tx: Tx,
  workspaceId: WorkspaceId,
  userId: UserId | null,
  rows: readonly ActivityRow[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into conversation_item (workspace_id, conversation_id, id, kind, user_id, activity, created_at)
    select ${workspaceId}::uuid, a.conversation, a.id, 'activity', ${userId}::uuid, a.activity, ${now}::timestamptz
      from unnest(${plainArray(rows.map((r) => r.conversationId))}::uuid[], ${plainArray(rows.map((r) => r.id))}::uuid[],
                  ${textArray(rows.map((r) => JSON.stringify(r.activity)))}::jsonb[]) as a(conversation, id, activity)`.execute(
    tx,
  )
}

/** The last line about something: who changed it under somebody's hands. */
export async function lastActivity(
  tx: Tx,
  workspaceId: WorkspaceId,
  conversationId: ConversationId,
  whats: readonly string[],
): Promise<{ readonly userId: UserId | null; readonly activity: Activity; readonly createdAt: Date } | null> {
  const { rows } = await sql<{ userId: UserId | null; activity: Activity; createdAt: Date }>`
    select user_id as "userId", activity, created_at as "createdAt"
      from conversation_item
     where workspace_id = ${workspaceId} and conversation_id = ${conversationId} and kind = 'activity'
       and activity->>'what' = any (${textArray(whats)}::text[])
     order by id desc limit 1`.execute(tx)
  return rows[0] ?? null
}

/** What the items of conversations come to. One statement, over their items alone. */
export async function selectFacts(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Facts>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<Facts & { id: ConversationId }>`
    select w.id, f.items, f.has_files as "hasFiles", f.last_customer as "lastCustomerAt", f.last_agent as "lastAgentAt", f.last_at as "lastAt",
           coalesce(left(btrim(regexp_replace(left(l.body_text, 2000), '\\s+', ' ', 'g')), 255), '') as preview, n.at as "waitingSince"
      from unnest(${plainArray(ids)}::uuid[]) as w(id)
     cross join lateral (
       select count(*) filter (where i.kind <> 'activity')::int as items,
              max(i.created_at) filter (where i.kind = 'customer') as last_customer,
              max(i.created_at) filter (where i.kind = 'reply') as last_agent,
              max(i.created_at) filter (where i.kind <> 'activity') as last_at,
              exists (select 1 from conversation_file as f join conversation_item as o on o.workspace_id = f.workspace_id and o.id = f.item_id
                       where o.workspace_id = ${workspaceId} and o.conversation_id = w.id and not f.is_inline) as has_files
         from conversation_item as i where i.workspace_id = ${workspaceId} and i.conversation_id = w.id
     ) as f
      left join lateral (
       select i.body_text from conversation_item as i
        where i.workspace_id = ${workspaceId} and i.conversation_id = w.id and i.kind in ('customer', 'reply')
        order by i.id desc limit 1
     ) as l on true
      left join lateral (
       select min(i.created_at) as at from conversation_item as i
        where i.workspace_id = ${workspaceId} and i.conversation_id = w.id and i.kind = 'customer' and not i.is_automatic
          and i.created_at > coalesce(f.last_agent, '-infinity')
     ) as n on true`.execute(tx)
  return new Map(rows.map(({ id, ...facts }) => [id, facts]))
}

/** Who has which level, for several inboxes at once. */
export async function selectAccess(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  inboxIds: readonly InboxId[],
): Promise<Map<InboxId, InboxAccess>> {
  const { rows } = await sql<{ id: InboxId; restricted: boolean; levels: readonly (readonly [UserId, AccessLevel])[] }>`
    select i.id, i.restricted,
           coalesce((select json_agg(json_build_array(a.user_id, a.level)) from inbox_access as a
                      where a.workspace_id = i.workspace_id and a.inbox_id = i.id), '[]') as levels
      from inbox as i
     where i.workspace_id = ${workspaceId} and i.id = any (${plainArray(inboxIds)}::uuid[])`.execute(db)
  return new Map(rows.map(({ id, restricted, levels }) => [id, { restricted, levels: new Map(levels) }]))
}

export async function selectLabels(db: Db | Tx, workspaceId: WorkspaceId): Promise<StatusLabel[]> {
  const { rows } = await sql<StatusLabel>`
    select id, name, status, color, position from status_label
     where workspace_id = ${workspaceId} order by position, lower(name)`.execute(db)
  return rows
}

export async function selectFields(db: Db | Tx, workspaceId: WorkspaceId): Promise<CustomField[]> {
  const { rows } = await sql<CustomField>`
    select id, inbox_id as "inboxId", name, type, options, is_required as "isRequired", in_list as "inList", position
      from custom_field
     where workspace_id = ${workspaceId} order by position, lower(name), id`.execute(db)
  return rows
}

/** What these are called now: a line tells it as it was then. */
export async function selectNames(
  tx: Tx,
  workspaceId: WorkspaceId,
  wanted: {
    readonly inboxes: readonly InboxId[]
    readonly teams: readonly TeamId[]
    readonly labels: readonly StatusLabelId[]
    readonly fields: readonly CustomFieldId[]
  },
): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from inbox where workspace_id = ${workspaceId} and id = any (${plainArray(wanted.inboxes)}::uuid[])
    union all select id, name from team where workspace_id = ${workspaceId} and id = any (${plainArray(wanted.teams)}::uuid[])
    union all select id, name from status_label where workspace_id = ${workspaceId} and id = any (${plainArray(wanted.labels)}::uuid[])
    union all select id, name from custom_field where workspace_id = ${workspaceId} and id = any (${plainArray(wanted.fields)}::uuid[])`.execute(
    tx,
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}

export async function teamExists(tx: Tx, workspaceId: WorkspaceId, id: TeamId): Promise<boolean> {
  const { rows } = await sql<{
    id: string
  }>`select id from team where workspace_id = ${workspaceId} and id = ${id} for share`.execute(tx)
  return rows.length > 0
}

/** Tags come to be by being used. */
export async function insertTags(tx: Tx, workspaceId: WorkspaceId, names: readonly string[], now: Date): Promise<void> {
  if (names.length === 0) return
  await sql`
    insert into tag (workspace_id, name, created_at)
    select ${workspaceId}::uuid, name, ${now}::timestamptz from unnest(${textArray([...names].sort())}::text[]) as name
    on conflict do nothing`.execute(tx)
}

/** Those whose sleep is over, of all workspaces; who is at work on one passes it by. */
export async function lockAwaking(
  tx: Tx,
  limit: number,
  now: Date,
): Promise<{ readonly workspaceId: WorkspaceId; readonly id: ConversationId }[]> {
  const { rows } = await sql<{ workspaceId: WorkspaceId; id: ConversationId }>`
    select workspace_id as "workspaceId", id from conversation
     where snoozed_until <= ${now}
     order by snoozed_until limit ${limit} for update skip locked`.execute(tx)
  return rows
}

export async function lastSnoozers(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, UserId | null>> {
  const { rows } = await sql<{ id: ConversationId; userId: UserId | null }>`
    select distinct on (conversation_id) conversation_id as id, user_id as "userId"
      from conversation_item
     where workspace_id = ${workspaceId} and conversation_id = any (${plainArray(ids)}::uuid[]) and activity->>'what' = 'snoozed'
     order by conversation_id, id desc`.execute(tx)
  return new Map(rows.map(({ id, userId }) => [id, userId]))
}

/** The statements that every part of the helpdesk shares: conversations, their items, inboxes. */
import { type RawBuilder, sql } from 'kysely'
import { plainArray, textArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { ContactId, ConversationId, InboxId, ItemId, WorkspaceId } from '../lib/ids.ts'
import type { Correspondent } from '../mail/received-head.ts'
import { type Conversation, PRIORITIES, type Priority, priorityOf } from './conversation.ts'
import type { Inbox } from './inbox.ts'
import type { Item, ItemFile } from './item.ts'

const CONVERSATION = sql.raw(
  `c.workspace_id as "workspaceId", c.id, c.number::float8 as number, c.inbox_id as "inboxId", c.subject, c.preview, c.channel, c.status,
   c.label_id as "labelId", c.priority, c.assignee_id as "assigneeId", c.team_id as "teamId", c.contact_id as "contactId", c.requester, c.tags,
   c.fields, c.items, c.has_files as "hasFiles", c.snoozed_until as "snoozedUntil", c.due_at as "dueAt", c.waiting_since as "waitingSince",
   c.last_customer_at as "lastCustomerAt", c.last_agent_at as "lastAgentAt", c.last_at as "lastAt", c.closed_at as "closedAt",
   c.merged_into as "mergedInto", c.deleted_at as "deletedAt", c.auto_reply_off as "autoReplyOff", c.created_at as "createdAt",
   c.updated_at as "updatedAt"`,
)

type ConversationRow = Omit<Conversation, 'priority'> & { readonly priority: number }

function toConversation(row: ConversationRow): Conversation {
  return { ...row, priority: priorityOf(row.priority) }
}

export function storedPriority(priority: Priority): number {
  return PRIORITIES.indexOf(priority) + 1
}

export function json(value: unknown): RawBuilder<unknown> {
  return sql`${value === null || value === undefined ? null : JSON.stringify(value)}::jsonb`
}

export async function selectConversation(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ConversationId,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<Conversation | null> {
  const { rows } = await sql<ConversationRow>`
    select ${CONVERSATION} from conversation as c
     where c.workspace_id = ${workspaceId} and c.id = ${id} ${lock ? sql`for update` : sql``}`.execute(db)
  return rows[0] ? toConversation(rows[0]) : null
}

export async function selectConversationByNumber(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  number: number,
): Promise<Conversation | null> {
  const { rows } = await sql<ConversationRow>`
    select ${CONVERSATION} from conversation as c where c.workspace_id = ${workspaceId} and c.number = ${number}`.execute(db)
  return rows[0] ? toConversation(rows[0]) : null
}

/** In the order of ids, so that two who lock several never wait for one another in a circle. */
export async function lockConversations(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly ConversationId[],
): Promise<Conversation[]> {
  const { rows } = await sql<ConversationRow>`
    select ${CONVERSATION} from conversation as c
     where c.workspace_id = ${workspaceId} and c.id = any (${plainArray(ids)}::uuid[])
     order by c.id for update`.execute(tx)
  return rows.map(toConversation)
}

export async function insertConversation(tx: Tx, c: Conversation): Promise<void> {
  await sql`
    insert into conversation (workspace_id, id, number, inbox_id, subject, preview, channel, status, label_id, priority, assignee_id, team_id,
                              contact_id, requester, tags, fields, items, has_files, snoozed_until, due_at, waiting_since, last_customer_at,
                              last_agent_at, last_at, closed_at, merged_into, deleted_at, auto_reply_off, created_at, updated_at)
    values (${c.workspaceId}, ${c.id}, ${c.number}, ${c.inboxId}, ${c.subject}, ${c.preview}, ${c.channel}, ${c.status}, ${c.labelId},
            ${storedPriority(c.priority)}, ${c.assigneeId}, ${c.teamId}, ${c.contactId}, ${c.requester}, ${textArray(c.tags)}::text[], ${json(c.fields)},
            ${c.items}, ${c.hasFiles}, ${c.snoozedUntil}, ${c.dueAt}, ${c.waitingSince}, ${c.lastCustomerAt}, ${c.lastAgentAt}, ${c.lastAt},
            ${c.closedAt}, ${c.mergedInto}, ${c.deletedAt}, ${c.autoReplyOff}, ${c.createdAt}, ${c.updatedAt})`.execute(tx)
}

/** Everything of it but its number, channel and beginning. */
export async function updateConversation(tx: Tx, c: Conversation): Promise<void> {
  await sql`
    update conversation
       set inbox_id = ${c.inboxId}, subject = ${c.subject}, preview = ${c.preview}, status = ${c.status}, label_id = ${c.labelId},
           priority = ${storedPriority(c.priority)}, assignee_id = ${c.assigneeId}, team_id = ${c.teamId}, contact_id = ${c.contactId},
           requester = ${c.requester}, tags = ${textArray(c.tags)}::text[], fields = ${json(c.fields)}, items = ${c.items}, has_files = ${c.hasFiles},
           snoozed_until = ${c.snoozedUntil}, due_at = ${c.dueAt}, waiting_since = ${c.waitingSince}, last_customer_at = ${c.lastCustomerAt},
           last_agent_at = ${c.lastAgentAt}, last_at = ${c.lastAt}, closed_at = ${c.closedAt}, merged_into = ${c.mergedInto},
           deleted_at = ${c.deletedAt}, auto_reply_off = ${c.autoReplyOff}, updated_at = ${c.updatedAt}
     where workspace_id = ${c.workspaceId} and id = ${c.id}`.execute(tx)
}

/** Takes `count` numbers and gives the first of them. */
export async function takeNumbers(db: Db | Tx, workspaceId: WorkspaceId, count: number): Promise<number> {
  const { rows } = await sql<{ next: number }>`
    insert into conversation_number (workspace_id, next) values (${workspaceId}, 1 + ${count}::bigint)
    on conflict (workspace_id) do update set next = conversation_number.next + ${count}::bigint
    returning next::float8 as next`.execute(db)
  return (rows[0]?.next ?? 1 + count) - count
}

export interface ReferenceRow {
  readonly rfcId: string
  readonly source: 'inbound' | 'outgoing' | 'notification' | 'alias'
}

/** One statement for the item, its files and the ids that answers to it may name. */
export async function insertItem(
  tx: Tx,
  item: Item,
  files: readonly ItemFile[],
  references: readonly ReferenceRow[],
): Promise<void> {
  await sql`
    with item as (
      insert into conversation_item (workspace_id, conversation_id, id, kind, channel, contact_id, user_id, from_name, from_address, reply_to,
                                     recipients, subject, body_text, body_html, quoted_text, quoted_html, activity, rfc_message_id, inbound_id,
                                     message_id, is_automatic, matched_by, authentication, undo_until, edited_at, edited_by, hidden_at, created_at)
      values (${item.workspaceId}, ${item.conversationId}, ${item.id}, ${item.kind}, ${item.channel}, ${item.contactId}, ${item.userId},
              ${item.from.name}, ${item.from.address}, ${textArray(item.replyTo)}::text[], ${json(item.recipients)}, ${item.subject}, ${item.bodyText},
              ${item.bodyHtml}, ${item.quotedText}, ${item.quotedHtml}, ${json(item.activity)}, ${item.rfcMessageId}, ${item.inboundId},
              ${item.messageId}, ${item.isAutomatic}, ${item.matchedBy}, ${json(item.authentication)}, ${item.undoUntil}, ${item.editedAt},
              ${item.editedBy}, ${item.hiddenAt}, ${item.createdAt})
    ), reference as (
      insert into conversation_reference (workspace_id, rfc_id, conversation_id, item_id, source)
      select ${item.workspaceId}::uuid, r.id, ${item.conversationId}::uuid, ${item.id}::uuid, r.source
        from unnest(${textArray(references.map((r) => r.rfcId))}::text[], ${textArray(references.map((r) => r.source))}::text[]) as r(id, source)
      on conflict do nothing
    )
    insert into conversation_file (workspace_id, item_id, ordinal, filename, content_type, size_bytes, content_id, is_inline, hash)
    select ${item.workspaceId}::uuid, ${item.id}::uuid, f.ordinal, f.filename, f."contentType", f."sizeBytes", f."contentId", f."isInline", decode(f.hash, 'hex')
      from jsonb_to_recordset(${json(files)}) as f(ordinal smallint, filename text, "contentType" text, "sizeBytes" bigint, "contentId" text, "isInline" boolean, hash text)`.execute(
    tx,
  )
}

const ITEM = sql.raw(
  `i.workspace_id as "workspaceId", i.conversation_id as "conversationId", i.id, i.kind, i.channel, i.contact_id as "contactId",
   i.user_id as "userId", json_build_object('name', i.from_name, 'address', i.from_address) as "from", i.reply_to as "replyTo", i.recipients,
   i.subject, i.body_text as "bodyText", i.body_html as "bodyHtml", i.quoted_text as "quotedText", i.quoted_html as "quotedHtml", i.activity,
   i.rfc_message_id as "rfcMessageId", i.inbound_id as "inboundId", i.message_id as "messageId", i.is_automatic as "isAutomatic",
   i.matched_by as "matchedBy", i.authentication, i.undo_until as "undoUntil", i.edited_at as "editedAt", i.edited_by as "editedBy",
   i.hidden_at as "hiddenAt", i.created_at as "createdAt"`,
)

/** Newest first from `before`, or from the end. */
export async function selectItems(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  conversationId: ConversationId,
  page: { readonly before: ItemId | null; readonly limit: number },
): Promise<Item[]> {
  const { rows } = await sql<Item>`
    select ${ITEM} from conversation_item as i
     where i.workspace_id = ${workspaceId} and i.conversation_id = ${conversationId} and (${page.before}::uuid is null or i.id < ${page.before}::uuid)
     order by i.id desc limit ${page.limit}`.execute(db)
  return rows
}

export async function selectItem(db: Db | Tx, workspaceId: WorkspaceId, id: ItemId): Promise<Item | null> {
  const { rows } = await sql<Item>`
    select ${ITEM} from conversation_item as i where i.workspace_id = ${workspaceId} and i.id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function selectFiles(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  items: readonly ItemId[],
): Promise<(ItemFile & { readonly itemId: ItemId })[]> {
  const { rows } = await sql<ItemFile & { itemId: ItemId }>`
    select item_id as "itemId", ordinal, filename, content_type as "contentType", size_bytes::float8 as "sizeBytes", content_id as "contentId",
           is_inline as "isInline", encode(hash, 'hex') as hash
      from conversation_file
     where workspace_id = ${workspaceId} and item_id = any (${plainArray(items)}::uuid[])
     order by item_id, ordinal`.execute(db)
  return rows
}

/** Everybody who was addressed, apart from `except`. Whom an agent took out stays out. */
export async function upsertParticipants(
  tx: Tx,
  { workspaceId, id }: Pick<Conversation, 'workspaceId' | 'id'>,
  people: readonly (Correspondent & { readonly contactId: ContactId | null })[],
  now: Date,
): Promise<void> {
  if (people.length === 0) return
  await sql`
    insert into conversation_participant (workspace_id, conversation_id, address, name, contact_id, added_at)
    select ${workspaceId}::uuid, ${id}::uuid, p.address, p.name, p.contact, ${now}::timestamptz
      from unnest(${textArray(people.map((p) => p.address))}::text[], ${textArray(people.map((p) => p.name))}::text[],
                  ${textArray(people.map((p) => p.contactId))}::uuid[]) as p(address, name, contact)
    on conflict (workspace_id, conversation_id, address) do nothing`.execute(tx)
}

const INBOX = sql.raw(
  `i.workspace_id as "workspaceId", i.id, i.name, i.slug, i.address,
   coalesce((select json_agg(json_build_object('address', a.address, 'maySend', a.may_send) order by a.address)
               from inbox_address as a where a.workspace_id = i.workspace_id and a.inbox_id = i.id), '[]') as addresses,
   i.from_name as "fromName", i.route_id as "routeId", i.signature, i.status_after_reply as "statusAfterReply",
   i.assign_on_reply as "assignOnReply", i.default_assignee as "defaultAssignee", i.default_team as "defaultTeam", i.auto_bcc as "autoBcc",
   i.auto_reply as "autoReply", i.undo_seconds as "undoSeconds", i.subject_tag as "subjectTag", i.plus_address as "plusAddress",
   i.no_match as "noMatch", i.no_match_answer as "noMatchAnswer", i.no_match_alert as "noMatchAlert",
   case when i.sent_mailbox_id is not null then json_build_object('mailboxId', i.sent_mailbox_id, 'folder', i.sent_folder) end as "sentCopy",
   i.restricted, i.closed_at as "closedAt", i.created_at as "createdAt", i.updated_at as "updatedAt"`,
)

export async function selectInbox(db: Db | Tx, workspaceId: WorkspaceId, id: InboxId): Promise<Inbox | null> {
  const { rows } = await sql<Inbox>`
    select ${INBOX} from inbox as i where i.workspace_id = ${workspaceId} and i.id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function selectInboxes(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Inbox[]> {
  const { rows } = await sql<Inbox>`
    select ${INBOX} from inbox as i where i.workspace_id = ${workspaceId} order by lower(i.name), i.id limit ${limit}`.execute(db)
  return rows
}

/** The statements that every part of the helpdesk shares: conversations, their items, inboxes. */
import { type RawBuilder, sql } from 'kysely'
import { type Columns, plainArray, tableOf, textArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { ContactId, ConversationId, InboxId, ItemId, WorkspaceId } from '../lib/ids.ts'
import type { Correspondent } from '../mail/received-head.ts'
import { type Conversation, PRIORITIES, type Priority, priorityOf } from './conversation.ts'
import type { Inbox } from './inbox.ts'
import type { Item, ItemFile } from './item.ts'
import { itemWords } from './item-words.ts'

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

/** Everything of a conversation, as the columns of a statement. */
const CONVERSATION_COLUMNS: Columns<Conversation> = {
  workspace_id: ['uuid', (c) => c.workspaceId],
  id: ['uuid', (c) => c.id],
  number: ['bigint', (c) => c.number],
  inbox_id: ['uuid', (c) => c.inboxId],
  subject: ['text', (c) => c.subject],
  preview: ['text', (c) => c.preview],
  channel: ['text', (c) => c.channel],
  status: ['text', (c) => c.status],
  label_id: ['uuid', (c) => c.labelId],
  priority: ['smallint', (c) => storedPriority(c.priority)],
  assignee_id: ['uuid', (c) => c.assigneeId],
  team_id: ['uuid', (c) => c.teamId],
  contact_id: ['uuid', (c) => c.contactId],
  requester: ['text', (c) => c.requester],
  tags: ['text', (c) => textArray(c.tags)],
  fields: ['jsonb', (c) => JSON.stringify(c.fields)],
  items: ['int', (c) => c.items],
  has_files: ['boolean', (c) => c.hasFiles],
  snoozed_until: ['timestamptz', (c) => c.snoozedUntil],
  due_at: ['timestamptz', (c) => c.dueAt],
  waiting_since: ['timestamptz', (c) => c.waitingSince],
  last_customer_at: ['timestamptz', (c) => c.lastCustomerAt],
  last_agent_at: ['timestamptz', (c) => c.lastAgentAt],
  last_at: ['timestamptz', (c) => c.lastAt],
  closed_at: ['timestamptz', (c) => c.closedAt],
  merged_into: ['uuid', (c) => c.mergedInto],
  deleted_at: ['timestamptz', (c) => c.deletedAt],
  auto_reply_off: ['boolean', (c) => c.autoReplyOff],
  created_at: ['timestamptz', (c) => c.createdAt],
  updated_at: ['timestamptz', (c) => c.updatedAt],
}
const NEVER_CHANGED: readonly string[] = ['workspace_id', 'id', 'number', 'channel', 'created_at']
const [NAMES, VALUES, CHANGES] = [
  Object.keys(CONVERSATION_COLUMNS).join(', '),
  Object.keys(CONVERSATION_COLUMNS)
    .map((name) => givenOf(name))
    .join(', '),
  Object.keys(CONVERSATION_COLUMNS)
    .filter((name) => !NEVER_CHANGED.includes(name))
    .map((name) => `${name} = ${givenOf(name)}`)
    .join(', '),
].map((text) => sql.raw(text)) as [RawBuilder<unknown>, RawBuilder<unknown>, RawBuilder<unknown>]

function givenOf(column: string): string {
  return column === 'tags' ? 'n.tags::text[]' : `n.${column}`
}

export async function insertConversations(tx: Tx, conversations: readonly Conversation[]): Promise<void> {
  if (conversations.length === 0) return
  await sql`
    insert into conversation (${NAMES}) select ${VALUES} from ${tableOf('n', conversations, CONVERSATION_COLUMNS)}`.execute(tx)
}

/** Everything of them but their number, channel and beginning. */
export async function updateConversations(tx: Tx, conversations: readonly Conversation[]): Promise<void> {
  if (conversations.length === 0) return
  await sql`
    update conversation as c set ${CHANGES}
      from ${tableOf('n', conversations, CONVERSATION_COLUMNS)}
     where c.workspace_id = n.workspace_id and c.id = n.id`.execute(tx)
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

/** What is said, its files, and the ids that answers to it may name. */
export interface NewItemRow {
  readonly item: Item
  readonly files: readonly ItemFile[]
  readonly references: readonly ReferenceRow[]
}

/** One statement for any number of items, with the words by which they are found where those can be told here. */
export async function insertItems(tx: Tx, rows: readonly NewItemRow[]): Promise<void> {
  if (rows.length === 0) return
  const words = new Map(rows.map((row) => [row, itemWords(row.item, row.files)]))
  const files = rows.flatMap(({ item, files }) => files.map((file) => ({ item, file })))
  const references = rows.flatMap(({ item, references }) => references.map((reference) => ({ item, reference })))
  const said = rows.flatMap(({ item }, at) => {
    const found = words.get(rows[at] as NewItemRow) ?? null
    return found === null ? [] : [{ item, words: found }]
  })
  await sql`
    with item as (
      insert into conversation_item (workspace_id, conversation_id, id, kind, channel, contact_id, user_id, from_name, from_address, reply_to,
                                     recipients, subject, body_text, body_html, quoted_text, quoted_html, activity, rfc_message_id, inbound_id,
                                     message_id, is_automatic, matched_by, authentication, undo_until, edited_at, edited_by, hidden_at, created_at,
                                     has_words)
      select n.workspace_id, n.conversation_id, n.id, n.kind, n.channel, n.contact_id, n.user_id, n.from_name, n.from_address, n.reply_to::text[],
             n.recipients, n.subject, n.body_text, n.body_html, n.quoted_text, n.quoted_html, n.activity, n.rfc_message_id, n.inbound_id,
             n.message_id, n.is_automatic, n.matched_by, n.authentication, n.undo_until, n.edited_at, n.edited_by, n.hidden_at, n.created_at,
             n.has_words
        from ${tableOf('n', rows, { ...ITEM_COLUMNS, has_words: ['boolean', (row) => words.get(row) !== null] })}
    ), reference as (
      insert into conversation_reference (workspace_id, rfc_id, conversation_id, item_id, source)
      select * from ${tableOf('r', references, REFERENCE_COLUMNS)}
      on conflict do nothing
    ), file as (
      insert into conversation_file (workspace_id, item_id, ordinal, filename, content_type, size_bytes, content_id, is_inline, hash)
      select * from ${tableOf('f', files, FILE_COLUMNS)}
    )
    select say_words(${rows[0]?.item.workspaceId}::uuid, ${plainArray(said.map(({ item }) => item.conversationId))}::uuid[],
                     ${textArray(said.map(({ words }) => words))}::text[])
     where ${said.length} > 0`.execute(tx)
}

function jsonText(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value)
}

const ITEM_COLUMNS: Columns<NewItemRow> = {
  workspace_id: ['uuid', ({ item }) => item.workspaceId],
  conversation_id: ['uuid', ({ item }) => item.conversationId],
  id: ['uuid', ({ item }) => item.id],
  kind: ['text', ({ item }) => item.kind],
  channel: ['text', ({ item }) => item.channel],
  contact_id: ['uuid', ({ item }) => item.contactId],
  user_id: ['uuid', ({ item }) => item.userId],
  from_name: ['text', ({ item }) => item.from.name],
  from_address: ['text', ({ item }) => item.from.address],
  reply_to: ['text', ({ item }) => textArray(item.replyTo)],
  recipients: ['jsonb', ({ item }) => jsonText(item.recipients)],
  subject: ['text', ({ item }) => item.subject],
  body_text: ['text', ({ item }) => item.bodyText],
  body_html: ['text', ({ item }) => item.bodyHtml],
  quoted_text: ['text', ({ item }) => item.quotedText],
  quoted_html: ['text', ({ item }) => item.quotedHtml],
  activity: ['jsonb', ({ item }) => jsonText(item.activity)],
  rfc_message_id: ['text', ({ item }) => item.rfcMessageId],
  inbound_id: ['uuid', ({ item }) => item.inboundId],
  message_id: ['uuid', ({ item }) => item.messageId],
  is_automatic: ['boolean', ({ item }) => item.isAutomatic],
  matched_by: ['text', ({ item }) => item.matchedBy],
  authentication: ['jsonb', ({ item }) => jsonText(item.authentication)],
  undo_until: ['timestamptz', ({ item }) => item.undoUntil],
  edited_at: ['timestamptz', ({ item }) => item.editedAt],
  edited_by: ['uuid', ({ item }) => item.editedBy],
  hidden_at: ['timestamptz', ({ item }) => item.hiddenAt],
  created_at: ['timestamptz', ({ item }) => item.createdAt],
}

const REFERENCE_COLUMNS: Columns<{ readonly item: Item; readonly reference: ReferenceRow }> = {
  workspace_id: ['uuid', ({ item }) => item.workspaceId],
  rfc_id: ['text', ({ reference }) => reference.rfcId],
  conversation_id: ['uuid', ({ item }) => item.conversationId],
  item_id: ['uuid', ({ item }) => item.id],
  source: ['text', ({ reference }) => reference.source],
}

const FILE_COLUMNS: Columns<{ readonly item: Item; readonly file: ItemFile }> = {
  workspace_id: ['uuid', ({ item }) => item.workspaceId],
  item_id: ['uuid', ({ item }) => item.id],
  ordinal: ['smallint', ({ file }) => file.ordinal],
  filename: ['text', ({ file }) => file.filename],
  content_type: ['text', ({ file }) => file.contentType],
  size_bytes: ['bigint', ({ file }) => file.sizeBytes],
  content_id: ['text', ({ file }) => file.contentId],
  is_inline: ['boolean', ({ file }) => file.isInline],
  hash: ['bytea', ({ file }) => `\\x${file.hash}`],
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

/** Somebody who was addressed in a conversation. */
export interface Participant extends Correspondent {
  readonly workspaceId: WorkspaceId
  readonly conversationId: ConversationId
  readonly contactId: ContactId | null
}

/** Everybody who was addressed, apart from who asks. Whom an agent took out stays out. */
export async function upsertParticipants(tx: Tx, people: readonly Participant[], now: Date): Promise<void> {
  if (people.length === 0) return
  const columns: Columns<Participant> = {
    workspace_id: ['uuid', (p) => p.workspaceId],
    conversation_id: ['uuid', (p) => p.conversationId],
    address: ['text', (p) => p.address],
    name: ['text', (p) => p.name],
    contact_id: ['uuid', (p) => p.contactId],
  }
  await sql`
    insert into conversation_participant (workspace_id, conversation_id, address, name, contact_id, added_at)
    select p.*, ${now}::timestamptz from ${tableOf('p', people, columns)}
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

export async function selectInboxesById(db: Db | Tx, workspaceId: WorkspaceId, ids: readonly InboxId[]): Promise<Inbox[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<Inbox>`
    select ${INBOX} from inbox as i where i.workspace_id = ${workspaceId} and i.id = any (${plainArray(ids)}::uuid[])`.execute(db)
  return rows
}

export async function selectInboxes(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Inbox[]> {
  const { rows } = await sql<Inbox>`
    select ${INBOX} from inbox as i where i.workspace_id = ${workspaceId} order by lower(i.name), i.id limit ${limit}`.execute(db)
  return rows
}

/** Lists of conversations: every one is a walk along an index (migrations/0029) from where the page before ended, never a count and never an offset. */
import { type RawBuilder, sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, ConversationId, InboxId, TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'
import { type Reach, withinInbox, withinReach } from '../access/reach.ts'
import { type ConversationStatus, PRIORITIES, priorityOf } from '../conversation.ts'
import type { StatusLabelId } from '../inbox.ts'
import { unread } from '../seen/seen-queries.ts'
import { type ConversationFilter, fieldPatterns, type Sort, statusesOf } from './filter.ts'
import type { ConversationRow, Placed } from './row.ts'

export interface Question {
  readonly workspaceId: WorkspaceId
  /** Whose stars, drafts and conversations are meant; null: a key's, who has none. */
  readonly userId: UserId | null
  readonly reach: Reach
  readonly filter: ConversationFilter
  readonly sort: Sort
  readonly after: readonly string[] | null
  readonly limit: number
  /** What a search demands besides: conditions on `c`. */
  readonly also?: readonly RawBuilder<unknown>[] | undefined
  /** Of what is unread: what whoever asks marked so. It is found by itself, since it may stand anywhere. */
  readonly marked?: readonly ConversationId[] | undefined
  /** Which half of what is unread a walk looks for; both where rows are known. */
  readonly half?: 'news' | 'marked' | undefined
}

/** A row as it is stored; names of people are asked of whoever knows them. */
export type StoredRow = Omit<ConversationRow, 'assignee' | 'customer' | 'drafts'> &
  Placed & {
    readonly assigneeId: UserId | null
    readonly contactId: ContactId | null
    readonly requester: string
    readonly drafters: readonly UserId[]
  }

type Piece = RawBuilder<unknown>
const all = (pieces: readonly Piece[]) => sql.join(pieces, sql` and `)

/** More walks than this become one that passes the inboxes it does not mean. */
const MAX_WALKS = 60
/** So many ids are looked up one by one; where there are more, none is far from the next on any walk. */
export const FEW = 5_000

export async function selectPage(db: Db | Tx, question: Question, among: readonly ConversationId[] | null): Promise<StoredRow[]> {
  const walks = allWalks(question, among)
  if (walks.length === 0) return []
  const { keys, order } = ORDERS[orderOf(question)]
  const { rows } = await sql<Raw>`
    with page as (
      select * from (${sql.join(walks, sql` union all `)}) as c order by ${order} limit ${question.limit}
    )
    select ${columns(question)}, array[${sql.join(keys.map((key) => sql`${key}::text`))}] as key
      from page
      join conversation as c on c.workspace_id = ${question.workspaceId} and c.id = page.id
      left join status_label as label on label.workspace_id = c.workspace_id and label.id = c.label_id
      left join team on team.workspace_id = c.workspace_id and team.id = c.team_id
     order by ${order}`.execute(db)
  return rows.map(toRow)
}

/** The rows of these conversations, in no order, as far as the question allows them. */
export async function selectRows(db: Db | Tx, question: Question, ids: readonly ConversationId[]): Promise<StoredRow[]> {
  const { rows } = await sql<Raw>`
    select ${columns(question)}, '{}'::text[] as key
      from conversation as c
      left join status_label as label on label.workspace_id = c.workspace_id and label.id = c.label_id
      left join team on team.workspace_id = c.workspace_id and team.id = c.team_id
     where ${all([...conditionsOf(question), statusIs(statusesOf(question.filter, question.sort)), amongThese(ids)])}`.execute(db)
  return rows.map(toRow)
}

/** How many there are, counted to `limit` and no further. */
export async function countUpTo(db: Db | Tx, question: Question, among: readonly ConversationId[] | null): Promise<number> {
  const walks = allWalks(question, among)
  if (walks.length === 0) return 0
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from (select from (${sql.join(walks, sql` union all `)}) as c limit ${question.limit}) as counted`.execute(
    db,
  )
  return rows[0]?.n ?? 0
}

export interface UnreadPlace {
  readonly inboxId: InboxId
  readonly status: ConversationStatus
  readonly teamId: TeamId | null
  readonly unassigned: number
  readonly mine: number
  readonly n: number
}

/** Where the newest of what is unread stands, up to the limit. */
export async function selectUnreadPlaces(db: Db | Tx, question: Question): Promise<UnreadPlace[]> {
  const walks = allWalks(question, null)
  if (walks.length === 0) return []
  const { rows } = await sql<UnreadPlace>`
    with newest as materialized (select c.id from (${sql.join(walks, sql` union all `)}) as c limit ${question.limit})
    select c.inbox_id as "inboxId", c.status, c.team_id as "teamId", count(*) as n, count(*) filter (where c.assignee_id is null) as unassigned,
           count(*) filter (where c.assignee_id = ${question.userId}::uuid) as mine
      from newest join conversation as c on c.workspace_id = ${question.workspaceId} and c.id = newest.id
     where c.snoozed_until is null
     group by c.inbox_id, c.status, c.team_id`.execute(db)
  return rows
}

/** Conversations that are known are looked at one by one; what is unread is walked to in two halves, since marks may stand anywhere. */
function allWalks(question: Question, among: readonly ConversationId[] | null): Piece[] {
  if (among) return [walk(question, [amongThese(among)])]
  if (!question.filter.unread) return walksOf(question)
  const { marked = [], filter, sort } = question
  const status = statusesOf(filter, sort).filter((one) => one === 'open' || one === 'pending')
  const statuses = statusIs(statusesOf(filter, sort))
  return [
    ...(status.length > 0 ? walksOf({ ...question, half: 'news', filter: { ...filter, status } }) : []),
    ...(marked.length > 0 ? [walk({ ...question, half: 'marked' }, [amongThese(marked), statuses])] : []),
  ]
}

/**
 * One walk for each status and, where inboxes are asked for, for each inbox: every index over them goes on in the order of the list, so that each walk
 * reads a page at most.
 */
function walksOf(question: Question): Piece[] {
  const statuses = statusesOf(question.filter, question.sort)
  const order = orderOf(question)
  if (order === 'deleted' || order === 'due' || order === 'wakes') return [walk(question, [statusIs(statuses)])]
  const places = placesOf(question, statuses.length)
  // Who waits is read whole from an index that says all of it: those of a status in which nobody waits would be passed one by one.
  if (order === 'waiting' || (question.filter.waiting && (order === 'latest' || order === 'oldest')))
    return places.map((inbox) => walk(question, [statusIs(statuses)], inbox))
  if (order === 'newest' || order === 'first') return statuses.map((status) => walk(question, [statusIs([status])]))
  if (order !== 'priority')
    return statuses.flatMap((status) => places.map((inbox) => walk(question, [statusIs([status])], inbox)))
  // What is not of normal priority has an index of its own, over all inboxes.
  return statuses.flatMap((status) =>
    prioritiesOf(question.filter).flatMap((p) =>
      (p === NORMAL ? places : [null]).map((inbox) =>
        walk(question, [statusIs([status]), sql`c.priority = ${sql.lit(p)}`], inbox),
      ),
    ),
  )
}
const NORMAL = PRIORITIES.indexOf('normal') + 1

/** What has an index of its own over all inboxes, or is met soon on any walk, needs one walk and not one in each inbox. */
function placesOf(question: Question, statuses: number): readonly (InboxId | null)[] {
  const inboxes = inboxesOf(question)
  const { tag, fields, has_note, has_files, label, channel, assignee, team } = question.filter
  const isMarked = [tag, fields, has_note, has_files, label, channel, assignee, team].some((asked) => asked !== undefined)
  if (inboxes === null || (isMarked && !question.filter.inbox) || inboxes.length * statuses > MAX_WALKS) return [null]
  return inboxes
}

function prioritiesOf({ priority }: ConversationFilter): number[] {
  return PRIORITIES.flatMap((name, i) => (priority === undefined || priority.includes(name) ? [i + 1] : []))
}

/** The inboxes it can be about, or null for all of them. */
function inboxesOf({ filter, reach }: Question): readonly InboxId[] | null {
  if (filter.inbox) return [filter.inbox]
  return reach.all ? null : [...reach.inboxes, ...reach.assignedOnly]
}

/** Through one inbox, or null: through whatever may be reached. */
function walk(question: Question, place: readonly Piece[], inbox: InboxId | null = null): Piece {
  const { after, below, order, only } = ORDERS[orderOf(question)]
  const conditions = [
    ...conditionsOf(question, inbox),
    ...place,
    ...(only ? [only] : []),
    ...(question.after ? [below(question.after)] : []),
  ]
  return sql`(select c.id, ${sql.join(after)} from conversation as c where ${all(conditions)} order by ${order} limit ${question.limit})`
}

interface Order {
  /** What the cursor keeps. */
  readonly keys: readonly Piece[]
  /** The columns that a walk has to hand on for the order of all. */
  readonly after: readonly Piece[]
  readonly order: Piece
  readonly only?: Piece
  readonly below: (key: readonly string[]) => Piece
}

type OrderName = Sort | 'deleted'
const orderOf = ({ filter, sort }: Question): OrderName => (filter.deleted ? 'deleted' : sort)

const time = (column: string, direction: 'asc' | 'desc', only?: Piece): Order => ({
  keys: [sql.raw(`c.${column}`), sql.raw('c.id')],
  after: [sql.raw(`c.${column}`)],
  order: sql.raw(`c.${column} ${direction}, c.id ${direction}`),
  ...(only && { only }),
  below: ([at, id]) =>
    sql`(${sql.raw(`c.${column}, c.id`)}) ${sql.raw(direction === 'asc' ? '>' : '<')} (${at}::timestamptz, ${id}::uuid)`,
})
const number = (direction: 'asc' | 'desc'): Order => ({
  keys: [sql.raw('c.number')],
  after: [sql.raw('c.number')],
  order: sql.raw(`c.number ${direction}`),
  below: ([at]) => sql`c.number ${sql.raw(direction === 'asc' ? '>' : '<')} ${at}::bigint`,
})

const ORDERS: Readonly<Record<OrderName, Order>> = {
  latest: time('last_at', 'desc'),
  oldest: time('last_at', 'asc'),
  waiting: time('waiting_since', 'asc', sql`c.waiting_since is not null and c.status in ('open', 'pending')`),
  due: time('due_at', 'asc', sql`c.due_at is not null and c.status in ('open', 'pending')`),
  wakes: time('snoozed_until', 'asc', sql`c.snoozed_until is not null`),
  deleted: time('deleted_at', 'desc'),
  newest: number('desc'),
  first: number('asc'),
  priority: {
    keys: [sql.raw('c.priority'), sql.raw('c.last_at'), sql.raw('c.id')],
    after: [sql.raw('c.priority'), sql.raw('c.last_at')],
    order: sql.raw('c.priority, c.last_at desc, c.id desc'),
    below: ([priority, at, id]) =>
      sql`(c.priority > ${priority}::int or (c.priority = ${priority}::int and (c.last_at, c.id) < (${at}::timestamptz, ${id}::uuid)))`,
  },
}

const TIME = /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d){0,2}$/
const isTime = (text: string) => TIME.test(text)
const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
const isWhole = (text: string) => /^\d{1,18}$/.test(text)

/** What a cursor of this list is made of. */
export function keyChecks(filter: ConversationFilter, sort: Sort): ReadonlyArray<(part: string) => boolean> {
  const order = filter.deleted ? 'deleted' : sort
  if (order === 'newest' || order === 'first') return [isWhole]
  return order === 'priority' ? [(part) => /^[1-4]$/.test(part), isTime, isUuid] : [isTime, isUuid]
}

export function statusIs(statuses: readonly ConversationStatus[]): Piece {
  if (statuses.length === 0) return sql`false`
  return statuses.length === 1
    ? sql`c.status = ${sql.lit(statuses[0])}`
    : sql`c.status in (${sql.join(statuses.map((status) => sql.lit(status)))})`
}

function amongThese(ids: readonly ConversationId[]): Piece {
  return sql`c.id = any (${plainArray(ids)}::uuid[])`
}

/** Everything but the status and the order. */
export function conditionsOf(
  { workspaceId, userId, reach, filter, half, also = [] }: Question,
  inbox: InboxId | null = null,
): Piece[] {
  const of = (column: string, value: unknown) => sql`${sql.raw(`c.${column}`)} = ${value}`
  const within = inbox === null ? withinReach(reach, 'c') : withinInbox(reach, inbox, 'c')
  const is: Piece[] = [of('workspace_id', workspaceId), sql`c.merged_into is null`, within, ...also]
  is.push(filter.deleted ? sql`c.deleted_at is not null` : sql`c.deleted_at is null`)
  if (filter.inbox) is.push(of('inbox_id', filter.inbox))
  if (filter.assignee === 'none') is.push(sql`c.assignee_id is null`)
  else if (filter.assignee === 'me') is.push(userId ? of('assignee_id', userId) : sql`false`)
  else if (filter.assignee) is.push(of('assignee_id', filter.assignee))
  if (filter.team === 'none') is.push(sql`c.team_id is null`)
  else if (filter.team) is.push(of('team_id', filter.team))
  if (filter.tag) is.push(sql`c.tags @> ${textArray(filter.tag)}::text[]`)
  if (filter.priority) is.push(sql`c.priority in (${sql.join(prioritiesOf(filter).map((p) => sql.lit(p)))})`)
  if (filter.label) is.push(of('label_id', filter.label))
  if (filter.channel) is.push(of('channel', sql.lit(filter.channel)))
  if (filter.has_files !== undefined) is.push(filter.has_files ? sql`c.has_files` : sql`not c.has_files`)
  if (filter.has_note)
    is.push(
      sql`exists (select from conversation_item as n where n.workspace_id = ${workspaceId} and n.conversation_id = c.id and n.kind = 'note' and n.hidden_at is null)`,
    )
  if (filter.waiting !== undefined) is.push(filter.waiting ? sql`c.waiting_since is not null` : sql`c.waiting_since is null`)
  if (filter.snoozed !== undefined) is.push(filter.snoozed ? sql`c.snoozed_until is not null` : sql`c.snoozed_until is null`)
  if (filter.contact) is.push(of('contact_id', filter.contact))
  for (const [one, among] of fieldPatterns(filter.fields ?? {}))
    is.push(sql`(c.fields @> ${JSON.stringify(one)}::jsonb or c.fields @> ${JSON.stringify(among)}::jsonb)`)
  if (filter.unread) is.push(userId ? unreadBy(workspaceId, userId, half) : sql`false`)
  for (const mark of MARKS)
    if (filter[mark]) is.push(sql`exists (select from ${markOf(mark, workspaceId, userId)} and m.conversation_id = c.id)`)
  return is
}

function unreadBy(workspaceId: WorkspaceId, userId: UserId, half?: Question['half']): Piece {
  if (half) return unread[half](workspaceId, userId)
  return sql`(${unread.news(workspaceId, userId)} or ${unread.marked(workspaceId, userId)})`
}

export const MARKS = ['starred', 'followed', 'drafts'] as const
export type Mark = (typeof MARKS)[number]

/** A row of `m` for each conversation that somebody starred, follows or writes in. */
function markOf(mark: Mark, workspaceId: WorkspaceId, userId: UserId | null): Piece {
  const mine = sql`m.workspace_id = ${workspaceId} and m.user_id = ${userId}::uuid`
  switch (mark) {
    case 'starred':
      return sql`conversation_star as m where ${mine}`
    case 'followed':
      return sql`conversation_follower as m where ${mine}`
    case 'drafts':
      return sql`conversation_draft as m where ${mine} and m.conversation_id is not null`
  }
}

/** Ids of what somebody marked, or null when they are more than a few. */
export async function selectMarked(db: Db | Tx, question: Question, mark: Mark): Promise<ConversationId[] | null> {
  const { rows } = await sql<{ id: ConversationId }>`
    select distinct m.conversation_id as id from ${markOf(mark, question.workspaceId, question.userId)} limit ${sql.lit(FEW + 1)}`.execute(
    db,
  )
  return few(rows)
}

/** The same of a customer. Index: conversation_of_contact. */
export async function selectOfContact(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  contact: ContactId,
): Promise<ConversationId[] | null> {
  const { rows } = await sql<{ id: ConversationId }>`
    select c.id from conversation as c where c.workspace_id = ${workspaceId} and c.contact_id = ${contact} limit ${sql.lit(FEW + 1)}`.execute(
    db,
  )
  return few(rows)
}

/** The same of notes. Index: conversation_item_notes. */
export async function selectNoted(db: Db | Tx, workspaceId: WorkspaceId): Promise<ConversationId[] | null> {
  const { rows } = await sql<{ id: ConversationId }>`
    select distinct n.conversation_id as id from conversation_item as n
     where n.workspace_id = ${workspaceId} and n.kind = 'note' and n.hidden_at is null limit ${sql.lit(FEW + 1)}`.execute(db)
  return few(rows)
}

/** About how many have these tags. */
export async function selectTagEstimate(db: Db | Tx, tags: readonly string[]): Promise<number> {
  const { rows } = await sql<{ n: number }>`select estimate_conversations_tagged(${textArray(tags)}::text[]) as n`.execute(db)
  return rows[0]?.n ?? 0
}

/** About how many have this value in a field, which may be a list or not. */
export async function selectFieldEstimate(db: Db | Tx, fields: NonNullable<ConversationFilter['fields']>): Promise<number> {
  const [field] = fieldPatterns(fields)
  if (!field) return 0
  const [one, among] = field.map((pattern) => JSON.stringify(pattern))
  const { rows } = await sql<{ n: number }>`
    select greatest(estimate_conversations_with(${one}::jsonb), estimate_conversations_with(${among}::jsonb)) as n`.execute(db)
  return rows[0]?.n ?? 0
}

/** The same of tags and of one field, which may be a list or not. Index, by the owner: conversation_tags, conversation_fields. */
export async function selectTagged(db: Db | Tx, question: Question): Promise<ConversationId[] | null> {
  const { workspaceId, filter, sort } = question
  const statuses = sql`${textArray(statusesOf(filter, sort))}::text[]`
  const inboxes = inboxesOf(question)
  const places = inboxes === null ? sql`null::uuid[]` : sql`${plainArray(inboxes)}::uuid[]`
  const [field] = fieldPatterns(filter.fields ?? {})
  const patterns = filter.tag ? [null] : (field ?? [])
  const tags = filter.tag ? sql`${textArray(filter.tag)}::text[]` : sql`null`
  const found = new Set<ConversationId>()
  // One after the other: a field is a list or it is none, and where the first finds too many nobody needs the second.
  for (const pattern of patterns) {
    const { rows } = await sql<{ id: ConversationId }>`
      select conversation_id as id
        from conversations_marked(${workspaceId}, ${statuses}, ${places}, ${tags}, ${pattern && JSON.stringify(pattern)}::jsonb, ${sql.lit(FEW + 1)})`.execute(
      db,
    )
    for (const { id } of rows) found.add(id)
    if (found.size > FEW) return null
  }
  return [...found]
}

function few(rows: readonly { id: ConversationId }[]): ConversationId[] | null {
  return rows.length > FEW ? null : rows.map(({ id }) => id)
}

type Raw = Omit<StoredRow, 'priority' | 'label' | 'team'> & {
  readonly priority: number
  readonly labelId: StatusLabelId | null
  readonly labelName: string | null
  readonly labelColor: string | null
  readonly teamId: TeamId | null
  readonly teamName: string | null
}

function columns({ workspaceId, userId, filter }: Question): Piece {
  return sql`c.id, c.number::float8 as number, c.inbox_id as "inboxId", c.subject, c.preview, c.channel, c.status, label.id as "labelId", label.name as "labelName",
       label.color as "labelColor", c.priority, c.assignee_id as "assigneeId", team.id as "teamId", team.name as "teamName",
       c.contact_id as "contactId", c.requester, c.tags, c.items, c.has_files as "hasFiles", c.waiting_since as "waitingSince",
       c.last_at as "lastAt", c.snoozed_until as "snoozedUntil", c.due_at as "dueAt", c.deleted_at as "deletedAt",
       exists (select from conversation_star as s where s.workspace_id = ${workspaceId} and s.user_id = ${userId}::uuid and s.conversation_id = c.id) as "isStarred",
       ${userId && !filter.unread ? sql`c.deleted_at is null and ${unreadBy(workspaceId, userId)}` : sql`${userId !== null}::boolean`} as "isUnread",
       array(select jsonb_build_object('name', f.name, 'value', c.fields -> f.id::text) from custom_field as f
              where f.workspace_id = ${workspaceId} and f.in_list and (f.inbox_id is null or f.inbox_id = c.inbox_id) and c.fields -> f.id::text is not null
              order by f.position, f.id limit 5) as fields,
       array(select distinct d.user_id::text from conversation_draft as d where d.workspace_id = ${workspaceId} and d.conversation_id = c.id limit 10) as drafters`
}

function toRow({ priority, labelId, labelName, labelColor, teamId, teamName, ...row }: Raw): StoredRow {
  return {
    ...row,
    priority: priorityOf(priority),
    label: labelId && { id: labelId, name: labelName ?? '', color: labelColor ?? 'grey' },
    team: teamId && { id: teamId, name: teamName ?? '' },
  }
}

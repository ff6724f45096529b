/** One made-up conversation as the rows it is stored in. */
import { textArray } from '../src/db/arrays.ts'
import type { ConversationStatus } from '../src/helpdesk/conversation.ts'
import { BLANK_DRAFT } from '../src/helpdesk/drafts/draft.ts'
import { DAY, HOUR, MINUTE } from '../src/lib/clock.ts'
import type { ConversationId, ItemId } from '../src/lib/ids.ts'
import type { Value } from './copy.ts'
import type { Furnished } from './furnish.ts'
import type { Person } from './people.ts'
import { idAt, type Random } from './random.ts'
import { asHtml, aside, type Facts, factsFor, filled } from './texts.ts'
import { NOTES, TOPICS, type Topic } from './topics.ts'
import { TAGS } from './words.ts'

export interface SeedFile {
  readonly filename: string
  readonly contentType: string
  readonly sizeBytes: number
  readonly hash: Buffer
}

export interface Surroundings extends Furnished {
  readonly people: readonly Person[]
  readonly files: readonly SeedFile[]
  readonly now: Date
}

/** Rows by table, as COPY takes them. */
export interface Rows {
  readonly id: ConversationId
  readonly createdMs: number
  /** The conversation without its number, which is given in the order of beginning. */
  readonly conversation: Readonly<Record<string, Value>>
  readonly place: {
    readonly inboxId: string
    readonly status: string
    readonly assigneeId: string | null
    readonly teamId: string | null
  }
  readonly items: readonly Readonly<Record<string, Value>>[]
  readonly files: readonly Readonly<Record<string, Value>>[]
  readonly participants: readonly Readonly<Record<string, Value>>[]
  readonly references: readonly Readonly<Record<string, Value>>[]
  readonly marks: { readonly isStarred: boolean; readonly isFollowed: boolean; readonly draft: string | null }
}

/** Nothing younger: whoever looks a moment later finds it in the past. */
const YOUNGEST = 3 * MINUTE

interface Frame {
  readonly surroundings: Surroundings
  readonly random: Random
  readonly id: ConversationId
  readonly person: Person
  readonly facts: Facts
  readonly topic: Topic
  readonly inbox: Furnished['inboxes'][number]
  readonly agent: Furnished['agents'][number]
}

export function conversationRows(surroundings: Surroundings, random: Random, lastMs: number): Rows {
  const { inboxes, people, agents, now, workspaceId } = surroundings
  const length = turnsOf(random)
  const createdMs = lastMs - Math.floor(length * random.next() ** 3 * 3 * DAY) - (length > 1 ? 5 * MINUTE : 0)
  const id = idAt<ConversationId>(random, createdMs)
  // The first of all writes far more than anybody else: a machine.
  const person = random.is(0.01) ? people[0]! : random.skewed(people, 1.6)
  const topic = random.one(TOPICS)
  const inbox = random.is(0.03) ? inboxes[4]! : inboxes[topic.inbox]!
  const facts = factsFor(random, person)
  const frame = { surroundings, random, id, person, facts, topic, inbox, agent: random.skewed(agents, 1.4) }
  const said = itemsOf(frame, length, createdMs, lastMs)
  const status = statusOf(random, now.getTime() - lastMs, said.lastBy)
  const isAwake = status === 'open' || status === 'pending'
  const asleepUntil = isAwake && random.is(0.04) ? new Date(now.getTime() + HOUR * (1 + random.below(300))) : null
  const deletedAt = random.is(0.006) ? new Date(Math.min(now.getTime() - MINUTE, lastMs + DAY)) : null
  const hasAgent = said.answeredMs !== null || random.is(status === 'open' ? 0.35 : 0.8)
  const assigneeId = status !== 'spam' && hasAgent && !random.is(0.04) ? frame.agent.id : null
  const teamId = random.is(0.5) ? random.skewed(surroundings.teams) : null
  const label = random.is(0.08) ? surroundings.labels.find((one) => one.status === status) : undefined
  const [conversationTags, priority] = [tagsOf(random, topic), priorityOf(random)]
  const conversation = {
    ...{ workspace_id: workspaceId, id, inbox_id: inbox.id, subject: said.subject, preview: said.preview, status, priority },
    channel: channelOf(random),
    label_id: label?.id ?? null,
    assignee_id: assigneeId,
    team_id: teamId,
    contact_id: person.id,
    requester: person.address,
    tags: textArray(conversationTags),
    fields: JSON.stringify(fieldsOf(frame)),
    items: said.count,
    has_files: said.files.length > 0,
    snoozed_until: asleepUntil,
    due_at: isAwake && random.is(0.05) ? new Date(now.getTime() + HOUR * (random.below(400) - 100)) : null,
    waiting_since: isAwake && said.waitingMs !== null ? new Date(said.waitingMs) : null,
    last_customer_at: new Date(said.customerMs),
    last_agent_at: said.answeredMs === null ? null : new Date(said.answeredMs),
    last_at: new Date(lastMs),
    closed_at: status === 'closed' ? new Date(lastMs + MINUTE) : null,
    deleted_at: deletedAt,
    created_at: new Date(createdMs),
    updated_at: new Date(lastMs),
  }
  const place = deletedAt ? 'deleted' : asleepUntil ? 'snoozed' : status
  const drafted = isAwake && said.lastBy === 'customer' && random.is(0.01) ? filled(random.one(topic.answers), facts) : null
  return {
    ...{ id, createdMs, conversation },
    place: { inboxId: inbox.id, status: place, assigneeId, teamId },
    items: said.items,
    files: said.files,
    references: said.references,
    participants: participantsOf(frame, createdMs),
    marks: { isStarred: random.is(0.0004), isFollowed: random.is(0.001), draft: drafted },
  }
}

/** Most are short; one in a hundred is long, and a few are what splitting is for. */
function turnsOf(random: Random): number {
  const chance = random.next()
  if (chance < 0.0003) return 200 + random.below(200)
  if (chance < 0.01) return 15 + random.below(40)
  return chance < 0.34 ? 1 : chance < 0.68 ? 2 : chance < 0.86 ? 3 : 4 + random.below(6)
}

function statusOf(random: Random, ageMs: number, lastBy: 'customer' | 'agent'): ConversationStatus {
  const chance = random.next()
  if (chance < 0.02) return 'spam'
  if (ageMs > 14 * DAY) return chance < 0.93 ? 'closed' : lastBy === 'customer' ? 'open' : 'pending'
  if (chance < 0.35) return 'closed'
  return lastBy === 'customer' ? 'open' : chance < 0.9 ? 'pending' : 'open'
}

function channelOf(random: Random): string {
  const chance = random.next()
  return chance < 0.94 ? 'email' : chance < 0.97 ? 'phone' : chance < 0.99 ? 'web' : 'api'
}

function priorityOf(random: Random): number {
  const chance = random.next()
  return chance < 0.01 ? 1 : chance < 0.06 ? 2 : chance < 0.97 ? 3 : 4
}

function tagsOf(random: Random, topic: Topic): string[] {
  const own = random.is(0.5) ? topic.tags : []
  const others = random.is(0.15) ? [random.skewed(TAGS, 2.5)[0]] : []
  // One that hardly anything has.
  const rare = random.is(0.00005) ? ['legal hold'] : []
  return [...new Set([...own, ...others, ...rare])]
}

function fieldsOf({ random, facts, surroundings: { fields } }: Frame): Record<string, unknown> {
  return {
    ...(random.is(0.3) && { [fields.order]: facts.order }),
    ...(random.is(0.1) && { [fields.plan]: random.skewed(['Basic', 'Plus', 'Guide']) }),
    ...(random.is(0.05) && { [fields.parcels]: 1 + random.below(6) }),
  }
}

function participantsOf({ surroundings, random, id, person }: Frame, createdMs: number) {
  if (!random.is(0.12)) return []
  const other = random.one(surroundings.people)
  if (other.id === person.id) return []
  const row = {
    workspace_id: surroundings.workspaceId,
    conversation_id: id,
    address: other.address,
    name: `${other.first} ${other.last}`,
  }
  return [{ ...row, contact_id: other.id, added_at: new Date(createdMs) }]
}

interface Said {
  readonly subject: string
  readonly preview: string
  readonly items: Record<string, Value>[]
  readonly files: Record<string, Value>[]
  readonly references: Record<string, Value>[]
  readonly count: number
  readonly lastBy: 'customer' | 'agent'
  readonly customerMs: number
  readonly answeredMs: number | null
  /** Since when the customer waits. */
  readonly waitingMs: number | null
}

/** What was said, in turns: the customer begins; agents answer, and write notes between. */
function itemsOf(frame: Frame, turns: number, createdMs: number, lastMs: number): Said {
  const { random, facts, topic, id } = frame
  const said = {
    items: [] as Record<string, Value>[],
    files: [] as Record<string, Value>[],
    references: [] as Record<string, Value>[],
  }
  let [customerMs, answeredMs, waitingMs] = [createdMs, null as number | null, null as number | null]
  let lastBy: Said['lastBy'] = 'customer'
  let preview = ''
  for (let turn = 0; turn < turns; turn += 1) {
    const at = turn === turns - 1 ? lastMs : createdMs + Math.floor(((lastMs - createdMs) * turn) / turns)
    const kind = turn === 0 ? 'customer' : random.is(0.1) ? 'note' : lastBy === 'customer' ? 'reply' : 'customer'
    const text = filled(textOf(frame, kind, turn), facts)
    const body = kind === 'customer' && random.is(0.5) ? `${text}\n\n${aside(random, facts)}` : text
    preview = body.replace(/\s+/g, ' ').slice(0, 255)
    const item = itemRow(frame, kind, body, at)
    said.items.push(item)
    said.references.push({
      ...{ workspace_id: item.workspace_id, rfc_id: `<${item.id}@mail.example>`, conversation_id: id, item_id: item.id },
      source: kind === 'customer' ? 'inbound' : 'outgoing',
    })
    if (kind === 'note') said.references.pop()
    if (kind === 'customer' && random.is(0.05)) said.files.push(...fileRows(frame, item))
    if (kind === 'customer') {
      ;[customerMs, lastBy] = [at, 'customer']
      waitingMs ??= at
    } else if (kind === 'reply') {
      ;[answeredMs, lastBy, waitingMs] = [at, 'agent', null]
    }
    if (turn === 0 && random.is(0.4)) said.items.push(lineRow(frame, at + 1))
  }
  return {
    ...said,
    subject: filled(random.one(topic.subjects), facts),
    preview,
    count: turns,
    lastBy,
    customerMs,
    answeredMs,
    waitingMs,
  }
}

function textOf({ random, topic }: Frame, kind: string, turn: number): string {
  if (turn === 0) return random.one(topic.opens)
  return random.one(kind === 'note' ? NOTES : kind === 'reply' ? topic.answers : topic.follows)
}

function itemRow(
  { surroundings, random, id, person, inbox, agent }: Frame,
  kind: string,
  text: string,
  atMs: number,
): Record<string, Value> {
  const isCustomers = kind === 'customer'
  const customer = { name: `${person.first} ${person.last}`, address: person.address }
  const us = { name: inbox.name, address: inbox.address }
  const to = isCustomers ? [us] : [customer]
  return {
    ...{ workspace_id: surroundings.workspaceId, conversation_id: id, id: idAt<ItemId>(random, atMs), kind, channel: 'email' },
    contact_id: isCustomers ? person.id : null,
    user_id: isCustomers ? null : agent.id,
    from_name: isCustomers ? customer.name : agent.name,
    from_address: isCustomers ? person.address : inbox.address,
    recipients: kind === 'note' ? '{}' : JSON.stringify({ to, cc: [], bcc: [] }),
    body_text: text,
    body_html: kind === 'reply' ? asHtml(text) : null,
    activity: null,
    created_at: new Date(atMs),
  }
}

function lineRow({ surroundings, random, id, agent }: Frame, atMs: number): Record<string, Value> {
  return {
    ...{
      workspace_id: surroundings.workspaceId,
      conversation_id: id,
      id: idAt<ItemId>(random, atMs),
      kind: 'activity',
      channel: 'email',
    },
    ...{ contact_id: null, user_id: agent.id, from_name: '', from_address: '', recipients: '{}', body_text: '', body_html: null },
    activity: JSON.stringify({ what: 'assignee', from: null, to: agent.name }),
    created_at: new Date(atMs),
  }
}

function fileRows({ surroundings, random }: Frame, item: Record<string, Value>): Record<string, Value>[] {
  const { filename, contentType, sizeBytes, hash } = random.one(surroundings.files)
  const of = {
    workspace_id: item.workspace_id,
    item_id: item.id,
    ordinal: 0,
    filename,
    content_type: contentType,
    size_bytes: sizeBytes,
  }
  return [{ ...of, content_id: null, is_inline: false, hash: `\\x${hash.toString('hex')}` }]
}

/** What the composer keeps of an answer that was begun. */
export function draftContent(text: string): string {
  return JSON.stringify({ ...BLANK_DRAFT, html: asHtml(text) })
}

/** In the order of time, the last of all some minutes ago; older ones lie further apart. */
export function lastMsOf(i: number, count: number, now: Date, spanMs: number): number {
  return Math.floor(now.getTime() - YOUNGEST - spanMs * (1 - (i + 1) / count) ** 1.3)
}

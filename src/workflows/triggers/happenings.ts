/**
 * Which events of our log are which happenings. Most say it themselves; of mail it is looked up which conversation it belongs to and whom it went to, for
 * all events at once.
 */
import { type SamePerson, samePeople } from '../../contacts/same-person.ts'
import { contactIdsOf } from '../../contacts/save-contact.ts'
import type { Tx } from '../../db/database.ts'
import { recipientsOfDeliveries } from '../../delivery/announcing/mail-of-events.ts'
import type { EventType } from '../../events/event.ts'
import type { PositionedEvent } from '../../events/follow.ts'
import { type ConversationPlace, placesOfConversations, placesOfMessages } from '../../helpdesk/places.ts'
import { isId, type WorkspaceId } from '../../lib/ids.ts'
import type { Happening, HappeningKind } from '../happening.ts'

/** Event → the happenings it may be. What is not here is never read. */
const KINDS_OF: Partial<Readonly<Record<EventType, readonly HappeningKind[]>>> = {
  'conversation.started': ['conversation.started', 'customer.replied'],
  'conversation.message_received': ['customer.replied'],
  'conversation.replied': ['agent.replied'],
  'conversation.noted': ['note.added'],
  'conversation.changed': [
    'status.changed',
    'assignee.changed',
    'tag.added',
    'tag.removed',
    'field.changed',
    'conversation.moved',
    'snooze.over',
  ],
  'delivery.sent': ['delivery.sent'],
  'delivery.delivered': ['delivery.delivered'],
  'delivery.bounced': ['delivery.bounced'],
  'delivery.failed': ['delivery.failed'],
  'delivery.suppressed': ['delivery.suppressed'],
  'delivery.expired': ['delivery.expired'],
  'delivery.unknown': ['delivery.unknown'],
  'delivery.cancelled': ['delivery.cancelled'],
  'delivery.deferred': ['delivery.deferred'],
  'delivery.complained': ['delivery.complained'],
  'message.opened': ['message.opened'],
  'message.clicked': ['message.clicked'],
  'contact.created': ['contact.created'],
  'contact.changed': ['contact.field_changed'],
  'contact.subscribed': ['contact.subscribed'],
  'contact.unsubscribed': ['contact.unsubscribed'],
  'form.submitted': ['form.submitted'],
  'campaign.finished': ['campaign.finished'],
  'workflow.schedule_due': ['schedule.due'],
  'workflow.asked': ['run.asked', 'button.pressed', 'webhook.received', 'answer.overdue'],
  'workflow.run_ended': ['run.ended'],
  'workflow.task_decided': ['task.decided'],
  'workflow.request_ended': ['request.ended'],
  'event.received': ['event.received'],
}

/** The events that may be one of these. */
export function eventTypesOf(kinds: ReadonlySet<string>): EventType[] {
  return (Object.keys(KINDS_OF) as EventType[]).filter((type) => KINDS_OF[type]?.some((kind) => kinds.has(kind)))
}

/** By which column of an event its happenings of a key can be found; null: only by looking at every event of the type. */
export function idOfKey(happening: string, key: string): string | null {
  const [name, id] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)]
  const isDirect =
    ((name === 'message' || name === 'delivery') && /^(delivery|message)\./.test(happening)) ||
    (name === 'conversation' && /^(conversation|customer|agent|note|status|assignee|tag|field|snooze)\./.test(happening)) ||
    (name === 'contact' && /^contact\./.test(happening)) ||
    name === 'run' ||
    name === 'task' ||
    name === 'request'
  return isDirect && /^[0-9a-f-]{36}$/.test(id) ? id : null
}

type Data = Readonly<Record<string, unknown>>
/** A happening with the place of what it is made of. */
export interface Placed extends Happening {
  readonly event: PositionedEvent
  /** The run that did it, where a workflow did. */
  readonly byRun: string | null
}

/** What happened, in the order of the log. */
export async function happeningsOf(tx: Tx, events: readonly PositionedEvent[]): Promise<Placed[]> {
  const places = await placesOf(tx, events)
  return events.flatMap((event) =>
    read(event, places(event)).map((happening) => ({ ...happening, event, byRun: runOf(event, places(event)) })),
  )
}

function runOf({ actor }: PositionedEvent, { origin }: Whereabouts): string | null {
  if (actor?.startsWith('workflow:')) return actor.slice('workflow:'.length)
  return typeof origin?.run_id === 'string' ? origin.run_id : null
}

/** What an event is about, beyond what it says. */
interface Whereabouts {
  readonly place: ConversationPlace | null
  readonly contactId: string | null
  /** Who that was joined with, or turned out to be. */
  readonly same: SamePerson | null
  readonly recipient: string | null
  readonly origin: Data | null
}

async function placesOf(tx: Tx, events: readonly PositionedEvent[]): Promise<(event: PositionedEvent) => Whereabouts> {
  const ofMail = events.filter(({ type }) => /^(message|delivery)\./.test(type))
  const conversations = await placesOfConversations(
    tx,
    events.flatMap((event) => keyOf(event, conversationOf(event))),
  )
  const messages = await placesOfMessages(
    tx,
    ofMail.flatMap((event) => keyOf(event, event.messageId)),
  )
  const mails = await recipientsOfDeliveries(
    tx,
    ofMail.flatMap((event) => keyOf(event, event.deliveryId)),
  )
  const people = new Map<string, string>()
  for (const [workspaceId, own] of Map.groupBy(ofMail, (event) => event.workspaceId)) {
    const addresses = own.flatMap(({ deliveryId }) => mails.get(deliveryId ?? '')?.recipient.toLowerCase() ?? [])
    if (addresses.length === 0) continue
    const found = await contactIdsOf(tx, workspaceId as WorkspaceId, [...new Set(addresses)])
    for (const [address, id] of found) people.set(`${workspaceId} ${address}`, id)
  }
  const about = (event: PositionedEvent): Omit<Whereabouts, 'same'> => {
    const mail = mails.get(event.deliveryId ?? '')
    const isOfMail = /^(message|delivery)\./.test(event.type)
    const place = conversations.get(conversationOf(event) ?? '') ?? (isOfMail ? messages.get(event.messageId ?? '') : undefined)
    const written = mail ? people.get(`${event.workspaceId} ${mail.recipient.toLowerCase()}`) : undefined
    return {
      place: place ?? null,
      contactId: contactOf(event) ?? written ?? place?.contactId ?? null,
      recipient: mail?.recipient ?? null,
      origin: mail?.origin ?? null,
    }
  }
  const found = new Map(events.map((event) => [event, about(event)]))
  const same = await samePeople(
    tx,
    events.flatMap((event) => keyOf(event, contactIdOf(found.get(event)))),
  )
  return (event) => {
    const known = found.get(event) ?? about(event)
    return { ...known, same: same.get(contactIdOf(known) ?? '') ?? null }
  }
}

/** Null for what is no id: events of the API name what they like. */
function contactIdOf(about: Pick<Whereabouts, 'contactId'> | undefined): string | null {
  const id = about?.contactId ?? null
  return id !== null && isId(id) ? id : null
}

function keyOf({ workspaceId }: PositionedEvent, id: string | null): { workspaceId: string; id: string }[] {
  return id === null ? [] : [{ workspaceId, id }]
}

function conversationOf({ type, subjectId, data }: PositionedEvent): string | null {
  if (type.startsWith('conversation.')) return subjectId
  return textOf(data.conversation_id)
}

function contactOf({ type, subjectId, data }: PositionedEvent): string | null {
  if (type.startsWith('contact.')) return subjectId
  return textOf(data.contact_id)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function read(event: PositionedEvent, about: Whereabouts): Happening[] {
  const { type, data } = event
  if (type === 'conversation.changed') return changesOf(event, about)
  if (type === 'workflow.asked') return asked(event, about)
  // What a program opened or followed is no act of a person.
  if ((type === 'message.opened' || type === 'message.clicked') && data.who !== 'human') return []
  // What a customer wrote themselves has no actor; what somebody began for them, or with them, has.
  const kinds =
    type === 'conversation.started' && event.actor !== null ? ['conversation.started' as const] : (KINDS_OF[type] ?? [])
  return kinds.map((kind) => happening(kind, event, about, keysOf(event), {}))
}

function happening(
  kind: HappeningKind,
  event: PositionedEvent,
  { place, contactId: named, same, recipient }: Whereabouts,
  more: readonly string[],
  facts: Data,
): Happening {
  const conversationId = conversationOf(event) ?? place?.conversationId ?? null
  // Whoever it was then: what begins now is about who they are.
  const contactId = same?.survivor ?? named
  const keys = [
    ...(conversationId ? [`conversation:${conversationId}`] : []),
    ...joinedBefore(event, place).map((id) => `conversation:${id}`),
    ...(named ? [`contact:${named}`] : []),
    ...(same && wasAlready(event, named, same) ? [`contact:${same.survivor}`] : []),
    ...joinedBefore(event, same).map((id) => `contact:${id}`),
    ...(place ? [`inbox:${place.inboxId}`] : []),
    ...(event.messageId ? [`message:${event.messageId}`] : []),
    ...(event.deliveryId ? [`delivery:${event.deliveryId}`] : []),
    ...more,
    'any',
  ]
  const told = {
    type: event.type,
    at: event.at.toISOString(),
    ...(event.actor !== null && { by: event.actor }),
    ...(recipient !== null && { recipient }),
    ...event.data,
    ...facts,
  }
  return { kind, keys: [...new Set(keys)], conversationId, contactId, facts: told }
}

/** What happens in a conversation happens in those that are part of it: runs about them go on. Parted again, each is by itself again. */
function joinedBefore({ at }: PositionedEvent, place: Pick<ConversationPlace, 'joined'> | null): string[] {
  return (place?.joined ?? []).filter((one) => one.at === null || new Date(one.at) <= at).map(({ id }) => id)
}

/** What happened to somebody before they were joined with another one did not happen to that one. */
function wasAlready(event: PositionedEvent, named: string | null, same: SamePerson): boolean {
  return named === same.survivor || joinedBefore(event, same).some((id) => id === named)
}

/** What else is waited for by name. */
function keysOf({ type, subjectId, data }: PositionedEvent): string[] {
  const of = (name: string, value: unknown) => (typeof value === 'string' && value !== '' ? [`${name}:${value}`] : [])
  switch (type) {
    case 'contact.subscribed':
    case 'contact.unsubscribed':
      return Array.isArray(data.lists) ? data.lists.flatMap((id) => of('list', id)) : []
    case 'form.submitted':
      return of('form', subjectId)
    case 'campaign.finished':
      return of('campaign', subjectId)
    case 'message.opened':
    case 'message.clicked':
      return of('link', data.url)
    case 'workflow.run_ended':
      return [...of('run', data.run_id), ...of('workflow', data.workflow_id)]
    case 'workflow.task_decided':
      return of('task', data.task_id)
    case 'workflow.request_ended':
      return of('request', data.request_id)
    case 'workflow.schedule_due':
      return of('schedule', `${subjectId}:${data.node}`)
    case 'event.received':
      return [...of('name', data.name), ...(textOf(data.key) ? of('name', `${data.name}:${data.key}`) : [])]
    default:
      return []
  }
}

/** One event may tell of several changes. */
function changesOf(event: PositionedEvent, about: Whereabouts): Happening[] {
  const changes = (event.data.changes ?? {}) as Readonly<Record<string, readonly [unknown, unknown]>>
  const found: Happening[] = []
  const add = (kind: HappeningKind, keys: readonly string[], facts: Data) =>
    found.push(happening(kind, event, about, keys, facts))
  const pair = (key: string) => (Array.isArray(changes[key]) ? changes[key] : null)
  const status = pair('status')
  if (status) add('status.changed', [`status:${status[1]}`], { was: status[0], became: status[1] })
  const assignee = pair('assignee_id')
  if (assignee) add('assignee.changed', [`assignee:${assignee[1] ?? 'nobody'}`], { was: assignee[0], became: assignee[1] })
  const inbox = pair('inbox_id')
  if (inbox) add('conversation.moved', [`inbox:${inbox[1]}`, `from:${inbox[0]}`], { was: inbox[0], became: inbox[1] })
  const tags = pair('tags')
  if (tags) {
    const [before, after] = tags.map((list) => (Array.isArray(list) ? (list as string[]) : [])) as [string[], string[]]
    for (const tag of after.filter((one) => !before.includes(one))) add('tag.added', [`tag:${tag}`], { tag })
    for (const tag of before.filter((one) => !after.includes(one))) add('tag.removed', [`tag:${tag}`], { tag })
  }
  const fields = pair('fields')
  if (fields) {
    const [before, after] = fields.map((values) => (values ?? {}) as Record<string, unknown>) as [Data, Data]
    for (const id of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (JSON.stringify(before[id] ?? null) === JSON.stringify(after[id] ?? null)) continue
      add('field.changed', [`field:${id}`], { field: id, was: before[id] ?? null, became: after[id] ?? null })
    }
  }
  const snooze = pair('snoozed_until')
  // Whoever ends a sleep by hand is somebody; the clock is nobody.
  if (snooze && snooze[0] !== null && snooze[1] === null && event.actor === null) add('snooze.over', [], {})
  return found
}

/** Somebody asks that a workflow begin: another one, a button, the API, a web address, the clock of unanswered mail. */
function asked(event: PositionedEvent, about: Whereabouts): Happening[] {
  const { data, subjectId } = event
  if (data.act !== 'start') return []
  const kind = KINDS_OF['workflow.asked']?.find((one) => one === data.happening) ?? 'run.asked'
  const keys = [...(subjectId ? [`workflow:${subjectId}`] : []), ...(textOf(data.key) ? [textOf(data.key) as string] : [])]
  return [happening(kind, event, about, keys, {})]
}

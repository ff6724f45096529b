/**
 * What conditions may ask for, by name. The same names stand in texts (`{{ conversation.subject }}`) and expressions. What workspaces define themselves
 * follows a prefix: `conversation.fields.<id>`, `contact.data.<key>`, `message.headers.<name>`, `vars.<key>`.
 */
import { CHANNELS, CONVERSATION_STATUSES, PRIORITIES } from '../../helpdesk/conversation.ts'
import type { FieldType, Row } from './condition.ts'
import type { Graph, Subject } from './graph.ts'
import type { Reference } from './node-type.ts'

export interface Field {
  readonly name: string
  /** As a person says it: 'Subject of the conversation'. */
  readonly label: string
  readonly type: FieldType
  /** What it takes for it to be there; absent: nothing. */
  readonly subjects?: readonly Subject[]
  /** Of a choice: what there is to choose from, … */
  readonly options?: readonly string[]
  /** … or what its ids are of. */
  readonly of?: Reference
}

const OF_CONVERSATION = ['conversation'] as const
const OF_PEOPLE = ['conversation', 'contact'] as const
const inConversation = (fields: readonly Omit<Field, 'subjects'>[]): Field[] =>
  fields.map((field) => ({ ...field, subjects: OF_CONVERSATION }))
const ofPeople = (fields: readonly Omit<Field, 'subjects'>[]): Field[] =>
  fields.map((field) => ({ ...field, subjects: OF_PEOPLE }))

export const FIELDS: readonly Field[] = [
  ...inConversation([
    { name: 'conversation.subject', label: 'Subject', type: 'text' },
    { name: 'conversation.inbox_id', label: 'Inbox', type: 'choice', of: 'inbox' },
    { name: 'conversation.channel', label: 'Kind of conversation', type: 'choice', options: CHANNELS },
    { name: 'conversation.status', label: 'Status', type: 'choice', options: CONVERSATION_STATUSES },
    { name: 'conversation.label_id', label: 'Label of the status', type: 'choice', of: 'label' },
    { name: 'conversation.priority', label: 'Priority', type: 'choice', options: PRIORITIES },
    { name: 'conversation.assignee_id', label: 'Assignee', type: 'choice', of: 'user' },
    { name: 'conversation.team_id', label: 'Team', type: 'choice', of: 'team' },
    { name: 'conversation.tags', label: 'Tags', type: 'set', of: 'tag' },
    { name: 'conversation.items', label: 'Number of messages and notes', type: 'number' },
    { name: 'conversation.has_files', label: 'Has attachments', type: 'boolean' },
    { name: 'conversation.created_at', label: 'Began', type: 'date' },
    { name: 'conversation.waiting_since', label: 'Customer waits since', type: 'date' },
    { name: 'conversation.last_customer_at', label: 'Last message of the customer', type: 'date' },
    { name: 'conversation.last_agent_at', label: 'Last answer of an agent', type: 'date' },
    { name: 'conversation.closed_at', label: 'Closed', type: 'date' },
    { name: 'conversation.due_at', label: 'Due', type: 'date' },
    { name: 'conversation.snoozed_until', label: 'Snoozed until', type: 'date' },
    { name: 'message.kind', label: 'Who wrote the message', type: 'choice', options: ['customer', 'reply', 'note', 'forward'] },
    { name: 'message.from', label: 'From', type: 'text' },
    { name: 'message.to', label: 'To', type: 'texts' },
    { name: 'message.cc', label: 'Cc', type: 'texts' },
    { name: 'message.subject', label: 'Subject of the message', type: 'text' },
    { name: 'message.text', label: 'Text of the message', type: 'text' },
    { name: 'message.has_files', label: 'The message has attachments', type: 'boolean' },
    { name: 'message.files', label: 'Names of attachments', type: 'texts' },
    { name: 'message.is_automatic', label: 'The message was written by a machine', type: 'boolean' },
    { name: 'message.is_first', label: 'The message is the first of the conversation', type: 'boolean' },
  ]),
  ...ofPeople([
    { name: 'contact.name', label: 'Name of the customer', type: 'text' },
    { name: 'contact.email', label: 'Address of the customer', type: 'text' },
    { name: 'contact.addresses', label: 'All addresses of the customer', type: 'texts' },
    { name: 'contact.company', label: 'Company', type: 'text' },
    { name: 'contact.job_title', label: 'Job title', type: 'text' },
    { name: 'contact.language', label: 'Language', type: 'text' },
    { name: 'contact.time_zone', label: 'Time zone', type: 'text' },
    { name: 'contact.external_id', label: 'External id', type: 'text' },
    { name: 'contact.tags', label: 'Tags of the customer', type: 'set' },
    { name: 'contact.lists', label: 'Lists the customer is on', type: 'set', of: 'list' },
    { name: 'contact.created_at', label: 'Customer known since', type: 'date' },
  ]),
  { name: 'event.type', label: 'What happened', type: 'text' },
  { name: 'event.by', label: 'Who did it', type: 'text' },
  { name: 'event.recipient', label: 'Whom the mail went to', type: 'text' },
  { name: 'event.class', label: 'Class of the failure', type: 'text' },
  { name: 'event.url', label: 'Link that was followed', type: 'text' },
]

/** Beside the fields: what texts and expressions find there, too. */
const MORE_NAMES: Readonly<Record<string, readonly string[]>> = {
  conversation: ['id', 'number', 'inbox', 'assignee', 'requester', 'fields'],
  message: ['id', 'from_name', 'at', 'headers'],
  contact: ['id', 'first_name', 'last_name', 'data'],
  run: ['id', 'workflow', 'started_at', 'is_test'],
}

/** All that is known there by a name of ours: of `event`, `item` and `result` other programs say what they have. */
export const NAMES_OF: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(MORE_NAMES).map(([root, names]) => {
    const ofFields = FIELDS.flatMap(({ name }) => (name.startsWith(`${root}.`) ? [name.slice(root.length + 1)] : []))
    return [root, [...ofFields, ...names]]
  }),
)

const BY_NAME: ReadonlyMap<string, Field> = new Map(FIELDS.map((field) => [field.name, field]))

/** What a row of a condition names: fields of the workspace's own, and what its values are ids of. */
export function referencesOfRow({ field, value }: Row): { readonly kind: Reference; readonly id: string }[] {
  const own = /^conversation\.fields\.(.+)$/.exec(field)?.[1]
  const data = /^contact\.data\.(.+)$/.exec(field)?.[1]
  const kind = BY_NAME.get(field)?.of
  const ids = kind === undefined ? [] : Array.isArray(value) ? (value as readonly unknown[]) : [value]
  return [
    ...(own === undefined ? [] : [{ kind: 'field' as const, id: own }]),
    ...(data === undefined ? [] : [{ kind: 'contact_field' as const, id: data }]),
    ...ids.flatMap((id) => (kind !== undefined && typeof id === 'string' ? [{ kind, id }] : [])),
  ]
}

/** Of fields that workspaces define: what they are is known where they are (`Known`); else they are texts. */
export interface Known {
  readonly conversationFields: readonly { readonly id: string; readonly name: string; readonly type: FieldType }[]
  readonly contactFields: readonly { readonly key: string; readonly name: string; readonly type: FieldType }[]
}

const OWN_TYPES: Readonly<Record<string, FieldType>> = {
  ...{ integer: 'number', decimal: 'number', number: 'number', boolean: 'boolean', choice: 'choice', choices: 'set' },
  ...{ date: 'date', datetime: 'date' },
}

/** A type of the fields that workspaces add to conversations or contacts, as conditions see it. */
export function typeOfOwn(type: string): FieldType {
  return OWN_TYPES[type] ?? 'text'
}

const VAR_FIELDS: Readonly<Record<Graph['vars'][number]['type'], FieldType>> = {
  ...{ text: 'text', number: 'number', boolean: 'boolean', date: 'date', list: 'texts', object: 'text' },
}

/** A field by its name; null where there is none of it in such a workflow. */
export function fieldOf(name: string, graph: Pick<Graph, 'vars' | 'inputs'>, known: Known | null): Field | null {
  const field = BY_NAME.get(name)
  if (field) return field
  const [root, ...rest] = name.split('.')
  const key = rest.join('.')
  if (root === 'vars' || root === 'inputs') {
    const variable = (root === 'vars' ? graph.vars : graph.inputs).find((one) => one.key === key)
    return variable ? { name, label: variable.label ?? variable.key, type: VAR_FIELDS[variable.type] } : null
  }
  if (root === 'conversation' && rest[0] === 'fields' && rest.length === 2) {
    const own = known?.conversationFields.find(({ id }) => id === rest[1])
    if (known && !own) return null
    return { name, label: own?.name ?? name, type: own?.type ?? 'text', subjects: OF_CONVERSATION }
  }
  if (root === 'contact' && rest[0] === 'data' && rest.length === 2) {
    const own = known?.contactFields.find((one) => one.key === rest[1])
    if (known && !own) return null
    return { name, label: own?.name ?? name, type: own?.type ?? 'text', subjects: OF_PEOPLE }
  }
  if (root === 'message' && rest[0] === 'headers' && rest.length === 2)
    return { name, label: `Header ${rest[1]}`, type: 'texts', subjects: OF_CONVERSATION }
  // What other programs send along is theirs to name; a node's own facts are seen as `event` or `item`.
  if (root === 'event' || root === 'item' || root === 'result') return { name, label: name, type: 'text' }
  return null
}

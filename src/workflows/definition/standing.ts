/** A trigger as a question that can be put to what was there before: is it so now? What only an event can tell is not asked. */

import { configOf, typeOf } from './catalogue.ts'
import type { Condition } from './condition.ts'
import { lengthMs } from './condition.ts'
import type { Node } from './graph.ts'

interface Asked {
  readonly when?: Condition
  readonly inboxes?: readonly string[]
  readonly tag?: string
  readonly to?: string
  readonly list?: string
  readonly after?: string
}

type Row = (config: Asked) => Condition[]

const none: Row = () => []
const row = (field: string, op: 'is' | 'has' | 'has_not' | 'older_than', value: string | undefined): Condition[] =>
  value === undefined ? [] : [{ field, op, value }]

/** What a conversation, or a contact, is now that its trigger would have met. Triggers that are not here are about a moment, and only that. */
const CONVERSATIONS: Readonly<Record<string, Row>> = {
  'trigger.conversation_started@1': none,
  'trigger.customer_replied@1': none,
  'trigger.agent_replied@1': () => [{ field: 'conversation.last_agent_at', op: 'is_set' }],
  'trigger.status_changed@1': ({ to }) => row('conversation.status', 'is', to),
  'trigger.assignee_changed@1': ({ to }) =>
    to === 'nobody' ? [{ field: 'conversation.assignee_id', op: 'is_empty' }] : row('conversation.assignee_id', 'is', to),
  'trigger.tag_added@1': ({ tag }) =>
    tag === undefined ? [{ field: 'conversation.tags', op: 'is_set' }] : row('conversation.tags', 'has', tag),
  'trigger.tag_removed@1': ({ tag }) => row('conversation.tags', 'has_not', tag),
  'trigger.conversation_moved@1': ({ to }) => row('conversation.inbox_id', 'is', to),
  'trigger.answer_overdue@1': ({ after = '' }) =>
    lengthMs(after) === null ? [] : row('conversation.waiting_since', 'older_than', after),
  'trigger.button@1': none,
  'trigger.called@1': none,
}
const CONTACTS: Readonly<Record<string, Row>> = {
  'trigger.contact_created@1': none,
  'trigger.contact_changed@1': none,
  'trigger.contact_subscribed@1': ({ list }) =>
    list === undefined ? [{ field: 'contact.lists', op: 'is_set' }] : row('contact.lists', 'has', list),
  'trigger.contact_unsubscribed@1': ({ list }) => row('contact.lists', 'has_not', list),
  'trigger.form_sent@1': none,
  'trigger.event@1': none,
  'trigger.button@1': none,
  'trigger.called@1': none,
}

/** Null: it cannot be asked of what was there before. */
export function standingCondition(node: Node, subject: 'conversation' | 'contact'): Condition | null {
  const rows = (subject === 'conversation' ? CONVERSATIONS : CONTACTS)[node.type]
  const config = configOf(node) as Asked | null
  if (rows === undefined || config === null || typeOf(node.type) === null) return null
  const { when, inboxes = [] } = config
  const where: Condition[] =
    subject === 'conversation' && inboxes.length > 0
      ? [{ field: 'conversation.inbox_id', op: 'is_any_of', value: [...inboxes] }]
      : []
  return { all: [...where, ...rows(config), ...(when === undefined ? [] : [when])] }
}

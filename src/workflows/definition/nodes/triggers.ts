/** What runs begin with. A trigger is a happening, of something or of anything, and a condition on top. */
import { z } from 'zod'
import type { HappeningKind } from '../../happening.ts'
import { type Condition as ConditionType, lengthMs } from '../condition.ts'
import type { Node, Subject } from '../graph.ts'
import { type Names, type NodeType, nodeType, type Problem } from '../node-type.ts'
import { as, Condition, Label, Length, ref } from './fields.ts'
import { conditionInWords, lengthInWords, named } from './words.ts'

const STATUSES = ['open', 'pending', 'closed', 'spam'] as const
const inConversations = ['conversation', 'contact', 'none'] as const
const ofContacts = ['contact', 'none'] as const

/** What every trigger has: in which inboxes, and if what else. */
const common = { when: as(Condition, 'Only if').optional() }
const ofInboxes = { ...common, inboxes: as(z.array(ref('inbox')).max(50, 'At most 50 inboxes.'), 'Inboxes').optional() }

/** What a trigger listens for. */
export interface Binding {
  readonly happening: HappeningKind
  /** One of the happening's keys; null: whatever it is about. */
  readonly key: string | null
}

/** Which trigger of which workflow it is: some are meant by name. */
export interface Place {
  readonly workflowId: string
  readonly nodeId: string
}

interface Spec<S extends z.ZodRawShape> {
  readonly name: string
  readonly title: string
  readonly about: string
  readonly happening: HappeningKind
  readonly subjects?: readonly Subject[]
  readonly shape: S
  readonly start?: z.infer<z.ZodObject<S, z.core.$strict>>
  key?(config: z.infer<z.ZodObject<S, z.core.$strict>>, place: Place): string | null
  /** What the config asks beyond the key, as rows. */
  asks?(config: z.infer<z.ZodObject<S, z.core.$strict>>): readonly ConditionType[]
  sentence(config: z.infer<z.ZodObject<S, z.core.$strict>>, names: Names): string
  problems?(config: z.infer<z.ZodObject<S, z.core.$strict>>): readonly Omit<Problem, 'node'>[]
}

interface Trigger {
  readonly type: NodeType
  bindingOf(config: unknown, place: Place): Binding
  conditionOf(config: unknown, place: Place): ConditionType
}

interface Common {
  readonly when?: ConditionType | undefined
  readonly inboxes?: readonly string[] | undefined
}

function trigger<S extends z.ZodRawShape>(spec: Spec<S>): Trigger {
  type C = z.infer<z.ZodObject<S, z.core.$strict>>
  const { name, title, about, happening, subjects, shape, start, problems } = spec
  const type = nodeType<C>({
    type: `trigger.${name}@1`,
    group: 'trigger',
    kind: 'trigger',
    title,
    about,
    ...(subjects === undefined ? {} : { subjects }),
    config: z.strictObject(shape) as unknown as z.ZodType<C>,
    start: (start ?? {}) as C,
    ports: () => [{ key: 'out', label: 'Then' }],
    sentence: (config, names) => spec.sentence(config, names) + restInWords(config as Common, names),
    ...(problems === undefined ? {} : { problems: (config: C) => problems(config) }),
  })
  return {
    type,
    bindingOf: (config, place) => ({ happening, key: spec.key?.(config as C, place) ?? inboxKey(config as Common) }),
    conditionOf: (config, place) => {
      const { when, inboxes = [] } = config as Common
      const rows: ConditionType[] = [...(spec.asks?.(config as C) ?? [])]
      // Beside the key of the happening, which is one at most.
      const isAsked = inboxes.length > 1 || (inboxes.length === 1 && (spec.key?.(config as C, place) ?? null) !== null)
      if (isAsked) rows.push({ field: 'conversation.inbox_id', op: 'is_any_of', value: [...inboxes] })
      return { all: when === undefined ? rows : [...rows, when] }
    },
  }
}

function inboxKey({ inboxes = [] }: Common): string | null {
  return inboxes.length === 1 ? `inbox:${inboxes[0]}` : null
}

function restInWords({ when, inboxes = [] }: Common, names: Names): string {
  const where = inboxes.length === 0 ? '' : ` in ${named(names, 'inbox', inboxes, 'or')}`
  const only = when === undefined ? '' : conditionInWords(when, names)
  return `${where}${only === '' ? '' : `, if ${only}`}`
}

const orAnything = (words: string | undefined, otherwise: string) => words ?? otherwise
const was = (field: string, value: string | undefined): ConditionType[] =>
  value === undefined ? [] : [{ field, op: 'is', value }]
const keyed = (name: string, value: string | undefined) => (value === undefined ? null : `${name}:${value}`)

const CONVERSATION: readonly Trigger[] = [
  trigger({
    name: 'conversation_started',
    title: 'A conversation begins',
    about: 'When a customer, or somebody of yours, begins a conversation.',
    happening: 'conversation.started',
    subjects: inConversations,
    shape: ofInboxes,
    sentence: () => 'When a conversation begins',
  }),
  trigger({
    name: 'customer_replied',
    title: 'A customer writes',
    about: 'When a message of a customer comes, the first one or a later one.',
    happening: 'customer.replied',
    subjects: inConversations,
    shape: ofInboxes,
    sentence: () => 'When a customer writes',
  }),
  trigger({
    name: 'agent_replied',
    title: 'Somebody answers',
    about: 'When somebody of yours answers a customer.',
    happening: 'agent.replied',
    subjects: inConversations,
    shape: ofInboxes,
    sentence: () => 'When somebody answers a customer',
  }),
  trigger({
    name: 'note_added',
    title: 'A note is written',
    about: 'When somebody of yours writes a note that customers do not see.',
    happening: 'note.added',
    subjects: inConversations,
    shape: ofInboxes,
    sentence: () => 'When a note is written',
  }),
  trigger({
    name: 'status_changed',
    title: 'The status changes',
    about: 'When a conversation becomes open, pending, closed or spam.',
    happening: 'status.changed',
    subjects: inConversations,
    shape: { ...ofInboxes, to: as(z.enum(STATUSES), 'Becomes').optional(), from: as(z.enum(STATUSES), 'Was').optional() },
    key: ({ to }) => keyed('status', to),
    asks: ({ from }) => was('event.was', from),
    sentence: ({ to, from }) => `When the status changes${from ? ` from ${from}` : ''}${to ? ` to ${to}` : ''}`,
  }),
  trigger({
    name: 'assignee_changed',
    title: 'Somebody else is responsible',
    about: 'When a conversation is assigned, to somebody or to nobody.',
    happening: 'assignee.changed',
    subjects: inConversations,
    shape: { ...ofInboxes, to: as(z.union([z.literal('nobody'), ref('user')]), 'To').optional() },
    key: ({ to }) => keyed('assignee', to),
    sentence: ({ to }, names) =>
      `When a conversation is assigned${to === undefined ? '' : to === 'nobody' ? ' to nobody' : ` to ${names.of('user', to)}`}`,
  }),
  trigger({
    name: 'tag_added',
    title: 'A tag is put on',
    about: 'When a conversation gets a tag.',
    happening: 'tag.added',
    subjects: inConversations,
    shape: { ...ofInboxes, tag: as(ref('tag'), 'Tag').optional() },
    key: ({ tag }) => keyed('tag', tag),
    sentence: ({ tag }, names) =>
      `When ${orAnything(tag && `the tag ${names.of('tag', tag)}`, 'a tag')} is put on a conversation`,
  }),
  trigger({
    name: 'tag_removed',
    title: 'A tag is taken off',
    about: 'When a tag is taken off a conversation.',
    happening: 'tag.removed',
    subjects: inConversations,
    shape: { ...ofInboxes, tag: as(ref('tag'), 'Tag').optional() },
    key: ({ tag }) => keyed('tag', tag),
    sentence: ({ tag }, names) =>
      `When ${orAnything(tag && `the tag ${names.of('tag', tag)}`, 'a tag')} is taken off a conversation`,
  }),
  trigger({
    name: 'field_changed',
    title: 'A field changes',
    about: 'When somebody fills in or changes a field of a conversation.',
    happening: 'field.changed',
    subjects: inConversations,
    shape: { ...ofInboxes, field: as(ref('field'), 'Field').optional() },
    key: ({ field }) => keyed('field', field),
    sentence: ({ field }, names) => `When ${orAnything(field && names.of('field', field), 'a field')} of a conversation changes`,
  }),
  trigger({
    name: 'conversation_moved',
    title: 'A conversation is moved',
    about: 'When a conversation comes into another inbox.',
    happening: 'conversation.moved',
    subjects: inConversations,
    shape: { ...common, to: as(ref('inbox'), 'Into').optional(), from: as(ref('inbox'), 'Out of').optional() },
    key: ({ to }) => keyed('inbox', to),
    asks: ({ from, to }) => [...was('event.was', from), ...was('event.became', to)],
    sentence: ({ to, from }, names) =>
      `When a conversation is moved${from ? ` out of ${names.of('inbox', from)}` : ''}${to ? ` into ${names.of('inbox', to)}` : ''}`,
  }),
  trigger({
    name: 'snooze_over',
    title: 'A snooze is over',
    about: 'When a conversation comes back from its snooze by itself.',
    happening: 'snooze.over',
    subjects: inConversations,
    shape: ofInboxes,
    sentence: () => 'When the snooze of a conversation is over',
  }),
  trigger({
    name: 'answer_overdue',
    title: 'No answer for a time',
    about: 'When a customer has been waiting for an answer for this long.',
    happening: 'answer.overdue',
    subjects: inConversations,
    shape: { ...ofInboxes, after: as(Length, 'After') },
    start: { after: '4h' },
    // One that is to wait for another time is another one: it listens from then on.
    key: ({ after }, { workflowId, nodeId }) => `overdue:${workflowId}:${nodeId}:${after}`,
    sentence: ({ after }) => `When a customer has waited ${lengthInWords(after)} for an answer`,
    problems: ({ after }) =>
      (lengthMs(after) ?? 0) < 60_000
        ? [
            {
              code: 'too_short',
              severity: 'error',
              field: 'after',
              sentence: 'This is looked at once a minute.',
              fix: 'Choose a minute or more.',
            },
          ]
        : [],
  }),
]

interface OfMail {
  readonly name: string
  readonly happening: HappeningKind
  readonly title: string
  readonly about: string
  readonly words: string
}

const MAIL_WORDS: readonly OfMail[] = [
  {
    name: 'mail_bounced',
    happening: 'delivery.bounced',
    title: 'Mail bounces',
    about: 'When a receiver sends mail of yours back.',
    words: 'mail bounces',
  },
  {
    name: 'mail_failed',
    happening: 'delivery.failed',
    title: 'Mail is refused',
    about: 'When mail of yours is refused for good.',
    words: 'mail is refused',
  },
  {
    name: 'mail_deferred',
    happening: 'delivery.deferred',
    title: 'Mail is put off',
    about: 'When a receiver says “later”. It is tried again by itself.',
    words: 'a receiver puts mail off',
  },
  {
    name: 'mail_complained',
    happening: 'delivery.complained',
    title: 'Somebody says it is spam',
    about: 'When a recipient reports mail of yours as spam.',
    words: 'a recipient reports mail as spam',
  },
  {
    name: 'mail_opened',
    happening: 'message.opened',
    title: 'Mail is opened',
    about:
      'When a person seems to have opened mail. Many mail programs hide it, and some open everything: never decide by it alone.',
    words: 'somebody opens mail',
  },
]

const MAIL: readonly Trigger[] = [
  ...MAIL_WORDS.map(({ words, ...one }) =>
    trigger({ ...one, subjects: inConversations, shape: common, sentence: () => `When ${words}` }),
  ),
  trigger({
    name: 'mail_clicked',
    title: 'A link is clicked',
    about: 'When a person follows a link in mail of yours; scanners do not count.',
    happening: 'message.clicked',
    subjects: inConversations,
    shape: {
      ...common,
      url: as(z.string().min(1, 'Give the address.').max(2_000, 'At most 2,000 characters.'), 'Link').optional(),
    },
    key: ({ url }) => keyed('link', url),
    sentence: ({ url }) => `When somebody follows ${url === undefined ? 'a link in mail' : `the link ${url}`}`,
  }),
]

const PEOPLE: readonly Trigger[] = [
  trigger({
    name: 'contact_created',
    title: 'A contact is new',
    about: 'When somebody becomes known, by mail, by a form, by hand or by the API. Imports count.',
    happening: 'contact.created',
    subjects: ofContacts,
    shape: common,
    sentence: () => 'When a contact is new',
  }),
  trigger({
    name: 'contact_subscribed',
    title: 'Somebody subscribes',
    about: 'When somebody is on a list, and has confirmed it where that is asked for.',
    happening: 'contact.subscribed',
    subjects: ofContacts,
    shape: { ...common, list: as(ref('list'), 'List').optional() },
    key: ({ list }) => keyed('list', list),
    sentence: ({ list }, names) => `When somebody subscribes to ${orAnything(list && names.of('list', list), 'a list')}`,
  }),
  trigger({
    name: 'contact_unsubscribed',
    title: 'Somebody unsubscribes',
    about: 'When somebody leaves a list.',
    happening: 'contact.unsubscribed',
    subjects: ofContacts,
    shape: { ...common, list: as(ref('list'), 'List').optional() },
    key: ({ list }) => keyed('list', list),
    sentence: ({ list }, names) => `When somebody leaves ${orAnything(list && names.of('list', list), 'a list')}`,
  }),
  trigger({
    name: 'contact_changed',
    title: 'A contact changes',
    about: 'When what is known of a contact changes.',
    happening: 'contact.field_changed',
    subjects: ofContacts,
    shape: common,
    sentence: () => 'When what is known of a contact changes',
  }),
  trigger({
    name: 'form_sent',
    title: 'A form is sent',
    about: 'When a visitor sends a form of yours.',
    happening: 'form.submitted',
    subjects: ofContacts,
    shape: { ...common, form: as(ref('form'), 'Form').optional() },
    key: ({ form }) => keyed('form', form),
    sentence: ({ form }, names) => `When ${orAnything(form && `the form ${names.of('form', form)}`, 'a form')} is sent`,
  }),
  trigger({
    name: 'campaign_finished',
    title: 'A campaign is done',
    about: 'When the last mail of a campaign has left.',
    happening: 'campaign.finished',
    subjects: ['none'],
    shape: { ...common, campaign: as(ref('campaign'), 'Campaign').optional() },
    key: ({ campaign }) => keyed('campaign', campaign),
    sentence: ({ campaign }, names) =>
      `When ${orAnything(campaign && `the campaign ${names.of('campaign', campaign)}`, 'a campaign')} is done`,
  }),
]

/** Each step has an address of its own. */
export function addressKey({ workflowId, nodeId }: Place): string {
  return `workflow:${workflowId}:${nodeId}`
}

export const MISFIRES = ['skip', 'once', 'all'] as const

const EventName = z
  .string({ error: 'Name the event.' })
  .regex(/^[a-z][a-z0-9_.-]{0,79}$/, 'An event’s name begins with a small letter; then come small letters, digits, _, . and -.')

const OTHER: readonly Trigger[] = [
  trigger({
    name: 'schedule',
    title: 'By the clock',
    about: 'At times that come again, by the clocks of a zone.',
    happening: 'schedule.due',
    subjects: ['none'],
    shape: {
      ...common,
      cron: as(
        z
          .string({ error: 'Say when, as in 0 9 * * 1-5.' })
          .min(1, 'Say when, as in 0 9 * * 1-5.')
          .max(200, 'At most 200 characters.'),
        'When',
      ),
      zone: as(z.string().min(1, 'Choose a time zone.').max(60, 'This is no time zone.'), 'Time zone').default('UTC'),
      misfire: as(z.enum(MISFIRES), 'What was missed').default('once'),
    },
    start: { cron: '0 9 * * 1-5', zone: 'UTC', misfire: 'once' },
    key: (_, { workflowId, nodeId }) => `schedule:${workflowId}:${nodeId}`,
    sentence: ({ cron, zone }) => `At the times of ${cron} in ${zone}`,
  }),
  trigger({
    name: 'webhook',
    title: 'A web address is called',
    about: 'When another program calls the web address of this step. Runs are about nobody in particular.',
    happening: 'webhook.received',
    // Who calls knows nothing of conversations and contacts here.
    subjects: ['none'],
    shape: common,
    key: (_, place) => addressKey(place),
    sentence: () => 'When its web address is called',
  }),
  trigger({
    name: 'event',
    title: 'An event comes in',
    about: 'When a program of yours tells an event by the API, or another workflow does.',
    happening: 'event.received',
    shape: { ...common, name: as(EventName, 'Name') },
    start: { name: 'order.paid' },
    key: ({ name }) => `name:${name}`,
    sentence: ({ name }) => `When the event ${name} comes in`,
  }),
  trigger({
    name: 'button',
    title: 'A button is pressed',
    about: 'When somebody starts it by hand, from a conversation, a contact, or the list of workflows.',
    happening: 'button.pressed',
    shape: { ...ofInboxes, label: as(Label, 'On the button') },
    start: { label: 'Start' },
    key: (_, { workflowId }) => `workflow:${workflowId}`,
    sentence: ({ label }) => `When somebody presses “${label}”`,
  }),
  trigger({
    name: 'called',
    title: 'It is called',
    about: 'When another workflow, or the API, starts this one.',
    happening: 'run.asked',
    shape: common,
    key: (_, { workflowId }) => `workflow:${workflowId}`,
    sentence: () => 'When another workflow, or the API, starts it',
  }),
]

const ALL = [...CONVERSATION, ...MAIL, ...PEOPLE, ...OTHER]
const BY_TYPE: ReadonlyMap<string, Trigger> = new Map(ALL.map((one) => [one.type.type, one]))

export const TRIGGERS: readonly NodeType[] = ALL.map((one) => one.type)

/** What this node listens for, and what else must hold; null where it is no trigger, or its config is none. */
export function listenerOf(node: Node, place: Place): { readonly binding: Binding; readonly condition: ConditionType } | null {
  const found = BY_TYPE.get(node.type)
  const config = found?.type.config.safeParse(node.config)
  if (found === undefined || !config?.success) return null
  return { binding: found.bindingOf(config.data, place), condition: found.conditionOf(config.data, place) }
}
export { EventName }

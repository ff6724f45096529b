/** What is done with a conversation as an agent does it, without a word to the customer. */
import { z } from 'zod'
import { type NodeType, nodeType, type Port } from '../node-type.ts'
import { After, afterInWords } from './after.ts'
import { as, Expression, Nothing, ref, refs, text } from './fields.ts'
import { cut, named, quoted } from './words.ts'

const OUT: readonly Port[] = [{ key: 'out', label: 'Then' }]
const instant = { group: 'conversation', kind: 'instant', subjects: ['conversation'], ports: () => OUT } as const
/** The act was not possible: it is gone, merged, or somebody may not. */
const REFUSED: Port = { key: 'refused', label: 'Not possible', isFailure: true }
const orRefused = { ...instant, ports: () => [...OUT, REFUSED] }

const Assign = z.discriminatedUnion('who', [
  z.strictObject({ who: z.literal('user'), user: as(ref('user'), 'Who') }),
  z.strictObject({ who: z.literal('team'), team: as(ref('team'), 'Team') }),
  z.strictObject({ who: z.literal('nobody') }),
  /** Whoever answered here last. */
  z.strictObject({ who: z.literal('last_replier') }),
  /** Who pressed the button, or did what began the run. */
  z.strictObject({ who: z.literal('starter') }),
  /** The members of a team in turn; those who are away are left out. */
  z.strictObject({ who: z.literal('round_robin'), team: as(ref('team'), 'Team') }),
  z.strictObject({ who: z.literal('least_busy'), team: as(ref('team'), 'Team') }),
])
export type Assign = z.infer<typeof Assign>

const assign = nodeType<Assign>({
  ...instant,
  type: 'conversation.assign@1',
  title: 'Assign',
  about: 'Makes somebody, or a team, responsible.',
  config: Assign,
  start: { who: 'nobody' },
  ports: ({ who }) => {
    const mayLack = who !== 'user' && who !== 'team' && who !== 'nobody'
    return [...OUT, ...(mayLack ? [{ key: 'nobody', label: 'Nobody is there', isFailure: true }] : []), REFUSED]
  },
  sentence: (config, names) => {
    switch (config.who) {
      case 'user':
        return `Assign to ${names.of('user', config.user)}`
      case 'team':
        return `Assign to the team ${names.of('team', config.team)}`
      case 'nobody':
        return 'Assign to nobody'
      case 'last_replier':
        return 'Assign to whoever answered last'
      case 'starter':
        return 'Assign to whoever set it off'
      case 'round_robin':
        return `Assign to the next of the team ${names.of('team', config.team)}, in turn`
      case 'least_busy':
        return `Assign to whoever of the team ${names.of('team', config.team)} has the least open`
    }
  },
})

const Status = z.strictObject({
  status: as(z.enum(['open', 'pending', 'closed', 'spam']), 'Status'),
  label: as(ref('label'), 'Label').optional(),
})
export type Status = z.infer<typeof Status>

const status = nodeType<Status>({
  ...orRefused,
  type: 'conversation.status@1',
  title: 'Set the status',
  about: 'Makes the conversation open, pending, closed or spam, with one of your labels if you like.',
  config: Status,
  start: { status: 'closed' },
  sentence: (config, names) =>
    `Set the status to ${config.label === undefined ? config.status : `${names.of('label', config.label)} (${config.status})`}`,
})

const Priority = z.strictObject({ priority: as(z.enum(['urgent', 'high', 'normal', 'low']), 'Priority') })
export type Priority = z.infer<typeof Priority>

const priority = nodeType<Priority>({
  ...instant,
  type: 'conversation.priority@1',
  title: 'Set the priority',
  about: 'Says how urgent it is.',
  config: Priority,
  start: { priority: 'high' },
  sentence: (config) => `Set the priority to ${config.priority}`,
})

const Tags = z.strictObject({ tags: as(refs('tag'), 'Tags') })
export type Tags = z.infer<typeof Tags>

const tag = nodeType<Tags>({
  ...instant,
  type: 'conversation.tag@1',
  title: 'Put tags on',
  about: 'Puts tags on the conversation; a new tag comes to be.',
  config: Tags,
  sentence: ({ tags }, names) => `Put on: ${named(names, 'tag', tags)}`,
})

const untag = nodeType<Tags>({
  ...instant,
  type: 'conversation.untag@1',
  title: 'Take tags off',
  about: 'Takes tags off the conversation, where they are on it.',
  config: Tags,
  sentence: ({ tags }, names) => `Take off: ${named(names, 'tag', tags)}`,
})

const Note = z.strictObject({ text: as(text('the note', 20_000), 'Note') })
export type Note = z.infer<typeof Note>

const note = nodeType<Note>({
  ...instant,
  type: 'conversation.note@1',
  title: 'Write a note',
  about: 'Writes a note into the conversation; customers do not see it. With @name somebody is told of it.',
  config: Note,
  sentence: (config) => `Write a note: ${quoted(config.text)}`,
})

const Field = z.strictObject({
  field: as(ref('field'), 'Field'),
  /** Null empties it. */
  value: as(text('the value', 2_000).nullable(), 'Value'),
})
export type Field = z.infer<typeof Field>

const field = nodeType<Field>({
  ...orRefused,
  type: 'conversation.field@1',
  title: 'Fill in a field',
  about: 'Fills in a field of the conversation, or empties it.',
  config: Field,
  sentence: (config, names) => {
    const name = names.of('field', config.field)
    return config.value === null ? `Empty ${name}` : `Set ${name} to ${quoted(config.value)}`
  },
})

const Subject = z.strictObject({ subject: as(text('the subject', 500), 'Subject') })
export type Subject = z.infer<typeof Subject>

const subject = nodeType<Subject>({
  ...instant,
  type: 'conversation.subject@1',
  title: 'Change the subject',
  about: 'Gives the conversation another subject.',
  config: Subject,
  sentence: (config) => `Change the subject to ${quoted(config.subject)}`,
})

const Move = z.strictObject({ inbox: as(ref('inbox'), 'Inbox') })
export type Move = z.infer<typeof Move>

const move = nodeType<Move>({
  ...orRefused,
  type: 'conversation.move@1',
  title: 'Move',
  about: 'Moves the conversation into another inbox. Whoever is responsible there is told as always.',
  config: Move,
  sentence: ({ inbox }, names) => `Move into ${names.of('inbox', inbox)}`,
})

const Merge = z.strictObject({ into: as(Expression, 'Into the conversation with this number') })
export type Merge = z.infer<typeof Merge>

const merge = nodeType<Merge>({
  ...orRefused,
  type: 'conversation.merge@1',
  title: 'Merge',
  about: 'Puts all of this conversation into another one. It can be undone there.',
  config: Merge,
  start: { into: 'vars.number' },
  sentence: ({ into }) => `Merge into the conversation with the number ${cut(into)}`,
})

const Delete = z.strictObject({ for_good: as(z.boolean(), 'For good').default(false) })
export type Delete = z.infer<typeof Delete>

const remove = nodeType<Delete>({
  ...orRefused,
  type: 'conversation.delete@1',
  title: 'Delete',
  about: 'Deletes the conversation; it can be restored for a time, unless it is deleted for good.',
  config: Delete,
  start: { for_good: false },
  sentence: ({ for_good }) => (for_good ? 'Delete the conversation for good' : 'Delete the conversation'),
  problems: ({ for_good }) =>
    for_good
      ? [
          {
            code: 'cannot_be_undone',
            severity: 'warning',
            field: 'for_good',
            sentence: 'What is deleted for good cannot be restored by anybody.',
            fix: 'Delete it the usual way; it goes for good by itself later.',
          },
        ]
      : [],
})

const Followers = z.strictObject({ users: as(refs('user'), 'Who') })
export type Followers = z.infer<typeof Followers>

const follow = nodeType<Followers>({
  ...instant,
  type: 'conversation.follow@1',
  title: 'Let somebody follow',
  about: 'People who follow are told of everything new in the conversation.',
  config: Followers,
  sentence: ({ users }, names) => `Let ${named(names, 'user', users)} follow`,
})

const unfollow = nodeType<Followers>({
  ...instant,
  type: 'conversation.unfollow@1',
  title: 'Let somebody follow no longer',
  about: 'They are told only of what concerns them otherwise.',
  config: Followers,
  sentence: ({ users }, names) => `Let ${named(names, 'user', users)} follow no longer`,
})

const Snooze = z.strictObject({ for: as(After, 'For') })
export type Snooze = z.infer<typeof Snooze>

const snooze = nodeType<Snooze>({
  ...orRefused,
  type: 'conversation.snooze@1',
  title: 'Snooze',
  about: 'Lets the conversation sleep; it comes back by itself, or when the customer writes.',
  config: Snooze,
  start: { for: { for: '1d' } },
  sentence: (config, names) => `Snooze for ${afterInWords(config.for, names)}`,
})

const wake = nodeType<Nothing>({
  ...instant,
  type: 'conversation.wake@1',
  title: 'End the snooze',
  about: 'Wakes the conversation, where it sleeps.',
  config: Nothing,
  start: {},
  sentence: () => 'End the snooze',
})

const AutoReply = z.strictObject({ off: as(z.boolean(), 'Switched off').default(true) })
export type AutoReply = z.infer<typeof AutoReply>

const autoReply = nodeType<AutoReply>({
  ...instant,
  type: 'conversation.auto_reply@1',
  title: 'Switch the automatic answer',
  about: 'Says whether the inbox’s automatic answer goes out in this conversation.',
  config: AutoReply,
  start: { off: true },
  sentence: ({ off }) => `Switch the automatic answer ${off ? 'off' : 'on'} in this conversation`,
})

export const TRIAGE: readonly NodeType[] = [
  assign,
  status,
  priority,
  tag,
  untag,
  note,
  field,
  subject,
  move,
  merge,
  remove,
  follow,
  unfollow,
  snooze,
  wake,
  autoReply,
]

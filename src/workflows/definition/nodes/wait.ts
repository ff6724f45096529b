/** Waiting: for a time, for people, for whatever comes first. */
import { z } from 'zod'
import { HAPPENINGS } from '../../happening.ts'
import { Json, MAX_PORTS } from '../graph.ts'
import { type NodeType, nodeType, type Port } from '../node-type.ts'
import { After, afterInWords, atMost, Patience } from './after.ts'
import { as, Expression, Key, Label, Length, ref, refs, text } from './fields.ts'
import { cut, lengthInWords, listed, named, quoted } from './words.ts'

const OUT: Port = { key: 'out', label: 'Then' }
const wait = { group: 'wait', kind: 'wait' } as const

/** The way of those for whom nothing came. Where nothing is said, they wait for as long as the run may go on. */
function timeout(after: After | null): Port[] {
  return after === null ? [] : [{ key: 'timeout', label: 'Not in time' }]
}

const Time = z.strictObject({ for: as(After, 'For') })

const time = nodeType<z.infer<typeof Time>>({
  ...wait,
  type: 'wait.time@1',
  title: 'Wait a while',
  about: 'Goes on after a time, or after so many working days or hours.',
  config: Time,
  start: { for: { for: '1d' } },
  ports: () => [OUT],
  sentence: (config, names) => `Wait ${afterInWords(config.for, names)}`,
})

const Until = z.strictObject({ at: as(Expression, 'Moment') })

const until = nodeType<z.infer<typeof Until>>({
  ...wait,
  type: 'wait.until@1',
  title: 'Wait until a date',
  about: 'Goes on at a moment that is worked out; at once, where it is over.',
  config: Until,
  start: { at: 'vars.at' },
  ports: () => [OUT, { key: 'failed', label: 'That is no date', isFailure: true }],
  sentence: ({ at }) => `Wait until ${cut(at)}`,
})

const Working = z.strictObject({ calendar: as(ref('calendar'), 'Calendar').optional() })

const working = nodeType<z.infer<typeof Working>>({
  ...wait,
  type: 'wait.working@1',
  title: 'Wait for working hours',
  about: 'Goes on when people work; at once, where they do.',
  config: Working,
  start: {},
  ports: () => [OUT],
  sentence: ({ calendar }, names) =>
    `Wait for the working hours${calendar === undefined ? '' : ` of ${names.of('calendar', calendar)}`}`,
})

const Quiet = z.strictObject({ for: as(Length, 'For'), after: Patience })

const quiet = nodeType<z.infer<typeof Quiet>>({
  ...wait,
  type: 'wait.quiet@1',
  subjects: ['conversation'],
  title: 'Wait until it is quiet',
  about: 'Goes on when nobody has written in the conversation for a time.',
  config: Quiet,
  start: { for: '10m', after: null },
  ports: ({ after }) => [OUT, ...timeout(after)],
  sentence: ({ after, ...config }, names) =>
    `Wait until nobody has written for ${lengthInWords(config.for)}${atMost(after, names)}`,
})

/** Of what an arm's happening must be: of the run's own subject, of mail it sent, or of what an expression names. */
const OF = ['conversation', 'contact', 'last_mail', 'value', 'anything'] as const

const ArmConfig = z.strictObject({
  port: as(Key, 'Name'),
  label: as(Label, 'Label').optional(),
  event: as(z.enum(HAPPENINGS), 'What'),
  of: as(z.enum(OF), 'Of what').default('conversation'),
  /** With `of: value`: the key, as in `'name:order.paid'`. */
  value: as(Expression, 'Of which').optional(),
  where: as(z.record(z.string().min(1).max(60), Json), 'With').optional(),
})

const Any = z
  .strictObject({
    arms: as(
      z
        .array(ArmConfig)
        .min(1, 'At least one is needed.')
        .max(MAX_PORTS - 1, `At most ${MAX_PORTS - 1}.`),
      'Whichever comes first',
    ),
    after: Patience,
  })
  .refine(({ arms }) => arms.every((arm) => arm.port !== 'timeout'), {
    message: '“timeout” is the way of those for whom nothing came.',
    path: ['arms'],
  })
  .refine(({ arms }) => arms.every((arm) => arm.of !== 'value' || arm.value !== undefined), {
    message: 'Say of which.',
    path: ['arms'],
  })
type Any = z.infer<typeof Any>

const any = nodeType<Any>({
  ...wait,
  type: 'wait.any@1',
  title: 'Wait for whatever comes first',
  about: 'Waits for several things; the first that happens decides the way.',
  config: Any,
  start: { arms: [{ port: 'replied', event: 'customer.replied', of: 'conversation' }], after: { working_days: 3 } },
  ports: ({ arms, after }) => {
    const ports = new Map(arms.map(({ port, label, event }) => [port, { key: port, label: label ?? eventInWords(event) }]))
    return [...ports.values(), ...timeout(after)]
  },
  sentence: ({ arms, after }, names) =>
    `Wait until ${listed(
      arms.map(({ label, event }) => (label === undefined ? eventInWords(event) : quoted(label))),
      'or',
    )}${atMost(after, names)}`,
})

/** 'customer replied' for `customer.replied`. */
function eventInWords(event: string): string {
  return event.replaceAll(/[._]/g, ' ')
}

const Reply = z.strictObject({ from: as(z.enum(['customer', 'agent', 'anybody']), 'From').default('customer'), after: Patience })

const reply = nodeType<z.infer<typeof Reply>>({
  ...wait,
  type: 'wait.reply@1',
  subjects: ['conversation'],
  title: 'Wait for an answer',
  about: 'Goes on when the customer, or one of your people, writes in the conversation.',
  config: Reply,
  start: { from: 'customer', after: { working_days: 3 } },
  ports: ({ after }) => [{ key: 'replied', label: 'They wrote' }, ...timeout(after)],
  sentence: ({ from, after }, names) =>
    `Wait until ${{ customer: 'the customer writes', agent: 'somebody of yours answers', anybody: 'anybody writes' }[from]}${atMost(after, names)}`,
})

/** Of which mail: what the last step that sent some gave, or another. */
const OfMail = as(Expression, 'Of the message with this id').optional()

const Delivery = z.strictObject({ message: OfMail, after: Patience })

const delivery = nodeType<z.infer<typeof Delivery>>({
  ...wait,
  type: 'wait.delivery@1',
  title: 'Wait for what becomes of mail',
  about: 'Waits until mail that was sent is delivered, comes back, or is complained of.',
  config: Delivery,
  start: { after: { for: '2d' } },
  ports: ({ after }) => [
    { key: 'delivered', label: 'Delivered' },
    { key: 'bounced', label: 'Came back' },
    { key: 'complained', label: 'Called spam' },
    ...timeout(after),
  ],
  sentence: ({ after }, names) => `Wait until it is known what became of the mail${atMost(after, names)}`,
})

const Click = z.strictObject({ message: OfMail, url: as(text('the address', 2_000), 'Link').optional(), after: Patience })

const click = nodeType<z.infer<typeof Click>>({
  ...wait,
  type: 'wait.click@1',
  title: 'Wait for a click',
  about: 'Goes on when a person follows a link in mail that was sent; scanners do not count.',
  config: Click,
  start: { after: { for: '3d' } },
  ports: ({ after }) => [{ key: 'clicked', label: 'They clicked' }, ...timeout(after)],
  sentence: ({ url, after }, names) =>
    `Wait until they follow ${url === undefined ? 'a link in the mail' : cut(url)}${atMost(after, names)}`,
})

const Event = z.strictObject({
  name: as(
    z
      .string({ error: 'Name the event.' })
      .regex(
        /^[a-z][a-z0-9_.-]{0,79}$/,
        'An event’s name begins with a small letter; then come small letters, digits, _, . and -.',
      ),
    'Name',
  ),
  key: as(Expression, 'With the key').optional(),
  after: Patience,
})

const event = nodeType<z.infer<typeof Event>>({
  ...wait,
  type: 'wait.event@1',
  title: 'Wait for an event',
  about: 'Goes on when a program of yours tells an event by the API, or another workflow does.',
  config: Event,
  start: { name: 'order.paid', after: { for: '7d' } },
  ports: ({ after }) => [{ key: 'came', label: 'It came' }, ...timeout(after)],
  sentence: ({ name, key, after }, names) =>
    `Wait for the event ${name}${key === undefined ? '' : ` of ${cut(key)}`}${atMost(after, names)}`,
})

const Approval = z.strictObject({
  title: as(text('what is to be approved', 200), 'What'),
  text: as(text('the details', 20_000), 'Details').optional(),
  users: as(refs('user'), 'Who').optional(),
  team: as(ref('team'), 'Or anybody of the team').optional(),
  after: Patience,
})

export type Approval = z.infer<typeof Approval>

const approval = nodeType<Approval>({
  ...wait,
  type: 'wait.approval@1',
  title: 'Wait for approval',
  about: 'Asks people of yours, on their list and by mail. Whoever decides first decides.',
  config: Approval,
  ports: ({ after }) => [{ key: 'approved', label: 'Approved' }, { key: 'rejected', label: 'Rejected' }, ...timeout(after)],
  sentence: ({ title, users, team, after }, names) => {
    const who = users ? named(names, 'user', users, 'or') : team ? `anybody of ${names.of('team', team)}` : 'somebody'
    return `Wait until ${who} approves ${quoted(title)}${atMost(after, names)}`
  },
  problems: ({ users, team }) =>
    users === undefined && team === undefined
      ? [
          {
            code: 'asks_nobody',
            severity: 'error',
            field: 'users',
            sentence: 'Nobody is asked.',
            fix: 'Choose people, or a team.',
          },
        ]
      : [],
})

const Child = z.strictObject({ run: as(Expression, 'Run'), after: Patience })

const child = nodeType<z.infer<typeof Child>>({
  ...wait,
  type: 'wait.child@1',
  title: 'Wait for another run',
  about: 'Waits for the end of a run that was started before.',
  config: Child,
  start: { run: 'vars.run', after: { for: '7d' } },
  ports: ({ after }) => [
    { key: 'completed', label: 'It is done' },
    { key: 'cancelled', label: 'It was cancelled', isFailure: true },
    ...timeout(after),
  ],
  sentence: ({ run, after }, names) => `Wait for the end of the run ${cut(run)}${atMost(after, names)}`,
})

export const WAIT: readonly NodeType[] = [time, until, working, quiet, any, reply, delivery, click, event, approval, child]

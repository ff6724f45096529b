/** Splitting a path, bringing paths together, loops, ends; and how often something may happen at all. */
import { z } from 'zod'
import { MAX_PORTS } from '../graph.ts'
import { type NodeType, nodeType, type Port } from '../node-type.ts'
import { areDistinct, as, Expression, Expressions, Key, Label, Length, Nothing } from './fields.ts'
import { lengthInWords, listed } from './words.ts'

const OUT: Port = { key: 'out', label: 'Then' }

const Fork = z
  .strictObject({
    branches: as(
      z
        .array(z.strictObject({ key: as(Key, 'Name'), label: as(Label, 'Label') }))
        .min(2, 'At least two branches are needed.')
        .max(MAX_PORTS, `At most ${MAX_PORTS} branches.`),
      'Branches',
    ),
    /** How many of them must come to the join before it goes on there. */
    need: as(
      z.union([z.literal('all'), z.literal('any'), z.int().min(1, 'At least one branch must arrive.')]),
      'It goes on behind them with',
    ).default('all'),
  })
  .refine(({ branches }) => areDistinct(branches.map((branch) => branch.key)), {
    message: 'Two branches have the same name.',
    path: ['branches'],
  })
  .refine(({ branches, need }) => typeof need !== 'number' || need <= branches.length, {
    message: 'More branches must arrive than there are.',
    path: ['need'],
  })
type Fork = z.infer<typeof Fork>

export const fork = nodeType<Fork>({
  type: 'fork@1',
  group: 'flow',
  kind: 'fork',
  title: 'Do several things at once',
  about: 'Splits the path into branches that go on side by side, until they come together again.',
  config: Fork,
  start: {
    branches: [
      { key: 'a', label: 'First' },
      { key: 'b', label: 'Second' },
    ],
    need: 'all',
  },
  ports: ({ branches }) => branches,
  sentence: ({ branches, need }) => `Do at the same time: ${listed(branches.map((branch) => branch.label))}${untilOf(need)}`,
})

function untilOf(need: Fork['need']): string {
  if (need === 'all') return '; go on when all have come together'
  if (need === 'any' || need === 1) return '; go on with the first that is through, and stop the others'
  return `; go on when ${need} are through, and stop the others`
}

export const join = nodeType<Nothing>({
  type: 'join@1',
  group: 'flow',
  kind: 'join',
  title: 'Bring branches together',
  about: 'Waits for as many branches as the split above it asks for.',
  config: Nothing,
  start: {},
  ports: () => [OUT, { key: 'short', label: 'Too few arrived', isFailure: true }],
  sentence: () => 'Go on when the branches have come together',
})

const Each = z.strictObject({
  items: as(Expression, 'Items'),
  at_once: as(z.int('A whole number.').min(1, 'At least one at a time.').max(100, 'At most 100 at a time.'), 'At a time').default(
    1,
  ),
})

export const each = nodeType<z.infer<typeof Each>>({
  type: 'each@1',
  group: 'flow',
  kind: 'each',
  title: 'For each',
  about: 'Goes through a list, one round for every item, and goes on when the last round is over.',
  config: Each,
  start: { items: 'vars.items', at_once: 1 },
  ports: () => [
    { key: 'item', label: 'For each' },
    { key: 'done', label: 'When all are through' },
  ],
  sentence: ({ items, at_once }) => `For each of ${items}${at_once === 1 ? ', one after the other' : `, ${at_once} at a time`}`,
})

export const leaveLoop = nodeType<Nothing>({
  type: 'break@1',
  group: 'flow',
  kind: 'break',
  title: 'Leave the loop',
  about: 'Ends all rounds of the loop it stands in; the workflow goes on behind the loop.',
  config: Nothing,
  start: {},
  ports: () => [],
  sentence: () => 'Leave the loop',
})

const End = z.strictObject({ outputs: as(Expressions, 'Results').default({}) })

export const end = nodeType<z.infer<typeof End>>({
  type: 'end@1',
  group: 'flow',
  kind: 'end',
  title: 'End',
  about: 'Ends the run, with everything that is still under way in it.',
  config: End,
  start: { outputs: {} },
  ports: () => [],
  sentence: ({ outputs }) => {
    const given = Object.entries(outputs).map(([key, expression]) => `${key} = ${expression}`)
    return given.length === 0 ? 'End' : `End, with ${listed(given)}`
  },
})

/** Of what something is counted. */
const Per = z.enum(['workflow', 'conversation', 'contact', 'value'])

const counting = {
  per: as(Per, 'For each').default('workflow'),
  /** With `per: value`: what is counted by. */
  value: as(Expression, 'Value').optional(),
}
const needsValue = { message: 'Say by what is counted.', path: ['value'] }
const hasValue = (config: { per: string; value?: string | undefined }) => config.per !== 'value' || config.value !== undefined

const Throttle = z
  .strictObject({
    limit: as(z.int('A whole number.').min(1, 'At least one.').max(1_000_000, 'At most a million.'), 'At most'),
    within: as(Length, 'Within'),
    ...counting,
    when_over: as(z.enum(['wait', 'leave']), 'The others').default('wait'),
  })
  .refine(hasValue, needsValue)

export type Throttle = z.infer<typeof Throttle>

export const throttle = nodeType<Throttle>({
  type: 'throttle@1',
  group: 'flow',
  kind: 'wait',
  title: 'Not more often than',
  about: 'Lets only so many runs pass in a time; the others wait for their turn, or take another way.',
  config: Throttle,
  start: { limit: 100, within: '1h', per: 'workflow', when_over: 'wait' },
  ports: ({ when_over }) => (when_over === 'wait' ? [OUT] : [OUT, { key: 'over', label: 'Too many' }]),
  sentence: ({ limit, within, when_over, ...by }) =>
    `Let at most ${limit} pass in ${lengthInWords(within)}${perInWords(by)}${when_over === 'wait' ? '; the others wait' : ''}`,
})

const Once = z.strictObject({ within: as(Length.nullable(), 'Within').default(null), ...counting }).refine(hasValue, needsValue)

export type Once = z.infer<typeof Once>

export const once = nodeType<Once>({
  type: 'once@1',
  group: 'flow',
  kind: 'instant',
  title: 'Only once',
  about: 'Tells the first time from all later ones: once for a contact, for a conversation, or for a value.',
  config: Once,
  start: { per: 'contact', within: '7d' },
  ports: () => [
    { key: 'first', label: 'The first time' },
    { key: 'again', label: 'Not the first time' },
  ],
  sentence: ({ within, ...by }) =>
    `Go on only the first time${perInWords(by)}${within === null ? '' : ` within ${lengthInWords(within)}`}`,
})

function perInWords({ per, value }: { per: z.infer<typeof Per>; value?: string | undefined }): string {
  if (per === 'workflow') return ''
  return per === 'value' ? ` for each ${value ?? ''}` : ` for each ${per}`
}

export const FLOW: readonly NodeType[] = [fork, join, each, leaveLoop, end, throttle, once]

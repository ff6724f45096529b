/** What people are asked to do, and what other workflows are. */
import { z } from 'zod'
import { type NodeType, nodeType } from '../node-type.ts'
import { atMost, Patience } from './after.ts'
import { areDistinct, as, Expressions, Key, Label, ref, refs, text } from './fields.ts'
import { listed, named, quoted } from './words.ts'

const MAX_DECISIONS = 10
const MAX_FIELDS = 20

const FormField = z.strictObject({
  key: as(Key, 'Name'),
  label: as(Label, 'Label'),
  type: as(z.enum(['text', 'long_text', 'number', 'date', 'yes_no', 'choice']), 'Type').default('text'),
  choices: as(z.array(Label).max(50, 'At most 50 choices.'), 'Choices').optional(),
  required: as(z.boolean(), 'Must be filled in').default(false),
  /** What stands in it at first: whoever decides may leave it or write it anew. */
  initial: as(text('what stands in it at first', 10_000), 'Filled in with').optional(),
})
export type FormField = z.infer<typeof FormField>

const Task = z
  .strictObject({
    title: as(text('what is to be done', 200), 'What'),
    text: as(text('the details', 20_000), 'Details').optional(),
    users: as(refs('user'), 'Who').optional(),
    team: as(ref('team'), 'Or anybody of the team').optional(),
    decisions: as(
      z
        .array(z.strictObject({ key: as(Key, 'Name'), label: as(Label, 'Label') }))
        .min(1, 'At least one decision is needed.')
        .max(MAX_DECISIONS, `At most ${MAX_DECISIONS} decisions.`),
      'Decisions',
    ),
    fields: as(z.array(FormField).max(MAX_FIELDS, `At most ${MAX_FIELDS} fields.`), 'Asks for').default([]),
    after: Patience,
  })
  .refine(({ decisions }) => areDistinct(decisions.map((one) => one.key)), {
    message: 'Two decisions have the same name.',
    path: ['decisions'],
  })
  .refine(({ decisions }) => decisions.every((one) => one.key !== 'timeout'), {
    message: '“timeout” is the way when nobody decided.',
    path: ['decisions'],
  })
  .refine(({ fields }) => areDistinct(fields.map((one) => one.key)), {
    message: 'Two fields have the same name.',
    path: ['fields'],
  })

export type HumanTask = z.infer<typeof Task>

const task = nodeType<HumanTask>({
  type: 'human.task@1',
  group: 'people',
  kind: 'wait',
  title: 'Ask a person',
  about: 'Puts a task on somebody’s list and goes the way they decide.',
  config: Task,
  ports: ({ decisions, after }) => [...decisions, ...(after === null ? [] : [{ key: 'timeout', label: 'Not in time' }])],
  sentence: ({ title, users, team, decisions, after }, names) => {
    const who = users ? named(names, 'user', users, 'or') : team ? `anybody of ${names.of('team', team)}` : 'somebody'
    return `Ask ${who}: ${quoted(title)} (${listed(
      decisions.map((one) => one.label),
      'or',
    )})${atMost(after, names)}`
  },
  problems: ({ users, team, fields }) => [
    ...(users === undefined && team === undefined
      ? [
          {
            code: 'asks_nobody',
            severity: 'error' as const,
            field: 'users',
            sentence: 'Nobody is asked.',
            fix: 'Choose people, or a team.',
          },
        ]
      : []),
    ...fields.flatMap((one, at) =>
      one.type === 'choice' && (one.choices ?? []).length === 0
        ? [
            {
              code: 'no_choices',
              severity: 'error' as const,
              field: `fields.${at}.choices`,
              sentence: `“${one.label}” has nothing to choose from.`,
              fix: 'Add choices.',
            },
          ]
        : [],
    ),
  ],
})

const Other = {
  workflow: as(ref('workflow'), 'Workflow'),
  inputs: as(Expressions, 'What it is given').default({}),
  /** For whom: the same subject, or none. */
  about: as(z.enum(['same', 'none']), 'About').default('same'),
}

const REFUSED = { key: 'refused', label: 'It could not begin', isFailure: true }

const Run = z.strictObject({ ...Other, after: Patience })

export type RunOther = z.infer<typeof Run>

const run = nodeType<RunOther>({
  type: 'workflow.run@1',
  group: 'flow',
  kind: 'wait',
  title: 'Run another workflow',
  about: 'Runs another workflow and goes on with what it comes to.',
  config: Run,
  ports: ({ after }) => [
    { key: 'completed', label: 'It is done' },
    { key: 'cancelled', label: 'It was cancelled', isFailure: true },
    REFUSED,
    ...(after === null ? [] : [{ key: 'timeout', label: 'Not in time', isFailure: true }]),
  ],
  sentence: ({ workflow, after }, names) => `Run ${names.of('workflow', workflow)} and wait for its end${atMost(after, names)}`,
})

const Start = z.strictObject(Other)

export type StartOther = z.infer<typeof Start>

const start = nodeType<StartOther>({
  type: 'workflow.start@1',
  group: 'flow',
  kind: 'instant',
  title: 'Start another workflow',
  about: 'Starts another workflow and goes on at once.',
  config: Start,
  ports: () => [{ key: 'out', label: 'Then' }, REFUSED],
  sentence: ({ workflow }, names) => `Start ${names.of('workflow', workflow)}`,
})

const Stop = z.strictObject({ workflow: as(ref('workflow'), 'Workflow') })

export type StopOther = z.infer<typeof Stop>

const stop = nodeType<StopOther>({
  type: 'workflow.stop@1',
  group: 'flow',
  kind: 'instant',
  subjects: ['conversation', 'contact'],
  title: 'Stop another workflow',
  about: 'Cancels the runs of another workflow about the same conversation or contact.',
  config: Stop,
  ports: () => [{ key: 'out', label: 'Then' }],
  sentence: ({ workflow }, names) => `Stop ${names.of('workflow', workflow)} here`,
})

export const PEOPLE_NODES: readonly NodeType[] = [task, run, start, stop]

/** Which way a run goes. */
import { z } from 'zod'
import { MAX_PORTS } from '../graph.ts'
import { type NodeType, nodeType } from '../node-type.ts'
import { areDistinct, as, Condition, Key, Label } from './fields.ts'
import { conditionInWords, listed } from './words.ts'

const If = z.strictObject({ when: as(Condition, 'If') })
type If = z.infer<typeof If>

const branch = nodeType<If>({
  type: 'if@1',
  group: 'logic',
  kind: 'instant',
  title: 'If',
  about: 'Goes one way if a condition holds, and the other if not.',
  config: If,
  start: { when: { all: [] } },
  ports: () => [
    { key: 'yes', label: 'Yes' },
    { key: 'no', label: 'No' },
  ],
  sentence: ({ when }, names) => `If ${conditionInWords(when, names) || '… (nothing is asked yet)'}`,
  problems: ({ when }) =>
    'all' in when && when.all.length === 0
      ? [
          {
            code: 'asks_nothing',
            severity: 'warning',
            field: 'when',
            sentence: 'It asks nothing: every run goes by Yes.',
            fix: 'Add a row, or remove this step.',
          },
        ]
      : [],
})

const Switch = z
  .strictObject({
    cases: as(
      z
        .array(z.strictObject({ key: as(Key, 'Name'), label: as(Label, 'Label'), when: as(Condition, 'If') }))
        .min(1, 'At least one case is needed.')
        .max(MAX_PORTS - 1, `At most ${MAX_PORTS - 1} cases.`),
      'Cases',
    ),
  })
  .refine(({ cases }) => areDistinct(cases.map((one) => one.key)), { message: 'Two cases have the same name.', path: ['cases'] })
  .refine(({ cases }) => cases.every((one) => one.key !== 'else'), {
    message: '“else” is the way of all that fit no case.',
    path: ['cases'],
  })
type Switch = z.infer<typeof Switch>

const choice = nodeType<Switch>({
  type: 'switch@1',
  group: 'logic',
  kind: 'instant',
  title: 'Choose a way',
  about: 'Goes the way of the first case whose condition holds.',
  config: Switch,
  start: { cases: [{ key: 'a', label: 'First case', when: { all: [] } }] },
  ports: ({ cases }) => [...cases.map(({ key, label }) => ({ key, label })), { key: 'else', label: 'None of these' }],
  sentence: ({ cases }, names) =>
    `Go the way of the first that fits: ${listed(
      cases.map(({ label, when }) => `${label} (${conditionInWords(when, names) || 'always'})`),
      'or',
    )}`,
})

export const LOGIC: readonly NodeType[] = [branch, choice]

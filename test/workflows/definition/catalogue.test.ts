import { expect, test } from 'vitest'
import { z } from 'zod'
import { NODE_TYPES } from '../../../src/workflows/definition/catalogue.ts'
import { TypeName } from '../../../src/workflows/definition/graph.ts'
import { GROUPS, type Names } from '../../../src/workflows/definition/node-type.ts'

const names: Names = { of: (kind, id) => `${kind} ${id}` }

/** Of types whose schema alone says too little to begin with. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  'conversation.tag@1': { tags: ['vip', 'late'] },
  'conversation.untag@1': { tags: ['vip'] },
  'conversation.note@1': { text: 'Called {{ contact.name }}' },
  'conversation.field@1': { field: 'f1', value: null },
  'conversation.subject@1': { subject: 'New' },
  'conversation.move@1': { inbox: 'i1' },
  'conversation.follow@1': { users: ['u1'] },
  'conversation.unfollow@1': { users: ['u1'] },
  'email.send@1': { content: { by: 'template', template: 't1' } },
  'conversation.reply@1': { text: 'Thank you' },
  'conversation.forward@1': { to: ['lab@example.com'] },
  'campaign.send@1': { campaign: 'c1' },
  'contact.list_add@1': { list: 'l1', source: 'Order form' },
  'contact.list_remove@1': { list: 'l1' },
  'contact.tag@1': { tags: ['vip'] },
  'contact.untag@1': { tags: ['vip'] },
  'contact.field@1': { field: 'city', value: '"Bern"' },
  'contact.suppress@1': { reason: 'Asked for it' },
  'wait.approval@1': { title: 'The discount', team: 't1', after: { working_hours: 4 } },
  'http.request@1': { url: 'https://example.com/' },
  'human.task@1': { title: 'Fix the address', users: ['u1'], decisions: [{ key: 'retry', label: 'Again' }] },
  'workflow.run@1': { workflow: 'w1', after: { for: '2d' } },
  'workflow.start@1': { workflow: 'w1' },
  'workflow.stop@1': { workflow: 'w1' },
}

const cases = NODE_TYPES.map((type) => [type.type, type, EXAMPLES[type.type] ?? type.start] as const)

test('no two kinds of nodes have the same name', () => {
  expect(new Set(NODE_TYPES.map((type) => type.type)).size).toBe(NODE_TYPES.length)
})

test.each(cases)('%s can be written down, leads somewhere, and says what it does', (name, type, example) => {
  expect(TypeName.safeParse(name).success).toBe(true)
  expect(GROUPS).toContain(type.group)
  expect(type.title).toMatch(/^[A-Z].{1,39}$/)
  expect(type.about).toMatch(/\.$/)

  const config = type.config.parse(example)
  const ports = type.ports(config)
  expect(new Set(ports.map((port) => port.key)).size).toBe(ports.length)
  expect(ports.length > 0).toBe(type.kind !== 'end' && type.kind !== 'break')
  const sentence = type.sentence(config, names)
  expect(sentence).toMatch(/^[A-Z]/)
  expect(sentence).not.toMatch(/undefined|null|\[object/)
  expect((type.problems?.(config, { type: name, config: {}, next: {} }) ?? []).filter((one) => one.severity === 'error')).toEqual(
    [],
  )
  expect(z.toJSONSchema(type.config, { io: 'input' })).toHaveProperty('$schema')
})

test.each([
  [
    'fork@1',
    {
      branches: [
        { key: 'a', label: 'A' },
        { key: 'a', label: 'B' },
      ],
    },
    'Two branches have the same name.',
  ],
  ['wait.time@1', { for: { for: 'soon' } }, 'Say how long, as in 30m, 12h, 3d or 2w.'],
  ['conversation.tag@1', { tags: [] }, 'Choose at least one: a tag.'],
  ['data.compute@1', { values: { total: '' } }, 'Write an expression, as in vars.reminders + 1.'],
  [
    'trigger.event@1',
    { name: 'Order Paid' },
    'An event’s name begins with a small letter; then come small letters, digits, _, . and -.',
  ],
])('what is wrong with a config of %s is said in a sentence', (name, config, sentence) => {
  const type = NODE_TYPES.find((one) => one.type === name)
  const read = type?.config.safeParse(config)
  expect(read?.success === false && read.error.issues.map((issue) => issue.message)).toContain(sentence)
})

import { expect, test } from 'vitest'
import { differences, incompatible } from '../../../src/workflows/definition/diff.ts'
import { Graph } from '../../../src/workflows/definition/graph.ts'
import type { Names } from '../../../src/workflows/definition/node-type.ts'
import { inSentences } from '../../../src/workflows/definition/summary.ts'

const NAMED: Readonly<Record<string, string>> = { 'tag quote': 'Quote sent', 'template t1': '“Reminder”' }
const names: Names = { of: (kind, id) => NAMED[`${kind} ${id}`] ?? id }

const chase = {
  schema: 'workflow/1',
  name: 'Chase quotes',
  subject: 'conversation',
  vars: [{ key: 'reminders', type: 'number', default: 0 }],
  nodes: {
    begin: { type: 'trigger.tag_added@1', config: { tag: 'quote' }, next: { out: 'wait' } },
    closed: { type: 'conversation.status@1', config: { status: 'closed' } },
    wait: {
      type: 'wait.reply@1',
      config: { from: 'customer', after: { working_days: 3 } },
      next: { replied: 'end', timeout: 'again' },
    },
    again: {
      type: 'if@1',
      config: {
        when: {
          all: [
            { field: 'vars.reminders', op: 'less_than', value: 3 },
            { field: 'conversation.status', op: 'is', value: 'pending' },
          ],
        },
      },
      next: { yes: 'remind', no: 'closed' },
    },
    remind: {
      type: 'email.send@1',
      config: { content: { by: 'template', template: 't1' } },
      set: { reminders: 'vars.reminders + 1' },
      next: { sent: 'wait', suppressed: 'closed' },
    },
    end: { type: 'end@1' },
  },
}

test('a workflow reads as a person would tell it', () => {
  expect(inSentences(Graph.parse(chase), names)).toBe(`\
1. When the tag Quote sent is put on a conversation.
2. Wait until the customer writes, at most 3 working days.
   They wrote: step 3.
   Not in time: step 4.
3. End.
4. If reminders is less than 3 and “Status” is “pending”.
   Yes: step 5.
   No: step 6.
5. Send “Reminder”.
   Sent: step 2.
   Not delivered: the run stops until a person looks at it.
   Not to be mailed: step 6.
   Given up for time: the run stops until a person looks at it.
   Nobody can tell: the run stops until a person looks at it.
6. Set the status to closed.
   Then: the path ends.
   Not possible: the run stops until a person looks at it.`)
})

test('what nothing leads to is told last, and what is not filled in says so', () => {
  const nodes = { lost: { type: 'conversation.move@1' }, begin: { type: 'trigger.customer_replied@1' } }
  const told = inSentences(Graph.parse({ schema: 'workflow/1', name: 'Lost', subject: 'conversation', nodes }), names)
  expect(told.split('\n').filter((line) => /^\d/.test(line))).toEqual([
    '1. When a customer writes.',
    '2. Move (not filled in yet).',
  ])
})

test('two versions differ in sentences, and only where they do', () => {
  const before = Graph.parse(chase)
  const { end: _, ...nodes } = chase.nodes
  const after = Graph.parse({
    ...chase,
    name: 'Chase quotes twice',
    vars: [{ key: 'reminders', type: 'number', default: 1 }],
    nodes: {
      ...nodes,
      wait: {
        ...nodes.wait,
        config: { from: 'customer', after: { working_days: 5 } },
        next: { replied: 'thanks', timeout: 'again' },
      },
      remind: { ...nodes.remind, config: { ...nodes.remind.config, ttl: '12h' }, set: { reminders: 'vars.reminders + 2' } },
      thanks: { type: 'conversation.note@1', config: { text: 'They wrote.' } },
    },
  })
  expect(differences(before, after, names).map((one) => one.sentence)).toEqual([
    'Its name is now “Chase quotes twice”; it was “Chase quotes”.',
    'The variable reminders (number, at first 0) is now reminders (number, at first 1).',
    '“Wait until the customer writes, at most 3 working days” is now “Wait until the customer writes, at most 5 working days”.',
    '“They wrote” of “Wait until the customer writes, at most 5 working days” leads to “Write a note: “They wrote.””, and no longer to “End”.',
    'Added: Write a note: “They wrote.”.',
    '“Send “Reminder””: ttl changed.',
    '“Send “Reminder””: what it remembers changed, from reminders = vars.reminders + 1 to reminders = vars.reminders + 2.',
    'Removed: End.',
  ])
  expect(differences(before, Graph.parse(JSON.parse(JSON.stringify(chase))), names)).toEqual([])
  expect(incompatible(before, after)).toEqual(['end'])
})

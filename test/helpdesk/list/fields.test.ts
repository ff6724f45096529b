import { expect, test } from 'vitest'
import { ConversationFilter } from '../../../src/helpdesk/list/filter.ts'
import { listConversations } from '../../../src/helpdesk/list/list.ts'
import { changeConversation } from '../../../src/helpdesk/triage/change.ts'
import type { FieldType } from '../../../src/helpdesk/triage/custom-field.ts'
import { createField, createLabel, removeLabel } from '../../../src/helpdesk/triage/settings.ts'
import { MINUTE } from '../../../src/lib/clock.ts'
import { world } from '../../support/world.ts'
import { desk } from '../desk.ts'

test('lists are filtered by a label and by custom fields of every type, together and page by page', async () => {
  const w = await world()
  const d = await desk(w)
  const act = w.inWorkspace
  const deps = { blobs: w.blobs, secrets: w.secrets, url: 'https://waybill.example.com' }
  const field = (name: string, type: FieldType, options: readonly string[] = [], inboxId = null as typeof d.inbox.id | null) =>
    act((tx) => createField(tx, { inboxId, name, type, options, isRequired: false, inList: true }, d.agent, w.clock.now()))
  const order = await field('Order', 'text')
  const plan = await field('Plan', 'choice', ['gold', 'silver'])
  const parts = await field('Parts', 'choices', ['wheel', 'brake', 'bell'], d.inbox.id)
  const count = await field('Count', 'integer')
  const paid = await field('Paid', 'boolean')
  const day = await field('Day', 'date')
  const label = await act((tx) =>
    createLabel(tx, { name: 'Waiting for parts', status: 'pending', color: 'grey' }, d.agent, w.clock.now()),
  )

  const values = [
    {
      [order.id]: 'A-1',
      [plan.id]: 'gold',
      [parts.id]: ['wheel', 'bell'],
      [count.id]: 2,
      [paid.id]: true,
      [day.id]: '2026-11-22',
    },
    { [order.id]: 'A-2', [plan.id]: 'gold', [parts.id]: ['brake'], [count.id]: 2, [paid.id]: false },
    { [order.id]: '2', [plan.id]: 'silver', [count.id]: 12 },
    {},
  ]
  const numbers: number[] = []
  for (const [i, fields] of values.entries()) {
    w.clock.advance(MINUTE)
    const { conversation } = await d.conversation({ subject: `Number ${i}` })
    numbers.push(conversation.number)
    const change = { fields, ...(i % 2 === 0 && { labelId: label.id }) }
    await act((tx) => changeConversation(tx, deps, conversation.id, change, d.agent, w.clock.now()))
  }
  async function found(given: object): Promise<number[]> {
    const filter = ConversationFilter.parse(given)
    const places: number[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<typeof listConversations>> = await act((tx) =>
        listConversations(tx, d.agent, { filter, sort: 'first', after, limit: 1 }),
      )
      places.push(...page.items.map(({ number }) => numbers.indexOf(number)))
      after = page.next
    } while (after !== null)
    return places
  }

  expect(await found({ fields: { [order.id]: 'A-1' } })).toEqual([0])
  expect(await found({ fields: { [order.id]: 'A' } })).toEqual([])
  expect(await found({ fields: { [plan.id]: 'gold' } })).toEqual([0, 1])
  expect(await found({ fields: { [plan.id]: 'gold', [parts.id]: 'bell' } })).toEqual([0])
  expect(await found({ fields: { [parts.id]: 'brake' } })).toEqual([1])
  expect(await found({ fields: { [count.id]: 2 } })).toEqual([0, 1])
  // A number is no text that looks like one.
  expect(await found({ fields: { [order.id]: 2 } })).toEqual([])
  expect(await found({ fields: { [paid.id]: false } })).toEqual([1])
  expect(await found({ fields: { [day.id]: '2026-11-22' } })).toEqual([0])
  expect(await found({ label: label.id })).toEqual([0, 2])
  expect(await found({ label: label.id, fields: { [plan.id]: 'silver' } })).toEqual([2])
  expect(await found({ label: label.id, status: ['closed'] })).toEqual([])
  expect(await found({ status: ['pending'], fields: { [plan.id]: 'gold' }, assignee: 'none' })).toEqual([0])

  const page = await act((tx) =>
    listConversations(tx, d.agent, { filter: ConversationFilter.parse({}), sort: 'first', after: null, limit: 10 }),
  )
  expect(page.items.map(({ fields }) => fields.map(({ name, value }) => `${name}: ${value}`))).toEqual([
    ['Order: A-1', 'Plan: gold', 'Parts: wheel,bell', 'Count: 2', 'Paid: true'],
    ['Order: A-2', 'Plan: gold', 'Parts: brake', 'Count: 2', 'Paid: false'],
    ['Order: 2', 'Plan: silver', 'Count: 12'],
    [],
  ])

  await act((tx) => removeLabel(tx, label.id, d.agent, w.clock.now()))
  expect(await found({ label: label.id })).toEqual([])
  expect(await found({ status: ['pending'] })).toEqual([0, 2])
})

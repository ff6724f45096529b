import { expect, test } from 'vitest'
import type { Inbox } from '../../../src/helpdesk/inbox.ts'
import { type InboxFacts, problemsOf, type SourceState, sourcesOf } from '../../../src/helpdesk/inboxes/problems.ts'

const inbox = {
  id: 'support',
  address: 'help@shop.example',
  addresses: [{ address: 'help@shop.example', maySend: true }],
  routeId: null,
  defaultAssignee: null,
  closedAt: null,
} as unknown as Inbox
const working: SourceState = { name: 'Account', inboxId: null, address: 'Help@shop.example', state: 'working', problem: null }
const well: InboxFacts = {
  sources: [working],
  hasMail: false,
  routes: [{ id: 'relay', isDefault: true, isDirect: false }],
  domains: new Set(),
  agents: new Set(['bob']),
}
const codesOf = (changes: Partial<Inbox>, facts: Partial<InboxFacts>) =>
  problemsOf({ ...inbox, ...changes } as Inbox, { ...well, ...facts }).map(({ code }) => code)

test('an inbox whose account is read and whose answers leave by a relay has no problem', () => {
  expect(codesOf({}, {})).toEqual([])
})

test('a source feeds the inbox it was told, or whose address its account has', () => {
  const told: SourceState = { ...working, inboxId: 'support', address: 'other@shop.example' }
  const elsewhere: SourceState = { ...working, inboxId: 'sales' }
  const unknown: SourceState = { ...working, address: 'other@shop.example' }
  expect(sourcesOf(inbox, [working, told, elsewhere, unknown])).toEqual([working, told])
})

test('nothing that could bring mail is a problem, until some has come', () => {
  expect(codesOf({}, { sources: [] })).toEqual(['no_source'])
  expect(codesOf({}, { sources: [], hasMail: true })).toEqual([])
})

test('a source that cannot be read says why, in its own words', () => {
  const failing: SourceState = { ...working, state: 'failing', problem: { sentence: 'It refused.', hint: 'Check it.' } }
  expect(problemsOf(inbox, { ...well, sources: [failing] })).toEqual([
    { code: 'source_failing', sentence: 'Account: It refused.', hint: 'Check it.' },
  ])
})

test('answers that leave straight to receivers have to be signed here', () => {
  const routes = [{ id: 'mx', isDefault: true, isDirect: true }]
  expect(codesOf({}, { routes })).toEqual(['domain_unknown'])
  expect(codesOf({}, { routes, domains: new Set(['shop.example']) })).toEqual([])
})

test('a route that is gone, somebody who has no access, and being closed are told', () => {
  expect(codesOf({ routeId: 'gone' as never }, {})).toEqual(['route_gone'])
  expect(codesOf({ defaultAssignee: 'eve' as never }, {})).toEqual(['assignee_locked_out'])
  expect(codesOf({ closedAt: new Date(), routeId: 'gone' as never }, {})).toEqual(['closed'])
})

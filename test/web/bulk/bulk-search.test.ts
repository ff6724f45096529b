import { expect, test } from 'vitest'
import { BulkFilter } from '../../../src/api/endpoints/bulk-acts.ts'
import { bulkSearch, bulkSearchOf, filterOf, kindOf } from '../../../web/bulk/bulk-search.ts'
import { deliverySearch } from '../../../web/deliveries/delivery-search.ts'

const ROUTE = '0193e0a0-1111-7abc-9def-0123456789ab'
const NOW = new Date('2026-11-22T12:00:00.000Z')

test('the filter of the list goes along, and is what the server takes', () => {
  const list = deliverySearch.parse({ state: 'sent,nonsense', route: ROUTE, receiver: 'google', stream: 'bulk', within: '24h' })
  const search = bulkSearchOf(list)
  expect(bulkSearch.parse(search)).toMatchObject(search)
  expect(BulkFilter.parse(filterOf(search, NOW))).toEqual({
    states: ['sent'],
    streams: ['bulk'],
    receivers: ['google'],
    route_id: ROUTE,
    since: new Date('2026-11-21T12:00:00.000Z'),
    until: NOW,
  })
})

test('what the URL holds beside a filter is no part of it', () => {
  expect(filterOf({ kind: 'reroute', way: ROUTE, tags: ['a,b'] }, NOW)).toEqual({ tags: ['a,b'], until: NOW.toISOString() })
})

test('what somebody came for is guessed from the state, and of several it is what can be undone', () => {
  expect(kindOf({ states: ['sent', 'delivered'] })).toBe('replay')
  expect(kindOf({ states: ['held', 'unknown'] })).toBe('release')
  expect(kindOf({ states: ['queued', 'sending'] })).toBe('hold')
  expect(kindOf({})).toBe('hold')
  expect(kindOf({ kind: 'cancel', states: ['sent'] })).toBe('cancel')
})

test('nonsense in the URL is left out, not a crash', () => {
  expect(bulkSearch.parse({ kind: 'explode', states: 'sent', route: 'x', within: 'never', tags: [] })).toEqual({})
})

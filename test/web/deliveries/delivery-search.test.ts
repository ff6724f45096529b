import { expect, test } from 'vitest'
import { deliverySearch, STATE_SETS, setOf, statesOf } from '../../../web/deliveries/delivery-search.ts'

test('a link that says nonsense shows the list without it, instead of an error', () => {
  expect(deliverySearch.parse({ state: 7, route: 'x', stream: 'fast', within: 'ever', recipient: '' })).toEqual({})
  expect(statesOf({ state: 'queued,flying,held' })).toEqual(['queued', 'held'])
})

test.each(Object.keys(STATE_SETS) as (keyof typeof STATE_SETS)[])(
  'the set %s is recognised in whatever order its states stand',
  (name) => {
    expect(setOf([...STATE_SETS[name]].reverse())).toBe(name)
  },
)

test('states that are no set of ours choose none of them', () => {
  expect(setOf(['queued', 'held'])).toBeNull()
})

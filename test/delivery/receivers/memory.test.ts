import { expect, test } from 'vitest'
import { createMemory } from '../../../src/delivery/receivers/memory.ts'

test('a receiver is remembered as long as it may be believed', () => {
  let nowMs = 0
  const memory = createMemory(() => nowMs)
  memory.set('a.test', 'google', 100)
  nowMs = 99
  expect(memory.get('a.test')).toBe('google')
  nowMs = 100
  expect(memory.get('a.test')).toBeNull()
})

test('when there is no more room, the domain nobody asked for longest is forgotten', () => {
  const memory = createMemory(() => 0, 2)
  memory.set('a.test', 'a', 100)
  memory.set('b.test', 'b', 100)
  memory.get('a.test')
  memory.set('c.test', 'c', 100)
  expect(['a.test', 'b.test', 'c.test'].map(memory.get)).toEqual(['a', null, 'c'])
})

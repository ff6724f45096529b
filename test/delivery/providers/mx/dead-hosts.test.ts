import { expect, test } from 'vitest'
import { createDeadHosts } from '../../../../src/delivery/providers/mx/dead-hosts.ts'
import { MINUTE } from '../../../../src/lib/clock.ts'

function world() {
  let nowMs = 0
  const dead = createDeadHosts(() => nowMs)
  return { dead, pass: (ms: number) => (nowMs += ms) }
}

test('a dead server stands behind those that live, and where all are dead they keep their order', () => {
  const { dead } = world()
  dead.failed('a')
  expect(dead.sorted(['a', 'b'])).toEqual(['b', 'a'])
  dead.failed('b')
  expect(dead.sorted(['a', 'b'])).toEqual(['a', 'b'])
})

test('when its time is over one mail tries it in its place, and the others still do without', () => {
  const { dead, pass } = world()
  dead.failed('a')
  pass(MINUTE)
  expect(dead.sorted(['a', 'b'])).toEqual(['a', 'b'])
  expect(dead.sorted(['a', 'b'])).toEqual(['b', 'a'])
  dead.works('a')
  expect(dead.sorted(['a', 'b'])).toEqual(['a', 'b'])
})

test('each failure doubles the wait, up to a quarter of an hour', () => {
  const { dead, pass } = world()
  dead.failed('a')
  dead.failed('a')
  pass(MINUTE)
  expect(dead.sorted(['a', 'b'])).toEqual(['b', 'a'])
  for (let i = 0; i < 50; i++) dead.failed('a')
  pass(15 * MINUTE)
  expect(dead.sorted(['a', 'b'])).toEqual(['a', 'b'])
})

test('a probe that nobody hears of again keeps no server dead for ever', () => {
  const { dead, pass } = world()
  dead.failed('a')
  pass(MINUTE)
  dead.sorted(['a', 'b'])
  pass(15 * MINUTE)
  expect(dead.sorted(['a', 'b'])).toEqual(['a', 'b'])
})

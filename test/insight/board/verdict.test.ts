import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Figures, NO_FIGURES } from '../../../src/insight/board/figures.ts'
import { isWell, type Present, RULES, sentenceOf, type Usual, verdictsOf, WIDTHS_MS } from '../../../src/insight/board/verdict.ts'
import { HOUR, MINUTE } from '../../../src/lib/clock.ts'

const HALF_HOUR = 30 * MINUTE
const usual = (change: Partial<Usual> = {}): Usual => ({
  widthMs: HALF_HOUR,
  relayed: 50_000,
  attempts: 52_000,
  windows: 300,
  delivered: 0.97,
  putOff: 0.03,
  refused: 0.01,
  worstDelivered: 0.9,
  worstPutOff: 0.1,
  worstRefused: 0.05,
  ...change,
})
const present = (figures: Partial<Figures>, relayed = figures.sent ?? 0, widthMs: number = HALF_HOUR): Present => ({
  widthMs,
  figures: { ...NO_FIGURES, ...figures },
  relayed,
  delivered: figures.delivered ?? 0,
})

test('mail that is accepted and never arrives, where it usually does, is told in the words of a postmaster', () => {
  const [verdict, ...more] = verdictsOf([present({ sent: 214, delivered: 0 })], [usual()])
  expect(more).toEqual([])
  expect(verdict && sentenceOf('google', 'snap-mail', verdict)).toBe(
    'google: 0 delivered of 214 relayed in 30 minutes through snap-mail; usually 97 %.',
  )
})

test.each([
  ['a route that never tells deliveries', present({ sent: 5_000 }), usual({ delivered: 0, worstDelivered: 0 })],
  ['a route that tells them for few receivers only', present({ sent: 5_000 }), usual({ delivered: 0.3, worstDelivered: 0.2 })],
  ['a route of which nothing is known yet', present({ sent: 5_000 }), null],
  ['a handful of messages', present({ sent: RULES.minSample - 1 }), usual()],
  ['news that is merely slow', present({ sent: 214, delivered: 150 }), usual()],
  ['half hours that are often like this', present({ sent: 40, delivered: 15 }), usual({ delivered: 0.8, worstDelivered: 0.3 })],
  ['mail so young that nobody can have heard of it', present({ sent: 5_000 }, 0), usual()],
  [
    'a receiver that puts off as it always did',
    present({ sent: 50, deferred: 50, delivered: 48 }),
    usual({ putOff: 0.5, worstPutOff: 0.6 }),
  ],
  ['a few refusals more than usual', present({ sent: 180, bounced: 6, delivered: 180 }), usual()],
  ['bounces that came back of mail taken before', present({ sent: 100, delivered: 97, bounced: 60, returned: 60 }), usual()],
])('%s raises no alert', (_, now, known) => {
  expect(verdictsOf([now], known ? [known] : [])).toEqual([])
})

test.each([
  ['a receiver that puts nearly everything off', { sent: 10, deferred: 90, delivered: 10 }, usual(), 'put_off'],
  ['the same on a route that is new', { sent: 10, deferred: 90 }, null, 'put_off'],
  ['a receiver that refuses what it used to take', { sent: 50, bounced: 50, delivered: 50 }, usual(), 'refused'],
  ['the same on a route that is new', { sent: 50, bounced: 50 }, null, 'refused'],
] as const)('%s does', (_, figures, known, kind) => {
  expect(verdictsOf([present(figures, 0)], known ? [known] : []).map((verdict) => verdict.kind)).toEqual([kind])
})

test('where half an hour holds too little mail, three hours are looked at, then a day', () => {
  const presents = [
    present({ sent: 5 }),
    present({ sent: 30 }, 30, 3 * HOUR),
    present({ sent: 200, delivered: 190 }, 200, 24 * HOUR),
  ]
  const usuals = WIDTHS_MS.map((widthMs) => usual({ widthMs }))
  expect(verdictsOf(presents, usuals)).toMatchObject([{ kind: 'not_arriving', widthMs: 3 * HOUR, part: 0, whole: 30 }])
})

test('an alert ends only when there is mail that shows it, and not while it is still half bad', () => {
  expect(isWell('not_arriving', 0.97, [present({ sent: 100, delivered: 5 })])).toBe(false)
  expect(isWell('not_arriving', 0.97, [present({ sent: 100, delivered: 60 })])).toBe(false)
  expect(isWell('not_arriving', 0.97, [present({ sent: 100, delivered: 95 })])).toBe(true)
  expect(isWell('not_arriving', 0.97, [present({ sent: 3, delivered: 3 })])).toBe(null)
  expect(isWell('put_off', 0.03, [present({ sent: 60, deferred: 40 })])).toBe(false)
  expect(isWell('put_off', 0.03, [present({ sent: 95, deferred: 5 })])).toBe(true)
})

const share = fc.double({ min: 0, max: 1, noNaN: true })
const someUsual = fc
  .record({
    relayed: fc.nat(100_000),
    attempts: fc.nat(100_000),
    windows: fc.nat(336),
    delivered: share,
    putOff: share,
    refused: share,
  })
  .map((known): Usual => ({ ...known, widthMs: HALF_HOUR, worstDelivered: null, worstPutOff: null, worstRefused: null }))
const count = fc.nat(2_000)
const somePresent = fc
  .record({ sent: count, deferred: count, blocked: count, refused: count, returned: count, delivered: count })
  .map(({ refused, returned, ...rest }) => present({ ...rest, bounced: refused + returned, returned }))

test('whatever comes in, there is at most one verdict a kind, it names real numbers, and what is alarming is not well', () => {
  fc.assert(
    fc.property(somePresent, someUsual, (now, known) => {
      const verdicts = verdictsOf([now], [known])
      expect(new Set(verdicts.map(({ kind }) => kind)).size).toBe(verdicts.length)
      for (const { kind, part, whole, usual: normal } of verdicts) {
        expect(whole).toBeGreaterThanOrEqual(RULES.minSample)
        expect(part).toBeGreaterThanOrEqual(0)
        expect(isWell(kind, normal, [now])).toBe(false)
      }
    }),
    { numRuns: 500 },
  )
})

test('more deliveries never make an alert out of none', () => {
  fc.assert(
    fc.property(somePresent, someUsual, fc.nat(500), (now, known, more) => {
      const isMissing = (each: Present) => verdictsOf([each], [known]).some(({ kind }) => kind === 'not_arriving')
      if (!isMissing(now)) expect(isMissing({ ...now, delivered: now.delivered + more })).toBe(false)
    }),
    { numRuns: 500 },
  )
})

test('where nothing is known of a way yet, the measure is not called usual', () => {
  const verdict = { kind: 'refused', widthMs: 30 * MINUTE, part: 28, whole: 160, usual: 0.03, isAssumed: true } as const
  expect(sentenceOf('orange', 'Relay', verdict)).toBe(
    'orange: 28 of 160 refused for good in 30 minutes through Relay; up to 3 % is ordinary.',
  )
})

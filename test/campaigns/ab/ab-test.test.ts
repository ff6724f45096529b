import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type AbVariant,
  abProblems,
  chanceOfDifference,
  variantOf,
  verdictOf,
  verdictSentence,
} from '../../../src/campaigns/ab/ab-test.ts'
import { newId } from '../../../src/lib/ids.ts'

const other: AbVariant = { subject: 'Other', sender: null, content: null }
const testOf = (versions: number, share: number) => ({ variants: Array.from({ length: versions - 1 }, () => other), share })

test('who gets which version depends on person and campaign alone, and the shares are what they should be', () => {
  // Ids of people who were imported together differ in few places.
  const people = Array.from({ length: 40_000 }, () => newId(1_700_000_000_000))
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 100 }), (campaign, versions, share) => {
      const test = testOf(versions, share)
      const got = people.map((person) => variantOf(person, campaign, test))
      expect(people.slice(0, 200).map((person) => variantOf(person, campaign, test))).toEqual(got.slice(0, 200))
      const inTest = got.filter((variant) => variant !== null)
      // Five standard deviations.
      const near = (n: number, of: number, p: number) =>
        expect(Math.abs(n - of * p)).toBeLessThanOrEqual(5 * Math.sqrt(of * p * (1 - p)) + 1)
      near(inTest.length, people.length, share / 100)
      for (let variant = 0; variant < versions; variant++)
        near(inTest.filter((one) => one === variant).length, inTest.length, 1 / versions)
      expect(inTest.every((variant) => variant < versions)).toBe(true)
    }),
    { numRuns: 25 },
  )
})

test('whoever is in a small test is in a larger one of the same campaign, and another campaign chooses anew', () => {
  const people = Array.from({ length: 2_000 }, () => newId())
  const small = people.filter((person) => variantOf(person, 'a', testOf(2, 10)) !== null)
  for (const person of small) expect(variantOf(person, 'a', testOf(2, 30))).toBe(variantOf(person, 'a', testOf(2, 10)))
  const alsoInOther = small.filter((person) => variantOf(person, 'b', testOf(2, 10)) !== null).length
  expect(alsoInOther).toBeLessThan(small.length / 2)
})

const counts = (...rows: [number, number][]) => rows.map(([did, sent], variant) => ({ variant, sent, did }))

test.each([
  ['a clear difference', counts([12, 200], [40, 200]), 1, 'clear'],
  ['one that chance makes', counts([12, 200], [14, 200]), 1, 'chance'],
  ['rates, not numbers', counts([20, 400], [15, 100]), 1, 'clear'],
  ['a handful of people', counts([0, 20], [3, 20]), 1, 'few'],
  ['the same', counts([10, 100], [20, 200]), 0, 'tie'],
  ['nothing at all', counts([0, 100], [0, 100], [0, 0]), 0, 'nothing'],
  ['nobody who got it', counts([0, 0], [0, 0]), 0, 'nothing'],
] as const)('of %s it says so', (_, counted, winner, how) => {
  const verdict = verdictOf(counted)
  expect(verdict).toEqual({ winner, how })
  expect(verdictSentence(verdict, counted, 'clicked')).toMatch(
    /^(?:[AB]: \d+ of \d+ followed a link\. [A-Z]|Nobody followed a link).+\.$/,
  )
})

test('the winner has the best rate, whatever was counted; and how likely chance is, is what the tables say', () => {
  const row = fc.integer({ min: 0, max: 5_000 }).chain((sent) => fc.tuple(fc.integer({ min: 0, max: sent }), fc.constant(sent)))
  fc.assert(
    fc.property(fc.array(row, { minLength: 2, maxLength: 5 }), (rows) => {
      const counted = counts(...rows)
      const rate = ({ sent, did }: { sent: number; did: number }) => (sent === 0 ? 0 : did / sent)
      const winner = counted[verdictOf(counted).winner]!
      for (const one of counted) expect(rate(one)).toBeLessThanOrEqual(rate(winner))
    }),
  )
  const [a, b] = counts([40, 200], [12, 200])
  // z = 4.1625, two-sided p = 0.0000315.
  expect(chanceOfDifference(a!, b!)).toBeCloseTo(0.0000315, 6)
  const [c, d] = counts([100, 1_000], [120, 1_000])
  expect(chanceOfDifference(c!, d!)).toBeCloseTo(0.1527, 3)
})

test('a test that is none is refused by name', () => {
  const said = { ...testOf(2, 20), measure: 'clicked' as const, afterMinutes: 60, unclear: 'best' as const }
  expect(abProblems(said)).toEqual([])
  const pointers = (more: Partial<typeof said>) => abProblems({ ...said, ...more }).map(({ pointer }) => pointer)
  expect(pointers({ variants: [] })).toEqual(['/ab/variants'])
  expect(pointers(testOf(6, 20))).toEqual(['/ab/variants'])
  expect(pointers({ variants: [other, { subject: null, sender: null, content: null }] })).toEqual(['/ab/variants/1'])
  expect(pointers({ share: 0 })).toEqual(['/ab/share'])
  expect(pointers({ afterMinutes: 0 })).toEqual(['/ab/after_minutes'])
})

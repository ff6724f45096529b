import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  Condition,
  type FieldType,
  faultOfRow,
  judge,
  lengthMs,
  OPERATORS,
  type Operator,
  rowsOf,
} from '../../../src/workflows/definition/condition.ts'
import type { Json } from '../../../src/workflows/definition/graph.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const holds = (condition: Condition, values: Record<string, Json>) => judge(condition, (field) => values[field], NOW).holds

/** Operator, what is seen, what is wanted, and whether it holds. */
const JUDGED: readonly [Operator, Json | undefined, Json, boolean][] = [
  ['is', 'ann@example.org', ' Ann@Example.ORG ', true],
  ['is', ['a@x.org', 'b@x.org'], 'b@x.org', true],
  ['is', 3, '3', true],
  ['is', 'E\u0301cole', '\u00e9cole', true],
  ['is_not', 'open', 'closed', true],
  ['is_not', ['a', 'b'], 'b', false],
  ['is_not', null, 'ann', true],
  ['contains', 'Invoice 17', 'INVOICE', true],
  ['contains', null, 'x', false],
  ['contains_not', null, 'x', true],
  ['begins_with', 'Re: hello', 're:', true],
  ['ends_with', 'photo.PDF', '.pdf', true],
  ['matches', 'Order 4711', 'order \\d{4}$', true],
  ['matches', 'a'.repeat(50_000), '(a+)+$', true],
  ['is_any_of', 'closed', ['open', 'closed'], true],
  ['is_none_of', null, ['open'], true],
  ['less_than', 2, 3, true],
  ['less_than', '2', 3, true],
  ['less_than', 'two', 3, false],
  ['at_least', 3, 3, true],
  ['before', '2026-11-21T00:00:00Z', '2026-11-22', true],
  ['after', '2026-11-23', '2026-11-22T10:00:00Z', true],
  ['older_than', '2026-11-19T12:00:00Z', '3d', true],
  ['older_than', '2026-11-19T12:00:01Z', '3d', false],
  ['younger_than', '2026-11-22T11:31:00Z', '30m', true],
  ['has', ['vip', 'quote'], 'VIP', true],
  ['has_not', [], 'vip', true],
  ['has_any_of', ['a'], ['b', 'a'], true],
  ['is_true', true, null, true],
  ['is_false', undefined, null, true],
  ['is_set', 0, null, true],
  ['is_set', '', null, false],
  ['is_empty', [], null, true],
  ['is', 'pending', 'open', false],
  ['is_not', 'open', 'open', false],
  ['contains', ['one@x.org', 'two@y.org'], 'y.org', true],
  ['contains', 'Order', 'invoice', false],
  ['contains_not', 'Your invoice', 'INVOICE', false],
  ['begins_with', 'Hello', 'Re:', false],
  ['ends_with', 'photo.png', '.pdf', false],
  ['matches', 'Order 47', '^order \\d{4}$', false],
  ['is_any_of', 'spam', ['open', 'closed'], false],
  ['is_none_of', 'open', ['open'], false],
  ['less_than', 3, 3, false],
  ['at_most', 3, 3, true],
  ['at_most', 4, 3, false],
  ['greater_than', 4, '3', true],
  ['greater_than', 3, 3, false],
  ['at_least', 2, 3, false],
  ['before', '2026-11-23T00:00:00Z', '2026-11-22', false],
  ['after', '2026-11-21', '2026-11-22T10:00:00Z', false],
  ['younger_than', '2026-11-22T11:29:59Z', '30m', false],
  ['younger_than', null, '30m', false],
  ['older_than', null, '30m', false],
  ['has', ['quote'], 'vip', false],
  ['has_not', ['VIP'], 'vip', false],
  ['has_any_of', ['c'], ['b', 'a'], false],
  ['is_true', false, null, false],
  ['is_false', true, null, false],
  ['is_empty', 'x', null, false],
]

test.each(JUDGED)('%s of %j with %j: %j', (op, seen, value, expected) => {
  // The trace says what was asked, what was seen and what was wanted.
  expect(judge({ field: 'f', op, value }, () => seen, NOW)).toEqual({
    ...{ field: 'f', op, wanted: value, holds: expected },
    seen: typeof seen === 'string' && seen.length > 500 ? `${seen.slice(0, 500)}…` : (seen ?? null),
  })
})

test('every operator is judged above, holding and not', () => {
  const judged = (op: string) => new Set(JUDGED.flatMap(([one, , , holds]) => (one === op ? [holds] : [])))
  expect(Object.keys(OPERATORS).filter((op) => judged(op).size < 2)).toEqual([])
})

test('groups hold by all, any and none, and every row tells what it saw', () => {
  const condition: Condition = {
    all: [
      {
        any: [
          { field: 'a', op: 'is', value: 'x' },
          { field: 'b', op: 'is', value: 'y' },
        ],
      },
      { none: [{ field: 'c', op: 'has', value: 'spam' }] },
    ],
  }
  const values = { a: 'no', b: 'Y', c: ['news'] }
  expect(judge(condition, (field) => values[field as 'a'], NOW)).toEqual({
    how: 'all',
    holds: true,
    of: [
      {
        how: 'any',
        holds: true,
        of: [
          { field: 'a', op: 'is', wanted: 'x', seen: 'no', holds: false },
          { field: 'b', op: 'is', wanted: 'y', seen: 'Y', holds: true },
        ],
      },
      { how: 'none', holds: true, of: [{ field: 'c', op: 'has', wanted: 'spam', seen: ['news'], holds: false }] },
    ],
  })
  expect(holds({ all: [] }, {})).toBe(true)
  expect(holds({ any: [] }, {})).toBe(true)
  expect(holds({ none: [] }, {})).toBe(true)
})

test('what is long is cut in the trace and whole in the judgement', () => {
  const trace = judge({ field: 'body', op: 'ends_with', value: 'end' }, () => `${'x'.repeat(5_000)}end`, NOW)
  expect(trace.holds).toBe(true)
  expect('seen' in trace && String(trace.seen)).toHaveLength(501)
})

const field = fc.constantFrom('a', 'b', 'c')
const row = fc.record({ field, op: fc.constantFrom<Operator>('is', 'contains', 'is_set'), value: fc.constantFrom('x', 'y') })
const { tree } = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    row,
    fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ none: fc.array(tie('tree'), { maxLength: 3 }) }),
  ),
}))

test('none is the contrary of any, and all that of any of the contraries', () => {
  fc.assert(
    fc.property(
      fc.array(tree, { minLength: 1, maxLength: 3 }),
      fc.dictionary(field, fc.constantFrom('x', 'y', 'xy')),
      (of, values) => {
        expect(holds({ none: of }, values)).toBe(!holds({ any: of }, values))
        expect(holds({ all: of }, values)).toBe(!holds({ any: of.map((one) => ({ none: [one] })) }, values))
      },
    ),
  )
})

test('a condition is read back as it was written, and what is too deep or too much is refused', () => {
  fc.assert(
    fc.property(tree, (condition) => {
      expect(Condition.parse(JSON.parse(JSON.stringify(condition)))).toEqual(JSON.parse(JSON.stringify(condition)))
    }),
  )
  let deep: Condition = { all: [] }
  for (let i = 0; i < 5; i++) deep = { any: [deep] }
  expect(Condition.safeParse(deep).error?.issues[0]?.message).toBe('groups are at most 5 deep')
  const rows = Array.from({ length: 60 }, () => ({ field: 'a', op: 'is_set' as const }))
  expect(Condition.safeParse({ all: [{ all: rows }, { any: rows }] }).error?.issues[0]?.message).toBe(
    'at most 100 rows; these are 120',
  )
  const patterns = Array.from({ length: 21 }, () => ({ field: 'a', op: 'matches' as const, value: 'x+' }))
  expect(Condition.safeParse({ all: patterns }).error?.issues[0]?.message).toBe('at most 20 rows with a pattern; these are 21')
  expect(rowsOf({ all: [{ all: rows }] })).toHaveLength(60)
  expect(Condition.safeParse({ field: 'Conversation', op: 'is', value: 1 }).success).toBe(false)
})

test.each<[Operator, FieldType, Json | undefined, RegExp | null]>([
  ['less_than', 'text', 3, /cannot be asked whether it less than/],
  ['is', 'text', '', /needs a value/],
  ['is_set', 'text', undefined, null],
  ['matches', 'text', '(', /cannot be used/],
  ['matches', 'text', '/order \\d+/i', /Write order \\d\+; case/],
  ['matches', 'text', '/orders/', null],
  ['older_than', 'date', '3 days', /as in 30m, 12h, 3d or 2w/],
  ['before', 'date', 'tomorrow', /needs a date/],
  ['at_least', 'number', 'many', /needs a number/],
  ['is_any_of', 'choice', [], /at least one/],
  ['has', 'set', 'vip', null],
])('%s of %s with %j says %s', (op, type, value, fault) => {
  const said = faultOfRow(value === undefined ? { field: 'f.g', op } : { field: 'f.g', op, value }, type)
  if (fault === null) expect(said).toBeNull()
  else expect(said).toMatch(fault)
})

test('every operator says what it is for, and lengths are read', () => {
  for (const types of Object.values(OPERATORS)) expect(types.length).toBeGreaterThan(0)
  expect(lengthMs('2w')).toBe(14 * 86_400_000)
  expect([lengthMs('3 d'), lengthMs(3), lengthMs('-1d'), lengthMs('1y')]).toEqual([null, null, null, null])
})

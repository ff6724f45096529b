import fc from 'fast-check'
import { expect, test } from 'vitest'
import { marked, wordsOf } from '../../../src/helpdesk/search/highlight.ts'
import { formatSearch, HAS, IS, momentOf, parseSearch, type SearchQuery } from '../../../src/helpdesk/search/search-query.ts'

const now = new Date('2026-11-21T12:00:00Z')

test('operators are understood in any order, with and without quotation marks', () => {
  expect(
    parseSearch(
      'Refund from:Ann@Example.org -"out of office" tag:"big order" is:open is:unassigned has:attachments in:support before:2026-11 after:7d number:#12',
    ),
  ).toEqual({
    terms: [
      { text: 'Refund', exact: false, without: false },
      { text: 'out of office', exact: true, without: true },
    ],
    from: ['ann@example.org'],
    to: [],
    tag: ['big order'],
    is: ['open', 'unassigned'],
    has: ['attachment'],
    in: 'support',
    assignee: null,
    number: 12,
    before: '2026-11',
    after: '7d',
    strange: [],
  })
})

test('what an operator does not understand is searched for as words, and named', () => {
  const query = parseSearch('is:lost before:yesterday 10:30 https://example.org/x')
  expect(query.strange).toEqual(['is:lost', 'before:yesterday'])
  expect(query.terms.map(({ text }) => text)).toEqual(['lost', 'yesterday', '10:30', 'https://example.org/x'])
})

test('anything that can be typed is a search, with limits', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 700 }), fc.string({ unit: 'grapheme', maxLength: 300 })), (text) => {
      const query = parseSearch(text)
      expect(query.terms.length).toBeLessThanOrEqual(12)
      for (const word of [query.before, query.after]) if (word !== null) expect(momentOf(word, now)).toBeInstanceOf(Date)
    }),
  )
})

const word = fc.stringMatching(/^[a-zäß退0-9][a-zäß退0-9@._-]{0,12}$/u)
const words = fc.array(word, { minLength: 1, maxLength: 3 }).map((each) => each.join(' '))
const some = <T>(of: fc.Arbitrary<T>) => fc.uniqueArray(of, { maxLength: 3 })
const queries: fc.Arbitrary<SearchQuery> = fc.record({
  terms: fc.array(
    fc.oneof(
      fc.record({ text: word, exact: fc.constant(false), without: fc.boolean() }),
      fc.record({ text: words, exact: fc.constant(true), without: fc.boolean() }),
    ),
    { maxLength: 4 },
  ),
  from: some(words),
  to: some(words),
  tag: some(words),
  is: some(fc.constantFrom(...IS)),
  has: some(fc.constantFrom(...HAS)),
  in: fc.option(word),
  assignee: fc.option(words),
  number: fc.option(fc.nat()),
  before: fc.option(fc.constantFrom('2026-11-01', '2025-02', '1999', '7d', '2w', '3m', '1y')),
  after: fc.option(fc.constantFrom('2026-11-01', '12d')),
  strange: fc.constant([]),
})

test('a search that is written down and read again is the same search', () => {
  fc.assert(
    fc.property(queries, (query) => {
      expect(parseSearch(formatSearch(query))).toEqual(query)
    }),
  )
})

test('marking changes no text, and marks what the words begin', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), some(words), (text, found) => {
      expect(
        marked(text, wordsOf(parseSearch(found.join(' '))))
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text)
    }),
  )
  const hits = (text: string, search: string) =>
    marked(text, wordsOf(parseSearch(search))).flatMap(({ text: t, isHit }) => (isHit ? [t] : []))
  expect(hits('Les crédits du Café', 'credit cafe')).toEqual(['crédits', 'Café'])
  expect(hits('我要申请退款，谢谢', '退款')).toEqual(['退款'])
  expect(hits('is this it', 'is')).toEqual(['is'])
})

test('ages are counted back from now, days are days', () => {
  expect(momentOf('7d', now)?.toISOString()).toBe('2026-11-14T12:00:00.000Z')
  expect(momentOf('2026-11', now)?.toISOString()).toBe('2026-11-01T00:00:00.000Z')
  expect(momentOf('2026-02-30', now)).toBeNull()
})

import { expect, test } from 'vitest'
import { objectIn, retryAfter, verdictOnError, wordsOf } from '../../../../src/delivery/providers/http/verdict.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const answer = (status: number, text = '', headers: Record<string, string> = {}) => ({ status, text, headers, whole: true })

test.each([
  ['120', 120],
  ['Sun, 22 Nov 2026 12:05:00 GMT', 300],
  ['Sun, 22 Nov 2026 11:00:00 GMT', 1],
  ['0', 1],
  ['999999999', 86_400],
  ['soon', null],
  ['', null],
] as const)('a wait written as %j is read as %s seconds', (value, seconds) => {
  expect(retryAfter(answer(429, '', { 'retry-after': value }), NOW)).toBe(seconds)
})

test.each([
  [400, 'unknown_permanent', true],
  [401, 'auth_failed', true],
  [404, 'configuration_wrong', true],
  [408, 'remote_temporary', false],
  [413, 'too_large', true],
  [418, 'unknown_permanent', true],
  [429, 'rate_limited', false],
  [500, 'remote_temporary', false],
  [503, 'service_closing', false],
  [599, 'remote_temporary', false],
  [302, 'configuration_wrong', true],
  [200, 'unknown_temporary', false],
] as const)('a status of %i without words that are known is %s', (status, found, isFinal) => {
  expect(verdictOnError(answer(status), null, [], NOW)).toMatchObject({ kind: 'refused', class: found, isFinal })
})

test('words beat codes, and codes beat the status, in the order of the table', () => {
  const rules = [
    { code: /^Limit/, text: /daily/, class: 'quota_exhausted', isFinal: false },
    { code: /^Limit/, class: 'rate_limited', isFinal: false, waitSeconds: 2 },
  ] as const
  const read = (text: string) => verdictOnError(answer(401), { code: 'LimitExceeded', text }, rules, NOW)
  expect(read('the daily one')).toMatchObject({ class: 'quota_exhausted', retryAfterSeconds: null })
  expect(read('another')).toMatchObject({ class: 'rate_limited', retryAfterSeconds: 2 })
  expect(verdictOnError(answer(401), null, rules, NOW)).toMatchObject({ class: 'auth_failed' })
})

test('of an error page the words are kept, of an endless one the beginning', () => {
  expect(wordsOf(answer(502, '<html><script>alert(1)</script><h1>Bad\n Gateway</h1></html>'))).toBe('an error page: Bad Gateway')
  expect(wordsOf(answer(500, 'x'.repeat(100_000))).length).toBeLessThanOrEqual(500)
  expect(wordsOf(answer(500))).toBe('no words')
  expect(wordsOf(answer(302, '', { location: 'https://example.org/' }))).toBe('no words to https://example.org/')
})

test('only an object is a document', () => {
  expect(objectIn('{"a":1}')).toEqual({ a: 1 })
  for (const text of ['', 'null', '[]', '1', '"x"', '{', '<html>']) expect(objectIn(text)).toBeNull()
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesPolicy, parsePolicy } from '../../../../src/delivery/providers/mx/mta-sts.ts'
import { DAY, SECOND } from '../../../../src/lib/clock.ts'

const LINES = ['version: STSv1', 'mode: enforce', 'mx: mail.example.org', 'mx: *.Example.NET', 'max_age: 604800']

test.each(['\r\n', '\n'])('a policy is read, whichever way its lines end: %j', (end) => {
  expect(parsePolicy(LINES.join(end) + end)).toEqual({
    mode: 'enforce',
    mx: ['mail.example.org', '*.example.net'],
    maxAgeMs: 7 * DAY,
  })
})

test('unknown fields are passed over, and of a field that stands twice the first counts', () => {
  const text = [...LINES, 'mode: none', 'comment: hello', 'max_age: 1'].join('\n')
  expect(parsePolicy(text)).toMatchObject({ mode: 'enforce', maxAgeMs: 7 * DAY })
})

test.each([
  ['nothing', ''],
  ['a page', '<html><body>Not found</body></html>'],
  ['another version', LINES.join('\n').replace('STSv1', 'STSv2')],
  ['a version that is not first', [...LINES.slice(1), LINES[0]].join('\n')],
  ['an unknown mode', LINES.join('\n').replace('enforce', 'strict')],
  ['no mail server', 'version: STSv1\nmode: enforce\nmax_age: 10'],
  ['no age', 'version: STSv1\nmode: enforce\nmx: a.test'],
  ['a negative age', 'version: STSv1\nmode: enforce\nmx: a.test\nmax_age: -1'],
])('%s is no policy', (_, text) => {
  expect(parsePolicy(text)).toBeNull()
})

test('a policy that is taken back needs no mail servers, and none lasts longer than a year', () => {
  expect(parsePolicy('version: STSv1\nmode: none\nmax_age: 9999999999')).toEqual({
    mode: 'none',
    mx: [],
    maxAgeMs: 31_557_600 * SECOND,
  })
})

test.each([
  ['mail.example.org', 'mail.example.org', true],
  ['MAIL.example.org.', 'mail.example.org', true],
  ['mail.example.org', 'example.org', false],
  ['a.example.net', '*.example.net', true],
  ['a.b.example.net', '*.example.net', false],
  ['example.net', '*.example.net', false],
  ['evilexample.net', '*.example.net', false],
])('the server %s under %s: %s', (host, pattern, allowed) => {
  expect(matchesPolicy(host, { mode: 'enforce', mx: [pattern] })).toBe(allowed)
})

test('whatever a server sends instead of a policy does no harm', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 500, unit: 'binary' }), (text) => {
      const policy = parsePolicy(text)
      expect(policy === null || policy.mode !== 'enforce' || policy.mx.length > 0).toBe(true)
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeSpf, parseSpf, type SpfTerm, spfTexts } from '../../../src/mail/records/spf.ts'

/** How a term is written; `+` is left out. */
function formatSpfTerm({ qualifier, mechanism, value, prefix }: SpfTerm): string {
  const sign = qualifier === '+' ? '' : qualifier
  const network =
    mechanism === 'ip6'
      ? prefix.six < 128
        ? `/${prefix.six}`
        : ''
      : `${prefix.four < 32 ? `/${prefix.four}` : ''}${prefix.six < 128 ? `//${prefix.six}` : ''}`
  return `${sign}${mechanism}${value === null ? '' : `:${value}`}${network}`
}

test('only texts that begin as SPF are SPF', () => {
  expect(spfTexts(['v=spf1', 'v=spf1 -all', 'V=SPF1 -all', 'v=spf10 -all', ' v=spf1', 'google-site-verification=x'])).toEqual([
    'v=spf1',
    'v=spf1 -all',
    'V=SPF1 -all',
  ])
})

test('a record is read term by term', () => {
  const read = parseSpf(
    'v=spf1 +a mx:mail.Example.org/24//64 ip6:2001:db8::/32 ?include:_spf.example.net exp=x.example redirect=other.example -all',
  )
  expect(read.ok && read.terms.map(formatSpfTerm)).toEqual([
    'a',
    'mx:mail.example.org/24//64',
    'ip6:2001:db8::/32',
    '?include:_spf.example.net',
    '-all',
  ])
  expect(read).toMatchObject({ redirect: 'other.example' })
})

test.each([
  ['v=spf1 include -all', 'nothing after'],
  ['v=spf1 ipv4:192.0.2.1 -all', 'ipv4'],
  ['v=spf1 ip4:192.0.2.1/33 -all', 'longer than an address'],
  ['v=spf1 192.0.2.1 -all', '192.0.2.1'],
  ['v=spf1 all:x', '"all"'],
  ['v=spf1 redirect=a redirect=b', 'twice'],
])('%s cannot be read, and it says why', (text, why) => {
  const read = parseSpf(text)
  expect(read.ok ? '' : read.why).toContain(why)
})

test.each([
  [null, [], 'v=spf1 mx ~all'],
  [null, ['include:a.example'], 'v=spf1 include:a.example ~all'],
  ['v=spf1 -all', ['include:a.example'], 'v=spf1 include:a.example -all'],
  ['v=spf1 mx ip4:192.0.2.1 ~all', ['mx', 'a:mail.example'], 'v=spf1 mx ip4:192.0.2.1 a:mail.example ~all'],
  ['v=spf1 +include:a.example -all', ['include:a.example'], 'v=spf1 +include:a.example -all'],
  ['v=spf1 mx', ['a'], 'v=spf1 mx a ~all'],
  ['v=spf1 mx redirect=x.example', ['a'], 'v=spf1 mx a redirect=x.example'],
  ['v=spf1 mx +all', ['a'], 'v=spf1 mx a ~all'],
])('what is needed joins %s', (existing, needed, merged) => {
  expect(mergeSpf(existing, needed)).toBe(merged)
})

const term = fc.oneof(
  fc.constantFrom(
    'mx',
    'a',
    '~a:x.example',
    'include:_spf.example',
    'ip4:192.0.2.0/24',
    'ip6:2001:db8::1',
    'exists:%{i}.x.example',
  ),
)

test('merging twice adds nothing more, loses nothing, and what comes out can be read', () => {
  fc.assert(
    fc.property(
      fc.array(term),
      fc.constantFrom('', ' -all', ' ~all', ' ?all'),
      fc.uniqueArray(term, { maxLength: 4 }),
      (have, end, needed) => {
        const existing = `v=spf1${have.map((each) => ` ${each}`).join('')}${end}`
        const once = mergeSpf(existing, needed)
        expect(mergeSpf(once, needed)).toBe(once)
        for (const word of existing.split(' ')) expect(once.split(' ')).toContain(word)
        for (const word of needed) expect(once.split(' ')).toContain(word)
        expect(parseSpf(once).ok).toBe(true)
      },
    ),
  )
})

test('no text makes reading fail', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseSpf(`v=spf1 ${text}`)))
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Dmarc,
  dmarcTexts,
  organisationalDomain,
  parseDmarc,
  policyFor,
  treeWalk,
  withPolicy,
} from '../../../src/mail/records/dmarc.ts'

function dmarc(text: string): Dmarc {
  const read = parseDmarc(`v=DMARC1; ${text}`)
  if (!read.ok) throw new Error(read.why)
  return read.dmarc
}

test('only texts that begin as DMARC are DMARC', () => {
  expect(
    dmarcTexts(['v=DMARC1; p=none', 'v=DMARC1;p=none', 'v=dmarc1; p=none', 'p=none; v=DMARC1', 'v=DMARC12; p=none']),
  ).toEqual(['v=DMARC1; p=none', 'v=DMARC1;p=none'])
})

test('a record is read, with the defaults of what it leaves out', () => {
  expect(dmarc('p=reject; sp=quarantine; adkim=s; rua=mailto:a@example.org, https://x.example/r; t=y; pct=50')).toEqual({
    policy: 'reject',
    subdomains: 'quarantine',
    missingSubdomains: null,
    strictDkim: true,
    strictSpf: false,
    reports: ['mailto:a@example.org', 'https://x.example/r'],
    testing: true,
    publicSuffix: 'u',
    outdated: ['pct'],
  })
  expect(dmarc('rua=mailto:a@example.org').policy).toBe('none')
})

test.each(['', 'p=maybe', 'p=none; p=none', 'p=none; adkim=x', 'none'])('"%s" is no policy', (text) => {
  expect(parseDmarc(`v=DMARC1; ${text}`).ok).toBe(false)
})

// RFC 9989 §4.10, Appendix
test('the walk asks the name, then cuts long names to seven labels and goes up to the top', () => {
  expect(treeWalk('a.b.c.example.com')).toEqual(['a.b.c.example.com', 'b.c.example.com', 'c.example.com', 'example.com', 'com'])
  const long = treeWalk('a.b.c.d.e.f.g.h.i.j.mail.example.com')
  expect(long).toHaveLength(8)
  expect(long.slice(0, 2)).toEqual(['a.b.c.d.e.f.g.h.i.j.mail.example.com', 'g.h.i.j.mail.example.com'])
})

test('a walk never asks more than eight times, and ends at the top', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 40 }), (labels) => {
      const names = treeWalk(labels.join('.'))
      expect(names.length).toBeLessThanOrEqual(8)
      expect(names.at(-1)).toBe(labels.at(-1))
    }),
  )
})

test('the organisation is the highest that says something, or what a registry or the owner says', () => {
  const found = (domain: string, text: string) => ({ domain, dmarc: dmarc(text) })
  expect(organisationalDomain('a.example.com', [])).toBe('a.example.com')
  expect(organisationalDomain('a.b.example.com', [found('b.example.com', 'p=none'), found('example.com', 'p=reject')])).toBe(
    'example.com',
  )
  expect(
    organisationalDomain('a.b.example.com', [found('b.example.com', 'p=none; psd=n'), found('example.com', 'p=reject')]),
  ).toBe('b.example.com')
  expect(organisationalDomain('a.shop.gov.example', [found('gov.example', 'p=none; psd=y')])).toBe('shop.gov.example')
})

test('mail of a subdomain without a record of its own follows what its organisation says of subdomains', () => {
  const above = { domain: 'example.com', dmarc: dmarc('p=reject; sp=none') }
  const own = { domain: 'a.example.com', dmarc: dmarc('p=quarantine') }
  expect(policyFor('a.example.com', [above])).toMatchObject({ from: 'example.com', policy: 'none' })
  expect(policyFor('a.example.com', [own, above])).toMatchObject({ from: 'a.example.com', policy: 'quarantine' })
  expect(policyFor('a.example.com', [])).toBeNull()
})

test('another policy leaves the rest of a record alone', () => {
  expect(withPolicy('v=DMARC1; p=none; rua=mailto:a@b.example', 'quarantine')).toBe(
    'v=DMARC1; p=quarantine; rua=mailto:a@b.example',
  )
  expect(withPolicy('v=DMARC1;sp=none;p = none', 'reject')).toBe('v=DMARC1;sp=none;p = reject')
  expect(withPolicy('v=DMARC1; rua=mailto:a@b.example;', 'none')).toBe('v=DMARC1; rua=mailto:a@b.example; p=none')
})

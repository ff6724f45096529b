import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AccountCheck, check } from '../../../src/delivery/provider-accounts/account.ts'
import { judgeListing, questionOf, readAnswer, trialsOf } from '../../../src/insight/reputation/blocklist-answer.ts'
import { BLOCKLISTS, type Blocklist } from '../../../src/insight/reputation/blocklists.ts'
import { judgeComplaints } from '../../../src/insight/reputation/complaints.ts'
import { afterLook } from '../../../src/insight/reputation/finding.ts'
import { type AccountFacts, judgeAccount } from '../../../src/insight/reputation/provider-account.ts'
import { isGeneric, judgeReverse } from '../../../src/insight/reputation/reverse-dns.ts'

const list = (zone: string) => BLOCKLISTS.find((each) => each.zone === zone) as Blocklist
const zen = list('zen.spamhaus.org')

test('an address is asked about with its numbers reversed, IPv6 by the nibble, a domain as it is', () => {
  expect(questionOf(zen, '192.0.2.99')).toBe('99.2.0.192.zen.spamhaus.org')
  // The example of RFC 5782 §2.4.
  expect(questionOf({ zone: 'ugly.example.com', asks: ['ip6'] }, '2001:db8:1:2:3:4:567:89ab')).toBe(
    'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ugly.example.com',
  )
  expect(questionOf(list('dbl.spamhaus.org'), 'Shop.Example.')).toBe('shop.example.dbl.spamhaus.org')
  expect(questionOf(zen, 'shop.example')).toBe(null)
  expect(questionOf(list('bl.spamcop.net'), '2001:db8::1')).toBe(null)
})

test('an answer that no listing gives is never taken for one', () => {
  fc.assert(
    fc.property(fc.constantFrom(...BLOCKLISTS), fc.array(fc.ipV4(), { maxLength: 4 }), (each, codes) => {
      const answer = readAnswer(
        each,
        codes.filter((code) => !code.startsWith('127.') || code.startsWith('127.255.')),
      )
      expect(['refused', 'not_listed']).toContain(answer.kind)
      expect(judgeListing(each, '192.0.2.1', answer, null).state).toBe(answer.kind === 'refused' ? 'unknown' : 'good')
    }),
  )
})

test.each([
  ['zen.spamhaus.org', ['127.0.0.2', '127.0.0.10'], 'listed'],
  ['zen.spamhaus.org', ['127.255.255.254'], 'refused'],
  ['zen.spamhaus.org', ['127.255.255.252', '127.0.0.4'], 'listed'],
  ['zen.spamhaus.org', ['93.184.216.34'], 'refused'],
  ['zen.spamhaus.org', [], 'not_listed'],
  ['dbl.spamhaus.org', ['127.0.1.255'], 'refused'],
  ['dbl.spamhaus.org', ['127.0.1.2'], 'listed'],
  ['multi.uribl.com', ['127.0.0.1'], 'refused'],
  ['multi.surbl.org', ['127.0.0.64'], 'listed'],
] as const)('%s answering %j is %s', (zone, codes, kind) => {
  expect(readAnswer(list(zone), codes).kind).toBe(kind)
})

test('a listing says which list, why, and where to go', () => {
  const judged = judgeListing(zen, '192.0.2.1', readAnswer(zen, ['127.0.0.3']), 'https://www.spamhaus.org/css')
  expect(judged).toMatchObject({
    state: 'bad',
    sentence: '192.0.2.1 is on Spamhaus ZEN (CSS: behaves like a spammer): https://www.spamhaus.org/css.',
  })
  expect(judged.hint).toContain('https://check.spamhaus.org/')
})

test('every list has a trial of both kinds, a name and a way off', () => {
  for (const each of BLOCKLISTS) {
    expect(trialsOf(each).listed).not.toBe(trialsOf(each).unlisted)
    expect(each.removal).toMatch(/^https:\/\//)
  }
  expect(new Set(BLOCKLISTS.map(({ zone }) => zone)).size).toBe(BLOCKLISTS.length)
})

const reverse = { address: '192.0.2.1', heloName: 'mail.shop.example' }
test.each([
  ['no name', { names: 'nxdomain', forward: {} }, 'bad'],
  ['a name nobody can look up now', { names: 'servfail', forward: {} }, 'unknown'],
  ['a name that leads elsewhere', { names: ['a.example'], forward: { 'a.example': ['198.51.100.7'] } }, 'bad'],
  ['a name that does not exist', { names: ['a.example'], forward: { 'a.example': 'nxdomain' } }, 'bad'],
  ['a name whose zone is silent', { names: ['a.example'], forward: { 'a.example': 'timeout' } }, 'unknown'],
  [
    'a name made of the address',
    { names: ['host-192-0-2-1.isp.example'], forward: { 'host-192-0-2-1.isp.example': ['192.0.2.1'] } },
    'warning',
  ],
  ['another name than it says', { names: ['b.example'], forward: { 'b.example': ['192.0.2.1'] } }, 'warning'],
  ['its own name', { names: ['mail.shop.example'], forward: { 'mail.shop.example': ['192.0.2.9', '192.0.2.1'] } }, 'good'],
] as const)('an address with %s', (_, facts, state) => {
  const judged = judgeReverse({ ...reverse, ...facts })
  expect(judged.state).toBe(state)
  expect(judged.hint !== '').toBe(state === 'bad' || state === 'warning')
})

test('IPv6 is the same however it is written, and names are generic only when the numbers are in them', () => {
  const forward = { 'mail.shop.example': ['2001:DB8:0:0:0:0:0:1'] }
  expect(judgeReverse({ ...reverse, address: '2001:db8::1', names: ['mail.shop.example'], forward }).state).toBe('good')
  expect(isGeneric('c0000201.dyn.example', '192.0.2.1')).toBe(true)
  expect(isGeneric('1.2.0.192.in.example', '192.0.2.1')).toBe(true)
  expect(isGeneric('mx1.shop.example', '192.0.2.1')).toBe(false)
})

test.each([
  [50, 5, 'unknown'],
  [1_000, 0, 'good'],
  [500, 2, 'good'],
  [10_000, 9, 'good'],
  [10_000, 10, 'warning'],
  [10_000, 29, 'warning'],
  [10_000, 30, 'bad'],
] as const)('of %i messages %i reported as spam is %s', (sent, complained, state) => {
  expect(judgeComplaints({ receiver: 'yahoo', days: 7, sent, complained }).state).toBe(state)
})

const fine: AccountFacts['checks'] = [
  check('key', 'ok', 0, 'There is one.'),
  check('login', 'ok', 0, 'Taken.'),
  check('sending', 'ok', 0, 'Sending enabled.'),
  check('quota', 'ok', 0, '100 of 50,000 mails were sent in the last 24 hours.'),
  check('domains', 'fail', 0, 'No domain.'),
]
const but = (changed: AccountCheck): AccountFacts['checks'] => fine.map((each) => (each.id === changed.id ? changed : each))
const quota = (used: number) => ({ used, limit: 50_000, per: '24 hours' as const, perSecond: 14 })
test.each([
  ['nothing against it', fine, quota(100), 'good'],
  ['no quota', fine, null, 'good'],
  ['most of its quota used', fine, quota(41_000), 'warning'],
  ['an eye on it', but(check('sending', 'warn', 0, 'On probation.', 'Bounces.')), quota(100), 'warning'],
  ['that it has stopped it', but(check('sending', 'fail', 0, 'Disabled.', 'See there.')), quota(100), 'bad'],
  ['that all of it is used', but(check('quota', 'fail', 0, 'All of it.', 'Wait.')), quota(50_000), 'bad'],
  ['nothing at all', fine.map((each) => check(each.id, 'skip', 0, 'Not reached.')), null, 'unknown'],
] as const)('an account of which the provider says that it has %s', (_, checks, used, state) => {
  expect(judgeAccount({ routeName: 'SES', checks, quota: used }).state).toBe(state)
})

test('not knowing neither blames nor clears', () => {
  const states = fc.constantFrom('good', 'warning', 'bad', 'unknown' as const)
  fc.assert(
    fc.property(fc.option(states, { nil: null }), states, (before, now) => {
      const after = afterLook(before && { state: before }, { state: now })
      expect(after.state).toBe(now === 'unknown' ? (before ?? 'unknown') : now)
    }),
  )
})

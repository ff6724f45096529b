import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type CanaryRun,
  causeOf,
  conditionOf,
  isAuthenticated,
  type SeenAuthentication,
} from '../../../src/insight/canary/canary.ts'

type Told = Pick<CanaryRun, 'state' | 'folder' | 'results'>
const seen = (change: Partial<SeenAuthentication> = {}): SeenAuthentication => ({
  server: 'mx',
  spf: 'pass',
  dkim: 'pass',
  dmarc: 'pass',
  tls: true,
  ...change,
})
const arrived: Told = { state: 'arrived', folder: 'inbox', results: seen() }
const spam: Told = { state: 'arrived', folder: 'junk', results: seen() }
const forged: Told = { state: 'arrived', folder: 'inbox', results: seen({ dmarc: 'fail' }) }
const missing: Told = { state: 'missing', folder: null, results: null }
const unread: Told = { state: 'unread', folder: null, results: null }
const sent: Told = { state: 'sent', folder: null, results: null }

test.each([
  ['nothing was sent yet', [], 'new'],
  ['the first is under way', [sent], 'new'],
  ['it arrives', [arrived], 'arriving'],
  ['one is late', [missing, arrived, arrived], 'late'],
  ['two are', [missing, missing, arrived], 'late'],
  ['three are missing', [missing, missing, missing, arrived], 'missing'],
  ['the next is under way', [sent, missing, missing, missing], 'missing'],
  ['what could not be looked for says nothing', [unread, missing, unread, missing, missing], 'missing'],
  ['one arrives again', [arrived, missing, missing, missing], 'arriving'],
  ['one in the spam folder is an accident', [spam, arrived, arrived], 'arriving'],
  ['three are a judgement', [spam, spam, spam, arrived], 'spam'],
  ['three without authentication too', [forged, forged, forged], 'unauthenticated'],
] as const)('%s', (_, runs, condition) => {
  expect(conditionOf(runs)).toBe(condition)
})

test('runs that are under way or could not be read never change how a canary fares', () => {
  const telling = fc.array(fc.constantFrom(arrived, spam, forged, missing), { maxLength: 8 })
  const silent = fc.array(fc.constantFrom(sent, unread), { maxLength: 4 })
  fc.assert(
    fc.property(telling, silent, fc.nat(8), (runs, more, at) => {
      const mixed = [...runs.slice(0, at), ...more, ...runs.slice(at)]
      expect(conditionOf(mixed)).toBe(conditionOf(runs))
    }),
  )
})

test.each([
  [{ dmarc: 'pass', spf: 'fail', dkim: 'fail' }, true],
  [{ dmarc: 'fail', spf: 'pass', dkim: 'pass' }, false],
  [{ dmarc: null, spf: 'softfail', dkim: 'pass' }, true],
  [{ dmarc: 'none', spf: 'fail', dkim: 'none' }, false],
  [{ dmarc: null, spf: null, dkim: null }, true],
] as const)('authentication %j is good enough: %s', (results, expected) => {
  expect(isAuthenticated(seen(results))).toBe(expected)
})

const facts = {
  routeName: 'Relay',
  minutes: 10,
  delivery: { state: 'sent', why: null },
  arrivingThrough: [],
  hasOtherRoutes: false,
}
test.each([
  [{}, 'Relay took it, and after 10 minutes it is neither in the inbox nor in the spam folder'],
  [
    { arrivingThrough: ['Scaleway'], hasOtherRoutes: true },
    'Relay took it, and after 10 minutes it is neither in the inbox nor in the spam folder; through Scaleway the same message arrives, so it is lost behind Relay',
  ],
  [
    { delivery: { state: 'queued', why: 'Connection refused by relay.test.' } },
    'it never left this server: Connection refused by relay.test',
  ],
  [
    { delivery: { state: 'bounced', why: 'The address does not exist.' } },
    'Relay did not take it (bounced): The address does not exist',
  ],
  [{ delivery: null }, 'its delivery is no longer kept'],
] as const)('the cause says whose side it is on: %j', (change, cause) => {
  expect(causeOf({ ...facts, ...change })).toBe(cause)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ACTIONS,
  actionsOf,
  DELIVERY_STATES,
  isLive,
  LIVE_STATES,
  opensCircuit,
  policyWhenUnknown,
  recover,
  SETTLED_STATES,
  settle,
} from '../../src/delivery/delivery.ts'
import { outcomeOf, type SendOutcome } from '../../src/delivery/outcome.ts'
import { STREAMS, UNKNOWN_POLICIES } from '../../src/delivery/stream.ts'
import { HOUR, MINUTE, SECOND } from '../../src/lib/clock.ts'
import { ANSWERS, FAILURES } from '../support/failures.ts'

const NOW = new Date('2026-11-21T12:00:00.000Z')
const later = (ms: number) => new Date(NOW.getTime() + ms)
const SENDING = { stream: 'transactional', attempt: 3, failures: 1, resends: 0, expiresAt: later(24 * HOUR) } as const
const ACCEPTED: SendOutcome = { kind: 'accepted', reply: { code: 250, enhanced: '2.0.0', text: 'taken' } }
const UNSENT: SendOutcome = { kind: 'unsent', why: 'the route is being closed' }
const GONE: SendOutcome = { kind: 'failed', code: 'content_missing', sentence: 'Gone.', hint: 'Send it again.' }

const outcomes: Record<string, SendOutcome> = {
  ...Object.fromEntries(Object.entries(ANSWERS).map(([name, answer]) => [name, outcomeOf(answer)])),
  accepted: ACCEPTED,
  unsent: UNSENT,
  gone: GONE,
}

test.each([
  ['taken by the next hop', ACCEPTED, { state: 'sent', reply: { code: 250 } }],
  [
    'greylisted',
    outcomeOf(ANSWERS.greylisted),
    { state: 'queued', failures: 2, dueAt: later(15 * MINUTE), reason: { code: 'greylisted' } },
  ],
  ['an unknown user', outcomeOf(ANSWERS.userUnknown), { state: 'bounced', failures: 2, reason: { code: 'recipient_unknown' } }],
  ['a refused body', outcomeOf(ANSWERS.spam), { state: 'bounced', failures: 2, reason: { code: 'content_spam' } }],
  [
    'an answer that was not heard',
    outcomeOf(ANSWERS.swallowed),
    { state: 'unknown', policy: 'resend', reason: { code: 'no_reply_after_dot' } },
  ],
  ['a refused relay', outcomeOf(ANSWERS.refused), { state: 'queued', failures: 1, dueAt: NOW, reason: { code: 'tcp_refused' } }],
  [
    'a refused log-in',
    outcomeOf(ANSWERS.wrongPassword),
    { state: 'queued', failures: 1, dueAt: NOW, reason: { code: 'auth_failed' } },
  ],
  [
    'a used up quota',
    outcomeOf(ANSWERS.quota),
    { state: 'queued', failures: 1, dueAt: NOW, reason: { code: 'quota_exhausted' } },
  ],
  ['a sender that may not be used', outcomeOf(ANSWERS.senderRejected), { state: 'held', reason: { code: 'sender_rejected' } }],
  ['a handoff that was not offered', UNSENT, { state: 'queued', failures: 1, dueAt: NOW, reason: null }],
  ['a content that is gone', GONE, { state: 'failed', failures: 1, reason: { code: 'content_missing' } }],
])('%s makes of a delivery what it should', (_, outcome, expected) => {
  expect(settle(SENDING, outcome, 0, NOW)).toMatchObject(expected)
})

test('a try that would come after the end of its life expires, and says of what', () => {
  const settled = settle({ ...SENDING, expiresAt: later(10 * MINUTE) }, outcomeOf(ANSWERS.greylisted), 0, NOW)
  expect(settled).toMatchObject({ state: 'expired', failures: 2, reason: { code: 'expired', failure: { class: 'greylisted' } } })
  expect(settled).toHaveProperty('reason.sentence', expect.stringContaining('Greylisted, come back later'))
})

test('a receiver that slows us down is given its time and the message loses no try', () => {
  const slowed = { ...FAILURES.greylisted, scope: 'receiver', ladder: 'deferral', retryAfterSeconds: 60 } as const
  expect(settle(SENDING, { kind: 'blocked', failure: slowed }, 0, NOW)).toMatchObject({
    state: 'queued',
    failures: 1,
    dueAt: later(70 * SECOND),
  })
})

const anySending = fc.record({
  stream: fc.constantFrom(...STREAMS),
  attempt: fc.integer({ min: 1, max: 50 }),
  failures: fc.integer({ min: 0, max: 40 }),
  resends: fc.integer({ min: 0, max: 3 }),
  expiresAt: fc.integer({ min: -HOUR, max: 72 * HOUR }).map(later),
})
const anyOutcome = fc.constantFrom(...Object.values(outcomes))
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('failures grow by one where the message or its recipient was the cause, and never otherwise', () => {
  fc.assert(
    fc.property(anySending, anyOutcome, anyRandom, (sending, outcome, random) => {
      const settled = settle(sending, outcome, random, NOW)
      const costs = outcome.kind === 'deferred' || outcome.kind === 'rejected'
      if ('failures' in settled) expect(settled.failures).toBe(sending.failures + (costs ? 1 : 0))
    }),
  )
})

test('whatever happened, a delivery that did not arrive either has a time or says why it has none', () => {
  fc.assert(
    fc.property(anySending, anyOutcome, anyRandom, (sending, outcome, random) => {
      const settled = settle(sending, outcome, random, NOW)
      if (settled.state === 'sent') return
      if (settled.state === 'queued') expect(settled.dueAt.getTime()).toBeGreaterThanOrEqual(NOW.getTime())
      else expect(settled.reason.sentence).not.toBe('')
    }),
  )
})

test('nothing is tried again after the end of its life', () => {
  fc.assert(
    fc.property(anySending, anyOutcome, anyRandom, (sending, outcome, random) => {
      const settled = settle(sending, outcome, random, NOW)
      // Behind a circuit, or not offered at all, it is simply due: the claim looks at its end.
      if (settled.state === 'queued' && settled.dueAt > NOW)
        expect(settled.dueAt.getTime()).toBeLessThan(sending.expiresAt.getTime())
    }),
  )
})

test('an unheard answer is followed by one more try at the most, then by a person', () => {
  fc.assert(
    fc.property(fc.constantFrom(...UNKNOWN_POLICIES), fc.integer({ min: 1, max: 9 }), (wanted, resends) => {
      expect(policyWhenUnknown(wanted, 0)).toBe(wanted)
      expect(policyWhenUnknown(wanted, resends)).toBe(wanted === 'leave' ? 'leave' : 'ask')
    }),
  )
})

test.each([
  ['transactional', 'resend'],
  ['conversation', 'ask'],
  ['bulk', 'leave'],
] as const)('an unheard answer on the %s stream: %s', (stream, policy) => {
  expect(settle({ ...SENDING, stream }, outcomeOf(ANSWERS.swallowed), 0, NOW)).toMatchObject({ state: 'unknown', policy })
  expect(recover({ ...SENDING, stream, leasePosition: 5 }, 5, NOW)).toMatchObject({ state: 'unknown', policy })
})

test('of a dispatcher that disappeared, what lies beyond its window waits again and nothing else does', () => {
  fc.assert(
    fc.property(anySending, fc.nat(1_000), fc.nat(1_000), (sending, leasePosition, windowPosition) => {
      const recovered = recover({ ...sending, leasePosition }, windowPosition, NOW)
      expect(recovered.state).toBe(leasePosition > windowPosition ? 'queued' : 'unknown')
      if (recovered.state === 'queued')
        expect(recovered).toEqual({ state: 'queued', dueAt: NOW, failures: sending.failures, reason: null })
    }),
  )
})

test('only a failure of the route or of this server opens a circuit', () => {
  const opening = Object.entries(FAILURES).filter(([, failure]) => opensCircuit(failure))
  expect(opening.map(([name]) => name)).toEqual(['refused', 'wrongPassword', 'quota'])
})

test('every state is live or settled', () => {
  expect(DELIVERY_STATES.filter(isLive)).toEqual([...LIVE_STATES])
  expect(DELIVERY_STATES.filter((state) => !isLive(state))).toEqual([...SETTLED_STATES])
})

test('what a person may do is what makes sense in the state', () => {
  const table = Object.fromEntries(DELIVERY_STATES.map((state) => [state, actionsOf({ state }).join(' ')]))
  expect(table).toEqual({
    queued: 'retry hold cancel',
    sending: '',
    held: 'release cancel',
    unknown: 'resend leave hold cancel',
    ...Object.fromEntries(SETTLED_STATES.map((state) => [state, 'resend'])),
  })
  for (const action of ACTIONS) expect(Object.values(table).some((actions) => actions.includes(action))).toBe(true)
})

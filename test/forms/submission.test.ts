import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideConsent, STANDINGS } from '../../src/contacts/consent/consent.ts'
import { judge, mayConfirm, type SubmissionFacts } from '../../src/forms/submission.ts'

const facts: fc.Arbitrary<SubmissionFacts> = fc.record({
  honeypot: fc.boolean(),
  isUnproven: fc.boolean(),
  doubleOptIn: fc.boolean(),
  isKnown: fc.boolean(),
  unreachable: fc.constantFrom(null, 'complaint' as const, 'unknown_address' as const, 'blocked' as const),
  deniedBefore: fc.boolean(),
  mails: fc.nat(5),
  mostMails: fc.integer({ min: 1, max: 5 }),
})

test('no submission counts without proof for anybody who is known, or where somebody has to confirm', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const verdict = judge(given)
      if (verdict.kind === 'accept') {
        expect(given).toMatchObject({ isKnown: false, doubleOptIn: false, isUnproven: false, honeypot: false, unreachable: null })
      }
    }),
  )
})

test('no mail goes to who complained, does not exist, was blocked, said no, or got enough; and who is refused got a reason', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const verdict = judge(given)
      if (verdict.kind === 'ask') {
        expect([given.honeypot, given.unreachable, given.deniedBefore]).toEqual([false, null, false])
        expect(given.mails).toBeLessThan(given.mostMails)
      }
      if (verdict.kind === 'refuse') expect(verdict.reason).not.toBe('')
    }),
  )
})

test('what is accepted at once is a first word: it takes nothing from anybody, and lists with double opt-in are never joined by it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...STANDINGS), fc.constantFrom('single' as const, 'double' as const), (was, optIn) => {
      const answer = decideConsent({ was, wants: 'subscribed', source: 'form', optIn, isOverride: false })
      const became = answer.kind === 'becomes' ? answer.standing : was
      if (was === 'subscribed') expect(became).toBe('subscribed')
      if (optIn === 'double' && was !== 'subscribed') expect(became).not.toBe('subscribed')
      if (was === 'unsubscribed') expect(became).not.toBe('subscribed')
    }),
  )
})

test('a confirmed submission never lowers anybody, whoever said what before', () => {
  fc.assert(
    fc.property(fc.constantFrom(...STANDINGS), fc.constantFrom('single' as const, 'double' as const), (was, optIn) => {
      const answer = decideConsent({ was, wants: 'subscribed', source: 'recipient', optIn, isOverride: false })
      expect(answer.kind === 'becomes' ? answer.standing : was).toBe('subscribed')
    }),
  )
})

test('a link confirms while it waits and until its time', () => {
  const confirmBy = new Date('2026-11-21T12:00:00Z')
  const before = new Date(confirmBy.getTime() - 1)
  expect(mayConfirm({ state: 'waiting', confirmBy }, before)).toBe(true)
  expect(mayConfirm({ state: 'waiting', confirmBy }, confirmBy)).toBe(false)
  for (const state of ['confirmed', 'accepted', 'expired', 'denied', 'refused'] as const)
    expect(mayConfirm({ state, confirmBy }, before), state).toBe(false)
})

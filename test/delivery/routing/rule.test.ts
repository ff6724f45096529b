import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  fineRulesOf,
  hasFineConditions,
  type LaneFacts,
  type MailFacts,
  type Rule,
  type RuleConditions,
  ruleOf,
} from '../../../src/delivery/routing/rule.ts'
import { STREAMS } from '../../../src/delivery/stream.ts'
import type { RuleId } from '../../../src/lib/ids.ts'

const rule = (id: string, conditions: RuleConditions, more: Partial<Rule> = {}): Rule => ({
  id: id as RuleId,
  position: 0,
  name: id,
  enabled: true,
  conditions,
  targets: [],
  trip: null,
  ...more,
})
const LANE: LaneFacts = { stream: 'bulk', fromDomain: 'example.com', receiver: 'google', fine: [] }
const MAIL: MailFacts = { tags: ['news'], sizeBytes: 5_000, recipientDomain: 'gmail.com' }

test('the first enabled rule whose conditions all hold decides, and without one nothing does', () => {
  const rules = [
    rule('off', {}, { enabled: false }),
    rule('codes', { streams: ['transactional'] }),
    rule('google', { receivers: ['google'], from_domains: ['example.com'] }),
    rule('all', {}),
  ]
  expect(ruleOf(rules, LANE)?.id).toBe('google')
  expect(ruleOf(rules, { ...LANE, stream: 'transactional' })?.id).toBe('codes')
  expect(ruleOf(rules, { ...LANE, receiver: 'yahoo' })?.id).toBe('all')
  expect(ruleOf(rules.slice(0, 3), { ...LANE, fromDomain: 'example.net' })).toBeNull()
})

test('tag, size and recipient domain are looked at mail by mail', () => {
  const rules = [
    rule('tagged', { tags: ['news', 'offers'] }),
    rule('large', { min_bytes: 1_000_000 }),
    rule('small', { max_bytes: 10_000, recipient_domains: ['gmail.com'] }),
    rule('coarse', { streams: ['bulk'] }),
  ]
  expect(fineRulesOf(rules, MAIL)).toEqual(['small', 'tagged'])
  expect(fineRulesOf(rules, { ...MAIL, tags: [], recipientDomain: 'example.org' })).toEqual([])
  expect(fineRulesOf(rules, { ...MAIL, tags: [], sizeBytes: 1_000_000 })).toEqual(['large'])
})

const some = <T>(values: readonly T[]) => fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined })
const conditions: fc.Arbitrary<RuleConditions> = fc
  .record({
    streams: some(STREAMS),
    from_domains: some(['example.com', 'example.net']),
    receivers: some(['google', 'yahoo', 'other']),
    recipient_domains: some(['gmail.com', 'example.org']),
    tags: some(['news', 'code']),
    min_bytes: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
    max_bytes: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as RuleConditions)

test('sorting mail into lanes first and asking the rules there finds what asking them of the mail would', () => {
  const facts = fc.record({
    stream: fc.constantFrom(...STREAMS),
    fromDomain: fc.constantFrom('example.com', 'example.net', 'example.org'),
    receiver: fc.constantFrom('google', 'yahoo', 'other'),
    tags: fc.subarray(['news', 'code', 'else']),
    sizeBytes: fc.integer({ min: 1, max: 20_000 }),
    recipientDomain: fc.constantFrom('gmail.com', 'example.org', 'example.net'),
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(conditions, fc.boolean()), { maxLength: 6 }), facts, (list, mail) => {
      const rules = list.map(([given, enabled], i) => rule(`r${i}`, given, { enabled }))
      const holds = ({ conditions: c, enabled }: Rule) =>
        enabled &&
        (c.streams?.includes(mail.stream) ?? true) &&
        (c.from_domains?.includes(mail.fromDomain) ?? true) &&
        (c.receivers?.includes(mail.receiver) ?? true) &&
        (c.recipient_domains?.includes(mail.recipientDomain) ?? true) &&
        (c.tags?.some((tag) => mail.tags.includes(tag)) ?? true) &&
        mail.sizeBytes >= (c.min_bytes ?? 0) &&
        mail.sizeBytes <= (c.max_bytes ?? Number.POSITIVE_INFINITY)
      const found = ruleOf(rules, { ...mail, fine: fineRulesOf(rules, mail) })
      expect(found).toBe(rules.find(holds) ?? null)
    }),
  )
})

test('only rules with a condition on the mail itself make lanes finer', () => {
  expect(hasFineConditions(rule('r', { streams: ['bulk'], receivers: ['google'] }))).toBe(false)
  expect(hasFineConditions(rule('r', { tags: ['news'] }))).toBe(true)
})

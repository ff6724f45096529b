import { expect, test } from 'vitest'
import { ruleAgainst } from '../../../src/inbound/decide.ts'
import { patternOf, problemOf, type RuleField } from '../../../src/inbound/ignoring/rule.ts'

test.each<[RuleField, string]>([
  ['from', '*@lists.example.org'],
  ['from', 'news@example.org'],
  ['from', '*newsletter*'],
  ['to', 'old@example.com'],
  ['subject', '*out of stock*'],
])('%s: %s may be a rule', (field, pattern) => {
  expect(problemOf(field, pattern)).toBeNull()
})

test.each<[RuleField, string, RegExp]>([
  ['from', '  ', /Write what/],
  ['from', '*', /almost everything/],
  ['to', '*@*.*', /almost everything/],
  ['subject', '* *', /almost everything/],
  ['from', 'two words', /spaces/],
  ['from', 'nobody', /a part of one with a star/],
  ['subject', '*a*b*c*d*e*f*g*h*i*j*k*', /Ten stars/],
  ['subject', 'x'.repeat(301), /300 characters/],
])('%s: "%s" may not, and it is said why', (field, pattern, why) => {
  expect(problemOf(field, pattern)).toMatch(why)
})

test('the pattern of a sender fits them, whatever the case, and that of their domain everybody there and nobody below it', () => {
  const from = (address: string) => ({ from: address, to: [], subject: '' })
  const fits = (pattern: string, address: string) => ruleAgainst([{ field: 'from', pattern }], from(address)) !== null
  const [one, all] = [patternOf('News@Lists.Example', 'address'), patternOf('News@Lists.Example', 'domain')]
  expect([one, all]).toEqual(['news@lists.example', '*@lists.example'])
  expect([fits(one, 'NEWS@lists.example'), fits(one, 'other@lists.example')]).toEqual([true, false])
  expect([fits(all, 'other@lists.example'), fits(all, 'a@sub.lists.example'), fits(all, 'a@lists.example.org')]).toEqual([
    true,
    false,
    false,
  ])
})

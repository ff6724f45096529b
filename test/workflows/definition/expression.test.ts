import { expect, test } from 'vitest'
import { ExpressionError, evaluate, faultOfExpression, pathsOfExpression } from '../../../src/workflows/definition/expression.ts'
import { paced } from '../../../src/workflows/definition/paced.ts'

const SCOPE = {
  vars: { reminders: 2, rate: 1.5, name: 'Ann', tags: ['vip', 'quote'], when: '2026-11-22T10:00:00.000Z', none: null },
  event: { subject: 'Quote 17', lines: [{ price: 3 }, { price: 4.5 }] },
}

test.each([
  ['vars.reminders + 1', 3],
  ['vars.reminders * 1.5', 3],
  ['vars.rate + 1', 2.5],
  ['5 / 2', 2],
  ['5.0 / 2', 2.5],
  ['vars.reminders < 3 && vars.name == "Ann"', true],
  ['"vip" in vars.tags', true],
  ['vars.tags.map(t, t + "!")', ['vip!', 'quote!']],
  ['event.lines.map(l, l.price)', [3, 4.5]],
  ['size(event.subject)', 8],
  ['has(vars.missing)', false],
  ['vars.?missing.orValue("nobody")', 'nobody'],
  ['vars.none == null', true],
  ['timestamp(vars.when) + duration("72h")', '2026-11-25T10:00:00.000Z'],
  ['regex(event.subject, "^quote \\\\d+$")', true],
  ['{"to": vars.name, "n": vars.reminders}', { to: 'Ann', n: 2 }],
  ['round(2.5) + floor(2.9) + ceil(2.1)', 8],
])('%s gives %j', (source, value) => expect(evaluate(source, SCOPE)).toEqual(value))

test.each([
  ['', /nothing to work out/],
  ['vars.', /./],
  ['1 +', /./],
  ['"a" + 1', /overload/],
  ['"aaaa".matches("(a+)+$")', /use regex\(text, pattern\)/],
  ['[1].map(a, [1].map(b, [1].map(c, c)))', /at most 2 deep/],
  ['x'.repeat(2_001), /at most 2000 characters/],
  [`${'('.repeat(200)}1${')'.repeat(200)}`, /./],
  [Array.from({ length: 600 }, () => '1').join('+'), /./],
])('%j is refused before it is ever worked out', (source, why) => {
  expect(faultOfExpression(source)?.message).toMatch(why)
})

test.each([
  ['vars.missing', /No such key: missing/],
  ['nobody.name', /Unknown variable: nobody/],
  ['1 / 0', /./],
  ['1.0 / 0.0', /divided by zero/],
  ['9007199254740991 + 1', /beyond 9 007/],
  ['regex("a", "(")', /cannot be used/],
  ['type(1)', /cannot be kept/],
])('%s fails in words', (source, why) => {
  expect(faultOfExpression(source)).toBeNull()
  expect(() => evaluate(source, SCOPE)).toThrow(ExpressionError)
  expect(() => evaluate(source, SCOPE)).toThrow(why)
})

test('a fault says where it begins', () => {
  expect(faultOfExpression('vars.name + @')?.at).toBe(12)
})

test('nothing of the machine is within reach', () => {
  for (const source of ['constructor', 'vars.constructor', 'vars.__proto__', '"a".constructor', 'globalThis', 'vars.tags.length'])
    expect(() => evaluate(source, SCOPE), source).toThrow(ExpressionError)
})

test('what it gives and what it goes through is bounded', () => {
  const long = { items: Array.from({ length: 501 }, (_, i) => i), text: 'x'.repeat(40_000) }
  expect(() => evaluate('items.map(i, i)', long)).toThrow(/at most 500 entries; one has 501/)
  expect(() => evaluate('text + text', long)).toThrow(/a value has at most 65536/)
  expect(evaluate('1 + 1', long)).toBe(2)
})

test.each([
  ['(i+i+i+i+i).all(a, (i+i+i+i+i).all(b, a + b >= 0))', /more than 25000 entries/],
  ['(i+i+i).map(a, (i+i+i).exists(b, b < 0))', /more than 25000 entries/],
  ['i.exists_one(a, i.map(b, b == 1, b + a).size() > 600)', /more than 25000 entries/],
  ['i.exists(a, i.filter(b, b > a && b > 600).size() > 0)', /more than 25000 entries/],
  ['i.map(a, false, i.map(b, b)).size() + i.map(a, i.map(b, [b]), a).size()', /./],
  ['i.exists(a, regex(t, "(a|b)*c"))', /more than 200000 characters/],
  ['i.exists(a, i.exists(b, regex(t, "(.*)(.*)(.*)x")))', /more than 200000 characters/],
  ['regex(t, "((a*)*)*$") && i.map(a, t + t).size() == 0 ? i.map(a, t) : 1 / 0', /./],
])('%s is given up before it holds up anybody', (source, why) => {
  const hostile = { i: Array.from({ length: 500 }, (_, nth) => nth), t: 'a'.repeat(20_000) }
  expect(() => evaluate(source, hostile)).toThrow(ExpressionError)
  expect(() => evaluate(source, hostile)).toThrow(why)
})

test.for([
  ['A long list', `[${'1, '.repeat(300)}1]`, 'Too much stands in a list that is written out: 200 is the limit.'],
  [
    'A large map',
    `{${Array.from({ length: 210 }, (_, nth) => `${nth}: 1`).join(',')}}`,
    /^(Too much stands in a map|It has too many parts)/,
  ],
  ['What is deep', `${'('.repeat(100)}1${')'.repeat(100)}`, /^It is nested too deeply: \d+ is the limit\.$/],
  ['What has many parts', `1${' + 1'.repeat(300)}`, /^It (has too many parts|is nested too deeply): \d+ is the limit\.$/],
  ['A call with much', 'size(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)', 'A function is given too much: 10 is the limit.'],
] as const)('%s is refused, and it is said by which limit', ([, source, said]) => {
  expect(() => evaluate(source, {})).toThrow(said)
})

test('questions whether it may go on stand where rounds are, and nowhere within texts', () => {
  const same = ['vars.name + ".map(a, b)"', "r'\\' + 'x'", '"a\\".all(a, b)"', 'has(vars.map)', '[1, 2].size() // .map(a, b)']
  for (const source of same) expect(paced(source)).toBe(source)
  expect(paced('a.map(x, [x, f(x)][0]).exists(y, y == ")" )')).toBe(
    'a.map(x,one_more_( [x, f(x)][0])).exists(y,(may_go_on_() ? ( y == ")" ) : true))',
  )
  const scope = { i: [3, 1, 2], t: 'a,b' }
  for (const [source, value] of [
    ['i.map(a, a > 1, i.filter(b, b < a).size())', [2, 1]],
    ['i.all(a, i.exists(b, b >= a)) && !i.exists(a, a > 3)', true],
    ['i.exists_one(a, a == 2) ? i.map(a, {"n": a, "t": t + ","}) : []', [3, 1, 2].map((n) => ({ n, t: 'a,b,' }))],
  ] as const)
    expect(evaluate(source, scope)).toEqual(value)
})

test('what an expression reads can be told', () => {
  expect(pathsOfExpression('vars.a.b + size(event.lines.map(l, l.price)) > 0 ? item : vars.c').toSorted()).toEqual(
    ['event.lines', 'item', 'l', 'l.price', 'vars.a.b', 'vars.c'].toSorted(),
  )
})

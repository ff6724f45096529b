import { expect, test } from 'vitest'
import type { ContactField } from '../../src/contacts/custom-data.ts'
import { contrast, inkOn } from '../../src/forms/colours.ts'
import { FIRST_SETTINGS } from '../../src/forms/first-settings.ts'
import { type ConsentText, type FormSettings, FormSettings as Schema } from '../../src/forms/form.ts'
import { toHtml } from '../../src/forms/markup.ts'
import { missingIn } from '../../src/forms/missing.ts'
import { readAnswers, wrongInName } from '../../src/forms/read-answers.ts'

const LIST = '0193e0a0-7777-7abc-9def-0123456789ab'
const OTHER = '0193e0a0-7778-7abc-9def-0123456789ab'
const field = (key: string, type: ContactField['type'], options: string[] = []): ContactField => ({
  ...{ key, label: key, type, options },
  isRequired: false,
  position: 0,
})
const contactFields = [
  field('plan', 'choice', ['Free', 'Pro']),
  field('topics', 'choices', ['A, B', 'C']),
  field('adult', 'boolean'),
  field('born', 'date'),
]
const asks = (key: string, required = false) => ({ key, label: key, placeholder: '', required })
const settings: FormSettings = {
  ...FIRST_SETTINGS,
  lists: [
    { id: LIST, offered: false },
    { id: OTHER, offered: true },
  ],
  fields: [
    asks('email', true),
    asks('first_name'),
    asks('data.plan', true),
    asks('data.topics'),
    asks('data.adult', true),
    asks('data.born'),
  ],
  consents: [{ key: 'news', text: 'New words', required: true }],
}
const consents: ConsentText[] = [
  { key: 'news', version: 2, text: 'New words', hash: 'b'.repeat(64) },
  { key: 'news', version: 1, text: 'Old words', hash: 'a'.repeat(64) },
]
const whole = {
  email: 'Ann@Example.org ',
  first_name: ' Ann',
  'data.plan': 'pro',
  'data.topics': ['A, B', 'C'],
  'data.adult': 'yes',
  'consent.news': '2',
}
const read = (fields: Record<string, string | string[]>) =>
  readAnswers(
    { settings, consents, contactFields },
    new Map(Object.entries(fields).map(([name, value]) => [name, [value].flat()])),
  )
const wrong = (fields: Record<string, string | string[]>) => {
  const answer = read(fields)
  return answer.ok ? [] : [...answer.errors.keys()]
}

test('what was typed is read by what the form asks for', () => {
  expect(read(whole)).toEqual({
    ok: true,
    read: {
      address: 'ann@example.org',
      answers: { first_name: 'Ann', data: { plan: 'Pro', topics: ['A, B', 'C'], adult: true } },
      lists: [LIST],
      consents: [{ key: 'news', version: 2, hash: 'b'.repeat(64), given: true }],
    },
  })
  expect(read({ ...whole, list: [OTHER, 'not of this form'] })).toMatchObject({ read: { lists: [LIST, OTHER] } })
})

test('a box counts in the words that stood there, also when they were changed since', () => {
  expect(read({ ...whole, 'consent.news': '1' })).toMatchObject({
    read: { consents: [{ version: 1, hash: 'a'.repeat(64), given: true }] },
  })
  expect(wrong({ ...whole, 'consent.news': '9' })).toEqual(['consent.news'])
})

test('everything that is wrong is told at once', () => {
  expect(wrong({ email: 'ann', 'data.plan': 'Gold', 'data.born': '31.02.2026' })).toEqual([
    'email',
    'data.plan',
    'data.adult',
    'data.born',
    'consent.news',
  ])
})

test.each(['Buy at https://spam.example', 'www.spam.example', 'win@spam.example', 'spam.com now', '<b>', 'x'.repeat(101)])(
  '%s is no name',
  (text) => {
    expect(wrongInName(text)).not.toBeNull()
  },
)
test.each(['Ann', "O'Neil-Smith", 'Dr. Müller', 'José María', '李', 'St. Com'])('%s is a name', (text) =>
  expect(wrongInName(text)).toBeNull(),
)

test.each(['javascript:alert(1)', 'data:text/html,x', '//evil.example', 'https://me:pw@evil.example/', 'ftp://x.example'])(
  'people are not sent to %s',
  (redirect_url) => {
    expect(Schema.safeParse({ ...FIRST_SETTINGS, done: { text: '', redirect_url } }).success).toBe(false)
  },
)
test('nor may a site be named that is more than its origin', () => {
  expect(Schema.safeParse({ ...FIRST_SETTINGS, origins: ['https://shop.example/page'] }).success).toBe(false)
  expect(Schema.safeParse({ ...FIRST_SETTINGS, origins: ["https://shop.example; script-src 'unsafe-inline'"] }).success).toBe(
    false,
  )
  expect(Schema.safeParse({ ...FIRST_SETTINGS, origins: ['https://shop.example', '*'] }).success).toBe(true)
})

test('HTML in texts stays text, and links lead only where links may', () => {
  expect(toHtml('<script>x</script> [a](javascript:alert(1)) [b](https://b.example)')).toBe(
    '<p>&lt;script&gt;x&lt;/script&gt; [a](javascript:alert(1)) <a href="https://b.example" target="_blank" rel="noopener">b</a></p>\n',
  )
})

test('what keeps a form from being shown is named', () => {
  const facts = { hasSecret: false, lists: new Set([LIST]), fields: new Set<string>() }
  const where = (more: Partial<FormSettings>) => missingIn({ ...FIRST_SETTINGS, ...more }, facts).map((one) => one.where)
  expect(where({})).toEqual(['/lists', '/sender'])
  const ready = { lists: [{ id: LIST, offered: false }], sender: 'news@example.com' }
  expect(where(ready)).toEqual([])
  expect(where({ ...ready, confirmation: { subject: 'Hi', body: 'Press here' } })).toEqual(['/confirmation'])
  expect(where({ ...ready, captcha: { ...FIRST_SETTINGS.captcha, kind: 'turnstile' } })).toEqual(['/captcha', '/captcha'])
})

test('on every colour one of the two inks can be read', () => {
  for (let shade = 0; shade < 256; shade++) {
    const hex = `#${shade.toString(16).padStart(2, '0').repeat(3)}`
    expect(contrast(hex, inkOn(hex)), hex).toBeGreaterThan(4)
  }
})

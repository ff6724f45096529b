import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMailbox } from '../../src/mail/address.ts'
import { parseMail } from '../../src/mail/parse.ts'
import { readStencil, writeStencil } from '../../src/mail/stencil.ts'
import { compileParts } from '../../src/templates/compile.ts'
import type { Content, Parts } from '../../src/templates/content.ts'
import { textOf, toParts } from '../../src/templates/parts.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const content = (more: Partial<Content>): Content => ({
  format: 'text',
  subject: 'Hello',
  body: 'Hello',
  text: null,
  toName: '',
  fields: [],
  ...more,
})

function partsOf(more: Partial<Content>): Parts {
  const made = toParts(content(more))
  if (!made.ok) throw new Error(JSON.stringify(made.problems))
  return made.parts
}

const compiled = (more: Partial<Content>, shared = {}, own: string[] = []) => compileParts(partsOf(more), shared, own, NOW)

/** What one person reads, by way of the stencil that a campaign stores. */
async function mailFor(more: Partial<Content>, contact: object, shared = {}, own: Record<string, string> = {}) {
  const program = compiled(more, shared, Object.keys(own))
  const rendered = program.render({ contact: contact as never, own }, NOW)
  if (rendered.kind !== 'ready') return rendered
  const stencil = readStencil(writeStencil({ from: parseMailbox('shop@example.com')!, ...program }))
  const { values } = rendered
  const filled = stencil.fill({ recipient: 'ann@example.org', messageId: '<1@example.com>', date: NOW, values, own })
  const result = await parseMail(Buffer.from(filled.content, 'latin1'))
  if (result.kind !== 'parsed') throw new Error(result.reason)
  const { subject, text, html, to } = result.mail
  return { subject, text: text?.trimEnd(), html: html?.trimEnd(), to: to[0]?.name }
}

const ann = { first_name: 'Zoë <b>', city: 'Köln', tags: ['a', 'b'], vip: true }

test('a person reads a mail in which the values are theirs', async () => {
  expect(
    await mailFor(
      {
        format: 'html',
        toName: '{{ contact.first_name }}',
        subject: 'Hi {{ contact.first_name | upcase }} from {{ campaign.name }}',
        body: '<p>Hello {{ contact.first_name }},</p>{% if contact.vip %}<b>VIP {{ contact.city }}</b>{% else %}x{% endif %}',
      },
      ann,
      { campaign: { name: 'Spring' } },
    ),
  ).toEqual({
    subject: 'Hi ZOË <B> from Spring',
    to: 'Zoë <b>',
    text: 'Hello Zoë <b>,\n\nVIP Köln',
    html: '<p>Hello Zoë &lt;b&gt;,</p><b>VIP Köln</b>',
  })
})

test('what is the same for everybody is written once, and what a delivery brings along costs no value', () => {
  const { text, size } = compiled(
    { body: '{{ campaign.name }} {{ campaign.name | upcase }} {{ contact.a }}{{ contact.b }} {{ unsubscribe_url }}.' },
    { campaign: { name: 'Spring' } },
    ['unsubscribe_url'],
  )
  expect(text).toEqual({ literals: ['Spring SPRING ', ' ', '.'], places: [0, 'unsubscribe_url'] })
  expect(size).toBe(1)
})

test('what one place assigns the next ones see, in its own part of the mail', async () => {
  const body =
    '{% assign who = contact.first_name | default: "friend" %}Dear {{ who }}, {% for t in contact.tags %}{{ t }}{% endfor %}'
  expect(await mailFor({ body, subject: '[{{ who }}]' }, ann)).toMatchObject({ text: 'Dear Zoë <b>, ab', subject: '[]' })
})

test('an empty field has its fallback; a required one keeps the person out; nothing else does', async () => {
  const fields = [
    { path: 'contact.first_name', fallback: 'friend', required: false },
    { path: 'contact.address.city', fallback: 'town', required: false },
  ]
  const body = 'Dear {{ contact.first_name }} of {{ contact.address.city }}{{ contact.nothing }}'
  expect(await mailFor({ body, fields }, { first_name: ' ', address: { street: 'x' } })).toMatchObject({
    text: 'Dear friend of town',
  })
  expect(await mailFor({ body, fields }, { first_name: 'Ann', address: { city: 'Bonn' } })).toMatchObject({
    text: 'Dear Ann of Bonn',
  })
  const required = [{ path: 'contact.vat_id', fallback: '', required: true }]
  expect(await mailFor({ body: 'x', fields: required }, ann)).toEqual({ kind: 'missing_field', fields: ['contact.vat_id'] })
})

test('Markdown becomes HTML and stays readable as it is; its Liquid survives, links and blocks included', async () => {
  const body =
    '# News\n\nDear **{{ contact.first_name }}**,\n\n{% if contact.vip %}\n* [Your page](https://example.com/{{ contact.city }})\n{% endif %}\n\n<script>alert(1)</script>'
  const { html, text } = (await mailFor({ format: 'markdown', body }, ann)) as { html: string; text: string }
  expect(html).toContain('<h1>News</h1>')
  expect(html).toContain('<p>Dear <strong>Zoë &lt;b&gt;</strong>,</p>')
  expect(html).toContain('<li><a href="https://example.com/Köln">Your page</a></li>')
  expect(html).not.toContain('<script>')
  expect(html).not.toMatch(/lqd|<p>\s*<\/p>/)
  expect(text).toContain('Dear **Zoë <b>**,')
})

test('the part without markup is made of the HTML, with its links and its Liquid', () => {
  expect(
    textOf(
      '<style>p{}</style><h1>News</h1><p>Hi {{ contact.a | default: "<x>" }}</p><a href="https://example.com/?q={{ contact.b }}">See</a><img src="x">',
    ),
  ).toBe('News\n\nHi {{ contact.a | default: "<x>" }}\n\nSee [https://example.com/?q={{ contact.b }}]\n')
})

test('what is wrong is told at once, where it is and in words', () => {
  const made = toParts(
    content({
      subject: 'Hi {{ contact.name | shout }}',
      body: 'one\n{% if contact.vip %}\nthree',
      fields: [{ path: 'contact.__proto__', fallback: '', required: false }],
    }),
  )
  expect(made.ok ? [] : made.problems.map(({ where, line }) => [where, line])).toEqual([
    ['fields', null],
    ['subject', 1],
    ['body', 2],
  ])
  for (const tag of ['{% include "/etc/passwd" %}', '{% render "x" %}', '{% layout "x" %}'])
    expect(toParts(content({ body: tag })).ok).toBe(false)
  expect(toParts(content({ body: '{% if a %}'.repeat(50_000) })).ok).toBe(false)
})

test.each([
  ['{% for i in (1..100000000) %}x{% endfor %}'],
  ['{% for i in (1..3000) %}{% for j in (1..3000) %}{% for k in (1..3000) %}{% endfor %}{% endfor %}{% endfor %}'],
  ['{% assign a = "xxxxxxxxxx" %}{% for i in (1..40) %}{% assign a = a | append: a %}{% endfor %}{{ a }}'],
  ['{{ contact.long | replace: "x", contact.long }}'],
])('a template without end is that person’s outcome with its reason: %s', (body) => {
  const rendered = compiled({ body }).render({ contact: { long: 'x'.repeat(3_000) }, own: {} }, NOW)
  expect(rendered).toMatchObject({ kind: 'unrenderable', sentence: expect.stringMatching(/limit exceeded|too long/) })
})

test.each([
  '{{ contact.constructor }}',
  '{{ contact.__proto__ }}',
  '{{ contact.toString }}',
  '{{ contact.name.constructor }}',
  '{{ globals }}{{ process }}{{ process.env }}{{ settings }}{{ opts }}{{ now }}',
  '{{ contact | map: "constructor" }}',
])('nothing is reached but what is given: %s', (body) => {
  const rendered = compiled({ body }).render({ contact: { name: 'x' }, own: {} }, NOW)
  expect(rendered).toEqual({ kind: 'ready', values: [''] })
})

test('"now" is the moment of rendering, so the same person gets the same mail', () => {
  const program = compiled({ body: '{{ "now" | date: "%Y-%m-%d %H:%M" }}' })
  expect(program.text?.literals.join('')).toBe('2026-11-22 12:00')
})

test('no value makes a second header, whatever it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 80 }), async (name) => {
      const program = compiled({ subject: 'Hi {{ contact.name }}', toName: '{{ contact.name }}', body: '{{ contact.name }}' })
      const rendered = program.render({ contact: { name }, own: {} }, NOW)
      if (rendered.kind !== 'ready') {
        expect(name).toContain('\0')
        return
      }
      const stencil = readStencil(writeStencil({ from: parseMailbox('shop@example.com')!, ...program }))
      const { values } = rendered
      const { content: mail } = stencil.fill({
        recipient: 'a@example.org',
        messageId: '<1@example.com>',
        date: NOW,
        values,
        own: {},
      })
      const names = (mail.split('\r\n\r\n')[0] ?? '')
        .split('\r\n')
        .filter((line) => !/^[ \t]/.test(line))
        .map((line) => line.split(':')[0])
      expect(names).toEqual([
        'Date',
        'From',
        'To',
        'Subject',
        'Message-ID',
        'MIME-Version',
        'Content-Type',
        'Content-Transfer-Encoding',
      ])
    }),
    { numRuns: 200 },
  )
})

test('a text that takes too long between its places is that person’s outcome, and no end of the campaign', async () => {
  const slow = '{{ contact.long | split: "" | reverse | join: "" }}'.repeat(4_000)
  expect(await mailFor({ body: slow }, { long: 'x'.repeat(400) })).toMatchObject({
    kind: 'unrenderable',
    sentence: expect.stringMatching(/render limit|memory/i),
  })
})

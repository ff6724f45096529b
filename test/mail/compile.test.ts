import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { parseMailbox } from '../../src/mail/address.ts'
import { compile, type MessageTemplate } from '../../src/mail/compile.ts'

const from = parseMailbox('Shop <shop@example.com>')!
const to = parseMailbox('Ann Müller <ann@example.org>')!
const copy = (values: Record<string, string>) => ({
  to,
  date: new Date('2026-11-22T12:00:00Z'),
  messageId: '<one@example.com>',
  values,
})
const read = (content: string) => new PostalMime().parse(Buffer.from(content, 'latin1'))
const template = (more: Partial<MessageTemplate>): MessageTemplate => ({ from, subject: 'Hello', ...more })

test('what differs is filled in, and the rest is the same for everybody', async () => {
  const compiled = compile(
    template({
      subject: 'Order {{ order }} for {{ name }}',
      text: 'Hello {{ name }},\n\nyour order {{order}} is on its way.\n',
      html: '<p>Hello {{ name }}</p><a href="https://example.com/{{ order }}">See it</a>',
      headers: [['List-Unsubscribe', '<https://example.com/u/{{ token }}>']],
      attachments: [{ filename: 'terms.txt', content: Buffer.from('Terms'), contentType: 'text/plain' }],
    }),
  )
  expect(compiled.names.toSorted()).toEqual(['name', 'order', 'token'])
  const mail = await read(compiled.write(copy({ name: 'Zoë & <Ann>', order: '4711', token: 'abc' })).content)
  expect(mail.subject).toBe('Order 4711 for Zoë & <Ann>')
  expect(mail.text?.trimEnd()).toBe('Hello Zoë & <Ann>,\n\nyour order 4711 is on its way.')
  expect(mail.html).toContain('<p>Hello Zoë &amp; &lt;Ann&gt;</p><a href="https://example.com/4711">')
  expect(mail.headers.find(({ key }) => key === 'list-unsubscribe')?.value).toBe('<https://example.com/u/abc>')
  expect(mail.attachments.map(({ filename }) => filename)).toEqual(['terms.txt'])
  expect(mail.to?.[0]).toMatchObject({ name: 'Ann Müller', address: 'ann@example.org' })
})

const words = fc.string({ unit: 'grapheme', maxLength: 120 }).filter((text) => !/[{}\r\0\p{Cc}\p{Cs}\u2028\u2029]/u.test(text))
const lines = fc.array(words, { maxLength: 4 }).map((all) => all.join('\n'))

test('whatever texts and values are, what is read back is the text with the values in it, in lines that any server takes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(lines, { minLength: 1, maxLength: 5 }), lines, lines, async (pieces, a, b) => {
      const text = `.${pieces.join('{{ a }}')}{{ b }}.`
      const { content } = compile(template({ text })).write(copy({ a, b }))
      const wanted = text.replaceAll('{{ a }}', () => a).replaceAll('{{ b }}', () => b)
      const mail = await read(content)
      expect(mail.text?.replace(/\n$/, '')).toBe(wanted.replace(/\n$/, ''))
      const body = content.slice(content.indexOf('\r\n\r\n') + 4)
      for (const line of body.split('\r\n')) expect(line.length).toBeLessThanOrEqual(76)
    }),
    { numRuns: 200 },
  )
})

test('a copy that lacks a value is refused by the name of what is missing', () => {
  const compiled = compile(template({ text: 'Hello {{ name }}' }))
  expect(() => compiled.write(copy({}))).toThrow(/\{\{ name \}\}/)
})

test('a value cannot bring a line into the header', () => {
  const compiled = compile(template({ subject: 'For {{ name }}', text: 'Hello' }))
  expect(() => compiled.write(copy({ name: 'Ann\r\nBcc: eve@example.org' }))).toThrow()
})

test('a text without places is written as always', async () => {
  const { content } = compile(template({ text: 'Hello' })).write(copy({}))
  expect(content).toContain('Content-Transfer-Encoding: 7bit')
})

test('HTML in which something is exchanged later is quoted-printable, also where nothing differs', () => {
  const { content } = compile(template({ html: '<p>Hello</p>', quotedHtml: true })).write(copy({}))
  expect(content).toContain('Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n')
})

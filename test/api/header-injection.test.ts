import { expect, test } from 'vitest'
import { anApi, ask, keyOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const { key } = await keyOf(api, ann)

const TERMINATORS = { crlf: '\r\n', lf: '\n', cr: '\r', nul: '\0', 'line separator': '\u2028', 'next line': '\u0085' }
const INJECTED = 'Bcc: victim@evil.example'

/** Every text of POST /v1/messages that ends in a header or an envelope, with something smuggled into it. */
const FIELDS: Record<string, (text: string) => Record<string, unknown>> = {
  'from, the name': (text) => ({ from: `Shop${text} <shop@example.com>` }),
  'from, the address': (text) => ({ from: `shop@example.com${text}` }),
  'to, the name': (text) => ({ to: [`Ann${text} <ann@example.org>`] }),
  'to, the local part': (text) => ({ to: [`an${text}n@example.org`] }),
  'to, quoted': (text) => ({ to: [`"an${text}n"@example.org`] }),
  'to, the domain': (text) => ({ to: [`ann@example.org${text}`] }),
  cc: (text) => ({ cc: [`Ann${text} <ann@example.org>`] }),
  bcc: (text) => ({ bcc: [`Ann${text} <ann@example.org>`] }),
  reply_to: (text) => ({ reply_to: [`Ann${text} <ann@example.org>`] }),
  subject: (text) => ({ subject: `Hi${text}` }),
  'a header': (text) => ({ headers: { 'X-Shop': `a${text}` } }),
  'the name of a header': (text) => ({ headers: { [`X-Shop${text}`]: 'a' } }),
  'List-Unsubscribe': (text) => ({ headers: { 'List-Unsubscribe': `<mailto:a@example.com>${text}` } }),
  'In-Reply-To': (text) => ({ headers: { 'In-Reply-To': `<a@example.com>${text}` } }),
  filename: (text) => ({ attachments: [{ filename: `a${text}.txt`, content: 'eA==' }] }),
  content_type: (text) => ({ attachments: [{ filename: 'a.txt', content_type: `text/plain${text}`, content: 'eA==' }] }),
  content_id: (text) => ({ attachments: [{ filename: 'a.txt', content_id: `a${text}@x`, content: 'eA==' }] }),
  tag: (text) => ({ tags: [`a${text}`] }),
  'name of metadata': (text) => ({ metadata: { [`a${text}`]: 'x' } }),
}
const matrix = Object.keys(FIELDS).flatMap((field) => Object.keys(TERMINATORS).map((terminator) => [field, terminator] as const))

test.each(matrix)('in %s, %s is refused', async (field, terminator) => {
  const smuggled = `${TERMINATORS[terminator as keyof typeof TERMINATORS]}${INJECTED}`
  const body = { from: 'shop@example.com', to: ['ann@example.org'], subject: 'Hi', text: 'x', ...FIELDS[field]?.(smuggled) }
  const answer = await ask(api, 'POST', '/v1/messages', { key, body })
  expect(answer.status, answer.text).toBe(422)
  expect(answer.body.pointer, answer.text).toMatch(/^\/\w/)
})

test('nothing of it was stored', async () => {
  expect((await ask(api, 'GET', '/v1/messages', { key })).body.items).toEqual([])
})

test('in the text and the HTML, lines are lines, and stay out of the header', async () => {
  for (const separator of ['\r\n', '\n', '\r', '\u2028', '\u0085']) {
    const text = `${separator}${separator}${INJECTED}${separator}.${separator}`
    const sent = await ask(api, 'POST', '/v1/messages', {
      key,
      body: { from: 'shop@example.com', to: ['ann@example.org'], subject: 'Hi', text, html: text },
    })
    expect(sent.status, sent.text).toBe(202)
    const { text: raw } = await ask(api, 'GET', `/v1/messages/${sent.body.id}/raw`, { key })
    const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
    expect(head).not.toMatch(/^bcc:/im)
    expect(raw).not.toMatch(/(?<!\r)\n|\r(?!\n)/)
    expect(sent.body.deliveries).toHaveLength(1)
  }
})

test('headers that only we may write are refused', async () => {
  for (const name of [
    'From',
    'to',
    'BCC',
    'Message-ID',
    'Date',
    'Content-Type',
    'MIME-Version',
    'Return-Path',
    'DKIM-Signature',
    'Received',
  ]) {
    const body = { from: 'shop@example.com', to: ['ann@example.org'], text: 'x', headers: { [name]: 'victim@evil.example' } }
    const answer = await ask(api, 'POST', '/v1/messages', { key, body })
    expect(answer.status, `${name}: ${answer.text}`).toBe(422)
  }
})

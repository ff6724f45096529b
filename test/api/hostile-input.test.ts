import { afterEach, expect, test } from 'vitest'
import { anApi, ask, keyOf, owner } from './support.ts'

/** What is made to take long, or much: each is answered, none keeps the process from everybody else for long. */
const api = await anApi()
const { key } = await keyOf(api, await owner(api))
const good = { from: 'shop@example.com', to: ['ann@example.org'], subject: 'x', text: 'x' }
const MB = 1024 * 1024
/** Of the processor, whatever else this machine does: far above what any of these takes, far below what a quadratic one would. */
const MOST_CPU_MS = 2_500

afterEach(async () => {
  expect((await ask(api, 'GET', '/healthz')).status).toBe(200)
})

async function answerTo(path: string, raw: string | Buffer): Promise<number> {
  const before = process.cpuUsage()
  const answer = await ask(api, 'POST', path, { key, raw })
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(MOST_CPU_MS)
  if (answer.status === 500) throw new Error(`a fault of ours: ${api.logged.slice(-3).join('')}`)
  return answer.status
}
const send = (given: object) => answerTo('/v1/messages', JSON.stringify({ ...good, ...given }))

test.each([
  ['a local part of 1,900 characters', `${'a'.repeat(1900)}@example.org`],
  ['nested comments', `${'('.repeat(900)}${')'.repeat(900)}ann@example.org`],
  ['open comments', `${'('.repeat(1900)}ann@example.org`],
  ['open quotes', `${'"'.repeat(1900)}@example.org`],
  ['backslashes in quotes', `"${'\\'.repeat(1899)}`],
  ['open brackets', `${'<'.repeat(1900)}ann@example.org`],
  ['at signs', '@'.repeat(1900)],
  ['labels without end', `ann@${'a.'.repeat(900)}org`],
  ['spaces', `ann${' '.repeat(1900)}@example.org`],
  ['encoded words', `${'=?utf-8?q?=41?= '.repeat(110)}<ann@example.org>`],
])('an address of %s', async (_, address) => {
  const addresses = Array.from({ length: 1000 }, () => address)
  expect(await send({ to: addresses })).toBeOneOf([202, 413, 422])
  expect(await send({ from: address, reply_to: addresses })).toBeOneOf([202, 413, 422])
})

test.each([
  ['five megabytes in one line', { text: 'x'.repeat(5 * MB) }],
  ['five million empty lines', { text: '\n'.repeat(5 * MB) }],
  ['five million lone carriage returns', { text: '\r'.repeat(5 * MB) }],
  ['five million characters outside of ASCII', { text: 'ü'.repeat(5 * MB) }],
  ['spaces at the end of lines', { text: ' \n'.repeat(2.5 * MB) }],
  ['dots at the beginning of lines', { text: '.\r\n'.repeat(1.6 * MB) }],
  ['HTML of nothing but beginnings', { html: '<'.repeat(5 * MB) }],
  ['text beyond its limit', { text: 'x'.repeat(5 * MB + 1), html: 'x'.repeat(20 * MB) }],
  ['a subject that is all emoji', { subject: '🎉'.repeat(1000) }],
  ['a header as long as they get', { headers: { 'X-Long': 'a b '.repeat(2500) } }],
  ['base64 that is mostly white space', { attachments: [{ filename: 'a', content: ' '.repeat(30 * MB) }] }],
  ['base64 that never ends', { attachments: [{ filename: 'a', content: '='.repeat(30 * MB) }] }],
  [
    'a hundred attachments',
    { attachments: Array.from({ length: 100 }, (_, i) => ({ filename: `${i}\u{1F389}`.repeat(20), content: 'eA==' })) },
  ],
  ['nineteen thousand tags', { tags: Array.from({ length: 19_000 }, () => 'x') }],
  ['nineteen thousand unknown fields', Object.fromEntries(Array.from({ length: 19_000 }, (_, i) => [`field_${i}`, 1]))],
  [
    'nineteen thousand values of metadata',
    { metadata: Object.fromEntries(Array.from({ length: 19_000 }, (_, i) => [`k${i}`, 1])) },
  ],
  ['a name of a field of ten megabytes', { ['x'.repeat(10 * MB)]: 1 }],
  ['nineteen thousand recipients that are no text', { to: Array.from({ length: 19_000 }, () => 1) }],
])('a message of %s', async (_, given) => {
  expect(await send(given)).toBeOneOf([202, 413, 422])
})

test.each([
  ['twenty megabytes of escapes', `{"text":"${'\\u0041'.repeat(3 * MB)}"}`],
  ['twenty megabytes of escaped quotes', `{"text":"${'\\"'.repeat(10 * MB)}"}`],
  ['twenty megabytes of backslashes', `{"text":"${'\\\\'.repeat(10 * MB)}"}`],
  ['a number of ten megabytes', `{"text":${'9'.repeat(10 * MB)}}`],
  ['thirty megabytes of white space', ' '.repeat(30 * MB)],
  ['thirty megabytes of one string that does not end', `"${'x'.repeat(30 * MB)}`],
  ['thirty megabytes of open brackets', '['.repeat(30 * MB)],
  ['thirty megabytes of commas', `[${',0'.repeat(15 * MB)}]`],
  ['the same field nineteen thousand times', `{${'"from":"a@example.com",'.repeat(19_000)}"to":[]}`],
])('a body of %s', async (_, raw) => {
  expect(await answerTo('/v1/messages', raw)).toBeOneOf([400, 413, 422])
})

const raw = (mail: string) =>
  answerTo('/v1/messages/raw', JSON.stringify({ raw: Buffer.from(mail).toString('base64'), to: ['ann@example.org'] }))
const HEAD = 'From: shop@example.com\r\nTo: ann@example.org\r\n'

test.each([
  ['a header of ten megabytes', `${HEAD}X: ${'a'.repeat(10 * MB)}\r\n\r\nx`],
  ['a header folded a hundred thousand times', `${HEAD}X: a${'\r\n a'.repeat(100_000)}\r\n\r\nx`],
  ['a hundred thousand headers', `${HEAD}${'X-H: a\r\n'.repeat(100_000)}\r\nx`],
  [
    'a hundred thousand parts',
    `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(100_000)}--b--\r\n`,
  ],
  [
    'ten thousand addresses',
    `From: shop@example.com\r\nTo: ${Array.from({ length: 10_000 }, (_, i) => `a${i}@example.org`).join(',\r\n ')}\r\n\r\nx`,
  ],
  ['comments in comments', `From: ${'('.repeat(50_000)} shop@example.com\r\n\r\nx`],
  ['nothing but line ends', '\r\n'.repeat(5 * MB)],
  ['no line end', 'x'.repeat(10 * MB)],
  ['encoded words without end', `${HEAD}Subject: ${'=?utf-8?B?'.repeat(100_000)}\r\n\r\nx`],
])('a finished mail of %s', async (_, mail) => {
  expect(await raw(mail)).toBeOneOf([202, 413, 422])
})

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { anApi, ask, keyOf, owner } from './support.ts'

/** Spoken over real sockets: what a client library would never send. */
const api = await anApi()
const ann = await owner(api)
const { key } = await keyOf(api, ann)
const port = await api.server.listen({ host: '127.0.0.1', port: 0 })
const open = new Set<Socket>()
afterAll(() => {
  for (const socket of open) socket.destroy()
})

async function dial(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  open.add(socket)
  await once(socket, 'connect')
  return socket
}

/** Everything the server says until it closes, or until the pattern has been seen. */
async function hear(socket: Socket, until?: RegExp): Promise<string> {
  let text = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk
    if (until?.test(text)) break
  }
  return text
}

const head = (length: number | 'chunked') =>
  `POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n${length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`}\r\n`

/** With an attachment of so many megabytes in base64. */
function largeMail(megabytes: number) {
  const content = 'eHh4'.repeat((megabytes * 1024 * 1024) / 4)
  return {
    from: 'shop@example.com',
    to: ['ann@example.org'],
    subject: 'Large',
    text: 'x',
    attachments: [{ filename: 'x.bin', content }],
  }
}

async function isWell(): Promise<void> {
  expect((await ask(api, 'GET', '/v1/me', ann)).status).toBe(200)
}

test.each([
  ['binary', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0xff])],
  ['SMTP', Buffer.from('EHLO example.org\r\n\r\n')],
  ['a method that does not exist', Buffer.from('FETCH / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['two lengths', Buffer.from('POST /v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}')],
  [
    'a length and chunks',
    Buffer.from('POST /v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
  ],
  ['a negative length', Buffer.from('POST /v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -2\r\n\r\n{}')],
  ['no host', Buffer.from('GET /v1/me HTTP/1.1\r\n\r\n')],
  ['a header with a line break in its name', Buffer.from('GET /v1/me HTTP/1.1\r\nHost: x\r\nX\nY: z\r\n\r\n')],
])('%s is answered with 400 and the connection ends', async (_, bytes) => {
  const socket = await dial()
  socket.write(bytes)
  const answer = await hear(socket)
  expect(answer).toMatch(/^HTTP\/1.1 400 /)
  await isWell()
})

test('a header of twenty thousand bytes is answered with 431 and the limit', async () => {
  const socket = await dial()
  socket.write(`GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`)
  const answer = await hear(socket)
  expect(answer).toMatch(/^HTTP\/1.1 431 /)
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code: 'header_too_large', limit: 16_384 })
})

test('a declared body that is too large is refused before a byte of it is read', async () => {
  const socket = await dial()
  socket.write(`${head(41 * 1024 * 1024)}\r\n`)
  const answer = await hear(socket, /\}$/)
  expect(answer).toMatch(/^HTTP\/1.1 413 /)
  expect(answer).toContain('"limit":41943040')
})

test('who may not send is refused before a byte of the body is read', async () => {
  const socket = await dial()
  socket.write(`${head(30 * 1024 * 1024).replace(key, 'wb_unknown')}\r\n`)
  expect(await hear(socket, /\}$/)).toMatch(/^HTTP\/1.1 401 /)
})

test('a body that turns out too large is refused while it comes', async () => {
  const socket = await dial()
  socket.write(`${head('chunked').replace('/v1/messages', '/v1/api-keys')}\r\n`)
  const chunk = Buffer.from(`40000\r\n${'x'.repeat(0x40000)}\r\n`)
  const answer = hear(socket, /\}$/)
  for (let i = 0; i < 5; i++) socket.write(chunk)
  expect(await answer).toMatch(/^HTTP\/1.1 413 /)
  await isWell()
})

test('uploads that end in the middle leave nothing behind', async () => {
  const sockets = await Promise.all(Array.from({ length: 20 }, dial))
  for (const socket of sockets) socket.write(`${head(20 * 1024 * 1024)}\r\n{"from":"${'x'.repeat(100_000)}`)
  await new Promise((resolve) => setImmediate(resolve))
  for (const socket of sockets) socket.destroy()
  // Their room is free again: a body that needs most of the budget is read at once.
  const body = largeMail(10)
  const sent = await fetch(`http://127.0.0.1:${port}/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(sent.status, await sent.text()).toBe(202)
})

test('a body in tiny pieces is put together, whole characters too', async () => {
  const socket = await dial()
  const body = Buffer.from(JSON.stringify({ from: 'shop@example.com', to: ['ann@example.org'], subject: 'Grüße 🎉', text: 'x' }))
  socket.write(`${head(body.length)}\r\n`)
  for (const byte of body) socket.write(Buffer.of(byte))
  const answer = await hear(socket, /\}$/)
  expect(answer).toMatch(/^HTTP\/1.1 202 /)
  const id = /"id":"([0-9a-f-]{36})"/.exec(answer)?.[1]
  expect((await ask(api, 'GET', `/v1/messages/${id}`, ann)).body.subject).toBe('Grüße 🎉')
})

test('requests in one piece are answered one after the other', async () => {
  const socket = await dial()
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3))
  expect((await hear(socket, /(alive[\s\S]*){3}/)).match(/HTTP\/1.1 200/g)).toHaveLength(3)
})

test('more large mails than there is room for are taken in turn', async () => {
  const body = JSON.stringify(largeMail(12))
  const statuses = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const response = await fetch(`http://127.0.0.1:${port}/v1/messages`, { method: 'POST', headers, body })
      await response.text()
      return response.status
    }),
  )
  expect(statuses).toEqual(Array.from({ length: 8 }, () => 202))
  await isWell()
})

import { createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type ApiDeps, createApiClient } from '../../../../src/delivery/providers/http/client.ts'
import { API_TIMEOUTS, type ApiTimeouts, MAX_ANSWER_BYTES } from '../../../../src/delivery/providers/http/options.ts'
import { machineClock } from '../../../../src/lib/clock.ts'
import { ScriptedApi } from '../../../support/api-server.ts'
import { fixedResolver } from '../../../support/dns.ts'

const deps: ApiDeps = { resolver: fixedResolver(), clock: machineClock }

function clientTo(baseUrl: string, timeouts: Partial<ApiTimeouts> = {}, more: { maxConnections?: number; deps?: ApiDeps } = {}) {
  const client = createApiClient(
    {
      baseUrl,
      allowPrivate: true,
      maxConnections: more.maxConnections ?? 2,
      timeouts: { ...API_TIMEOUTS, ...timeouts },
      ca: null,
    },
    more.deps ?? deps,
  )
  onTestFinished(() => client.close(0))
  return client
}

/** A server that does with each connection what the test says. */
async function rawServer(serve: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

const post = (body: string | Buffer, headers: Record<string, string> = {}) => ({
  method: 'POST' as const,
  path: '/x',
  headers: () => headers,
  body: Buffer.from(body),
})

test('the path of the base address goes before that of the call', async () => {
  await using server = await new ScriptedApi(() => ({ status: 200, body: '{}' })).listen()
  await clientTo(`${server.url}/base/`).call(post('{}'))
  expect(server.requests).toMatchObject([{ path: '/base/x', method: 'POST', headers: { host: `127.0.0.1:${server.port}` } }])
})

test('an endless answer is cut, and told as not whole', async () => {
  await using server = await new ScriptedApi(() => ({ status: 200, body: 'x'.repeat(3 * MAX_ANSWER_BYTES) })).listen()
  const end = await clientTo(server.url).call(post('{}'))
  expect(end).toMatchObject({ kind: 'answered', answer: { status: 200, whole: false } })
  expect(end.kind === 'answered' && end.answer.text.length).toBeLessThanOrEqual(MAX_ANSWER_BYTES)
})

test('a refusal that comes while the body is on its way is an answer', async () => {
  const url = await rawServer((socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno')),
  )
  const end = await clientTo(url).call(post(Buffer.alloc(20_000_000)))
  expect(end).toMatchObject({ kind: 'answered', answer: { status: 413, text: 'no' } })
})

test('a far end that stops reading is left after a while, and nothing has left', async () => {
  let left = false
  const url = await rawServer((socket) => void socket.pause())
  const end = await clientTo(url, { request: 50 }).call({ ...post(Buffer.alloc(50_000_000)), bodyLeft: () => void (left = true) })
  expect(end).toMatchObject({ kind: 'ended', ending: { stage: 'body', kind: 'lost', code: 'TIMEOUT', bodySent: false } })
  expect(left).toBe(false)
})

test('an answer that trickles for ever is left, and was an answer to a body that had left', async () => {
  const url = await rawServer((socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{')),
  )
  const end = await clientTo(url, { reading: 50 }).call(post('{}'))
  expect(end).toMatchObject({ kind: 'ended', ending: { stage: 'dot', code: 'TIMEOUT', bodySent: true } })
})

test('what is no HTTP is lost after the body, not taken for an answer', async () => {
  const url = await rawServer((socket) => socket.once('data', () => socket.end('220 smtp.example.com ESMTP\r\n')))
  const end = await clientTo(url).call(post('{}'))
  expect(end).toMatchObject({ kind: 'ended', ending: { kind: 'lost', bodySent: true } })
})

test('a header that cannot be written is our own fault, and nothing leaves', async () => {
  await using server = await new ScriptedApi(() => ({ status: 200, body: '{}' })).listen()
  const end = await clientTo(server.url).call(post('{}', { 'x-auth-token': 'a\r\nb' }))
  expect(end).toMatchObject({ kind: 'ended', ending: { kind: 'unable', lack: 'configuration' } })
  expect(server.requests).toEqual([])
})

test('exactly the address that was vetted is dialled, once looked up', async () => {
  await using server = await new ScriptedApi(() => ({ status: 200, body: '{}' })).listen()
  let looks = 0
  const resolver = fixedResolver({ 'api.test': ['127.0.0.1'] })
  const counting = {
    ...resolver,
    addresses: (host: string) => {
      looks += 1
      return resolver.addresses(host)
    },
  }
  const client = clientTo(server.url.replace('127.0.0.1', 'api.test'), {}, { deps: { ...deps, resolver: counting } })
  expect(await client.call(post('{}'))).toMatchObject({ kind: 'answered', facts: { address: '127.0.0.1' } })
  await client.call(post('{}'))
  expect(looks).toBe(1)
  expect(server.connections).toBe(1)
})

test('a call that waits while the route closes is given back unsent', async () => {
  await using server = await new ScriptedApi(() => 'silence').listen()
  const client = clientTo(server.url, {}, { maxConnections: 1 })
  const first = client.call(post('{}'))
  const second = client.call(post('{}'))
  await server.seen(1)
  await client.close(0)
  expect(await first).toMatchObject({ kind: 'ended', ending: { bodySent: true } })
  expect(await second).toMatchObject({ kind: 'unsent' })
})

import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Resolver } from '../../src/dns/resolver.ts'
import { type Answer, post } from '../../src/webhooks/sending/post.ts'
import { fixedResolver } from '../support/dns.ts'
import { receiver } from './support.ts'

const LIMITS = { timeoutMs: 5_000, maxBodyBytes: 1_000 }

function send(
  url: string,
  options: { resolver?: Resolver; allowPrivate?: boolean; limits?: typeof LIMITS; signal?: AbortSignal } = {},
): Promise<Answer> {
  const { resolver = fixedResolver(), allowPrivate = false, limits = LIMITS, signal = new AbortController().signal } = options
  const deps = { resolver, monotonicMs: () => performance.now() }
  return post({ url, headers: { 'webhook-id': 'evt_1' }, body: '{}', allowPrivate }, deps, signal, limits)
}

test.each([
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[fd00::1]/',
  'https://[fe80::1]/',
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://100.64.0.1/',
  'https://0.0.0.0/',
  'https://224.0.0.1/',
])('%s is not dialled', async (url) => {
  const answer = await send(url)
  expect(answer.status).toBeNull()
  expect(answer.error).toMatch(/private network/)
})

test('a name that leads into a private network is not dialled, whatever it is called', async () => {
  const program = await receiver()
  const resolver = fixedResolver({ 'inside.example': ['127.0.0.1'], localhost: ['127.0.0.1', '::1'] })
  for (const host of ['inside.example', 'localhost']) {
    const answer = await send(`https://${host}:${program.port}/`, { resolver })
    expect(answer.error).toMatch(/private network/)
  }
  expect(program.heard).toEqual([])
})

test('of a name with public and private addresses only the public ones are dialled', async () => {
  const program = await receiver()
  const resolver = fixedResolver({ 'mixed.example': ['127.0.0.1', '192.0.2.1'] })
  const answer = await send(`https://mixed.example:${program.port}/`, { resolver, limits: { ...LIMITS, timeoutMs: 300 } })
  expect(answer.status).toBeNull()
  expect(program.heard).toEqual([])
})

test('the connection goes to the address that was vetted: a name that changes in between leads nowhere else', async () => {
  const program = await receiver()
  let asked = 0
  const rebinding: Resolver = {
    ...fixedResolver(),
    addresses: async () => {
      asked += 1
      return { ok: true, found: [{ address: asked === 1 ? '192.0.2.1' : '127.0.0.1', family: 4, ttlSeconds: 0 }] }
    },
  }
  const answer = await send(`https://rebind.example:${program.port}/`, {
    resolver: rebinding,
    limits: { ...LIMITS, timeoutMs: 300 },
  })
  expect(answer.status).toBeNull()
  expect(asked).toBe(1)
  expect(program.heard).toEqual([])
})

test('an address without encryption is used in private networks only, where these are allowed', async () => {
  const program = await receiver()
  expect((await send('http://192.0.2.1/')).error).toMatch(/without encryption/)
  expect(await send(program.url, { allowPrivate: true })).toMatchObject({ status: 204, error: null, address: '127.0.0.1' })
})

test.each([301, 302, 303, 307, 308])('a redirect (%i) is an answer and is not followed', async (status) => {
  const [program, elsewhere] = [await receiver(), await receiver()]
  program.answers(status, { location: `${elsewhere.url}/secret` })
  expect(await send(program.url, { allowPrivate: true })).toMatchObject({ status })
  expect(elsewhere.heard).toEqual([])
})

test('an answer that does not end is read to its limit, and its status counts', async () => {
  const program = await receiver()
  let written = 0
  program.answersBy((_, response) => {
    response.writeHead(200)
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000))) written += 10_000
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  })
  const answer = await send(program.url, { allowPrivate: true })
  expect(answer).toMatchObject({ status: 200, error: null })
  expect(answer.body?.length).toBeLessThanOrEqual(4_001)
  expect(written).toBeLessThan(50_000_000)
})

test('who sends nothing, or nothing but one byte now and then, is left after the time-out', async () => {
  const silent = await receiver()
  silent.answersBy(() => {})
  const limits = { ...LIMITS, timeoutMs: 200 }
  expect((await send(silent.url, { allowPrivate: true, limits })).error).toMatch(/within 0.2 seconds/)

  const dripping = createServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx-slow: ')
    const timer = setInterval(() => socket.write('a'), 20)
    socket.on('close', () => clearInterval(timer))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => dripping.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void dripping.close())
  const { port } = dripping.address() as { port: number }
  expect((await send(`http://127.0.0.1:${port}/`, { allowPrivate: true, limits })).error).toMatch(/within 0.2 seconds/)
})

test.each([
  ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['headers without an end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}`],
  ['nothing', ''],
])('%s is no answer, and a sentence says so', async (_, bytes) => {
  const odd = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(bytes))
  })
  await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void odd.close())
  const { port } = odd.address() as { port: number }
  const answer = await send(`http://127.0.0.1:${port}/`, { allowPrivate: true })
  expect(answer.status).toBeNull()
  expect(answer.error).toMatch(/\.$/)
})

test('a zero byte in an answer can be kept', async () => {
  const program = await receiver()
  program.answers(200, {}, 'a\u0000b')
  expect((await send(program.url, { allowPrivate: true })).body).toBe('a\ufffdb')
})

test('stopped before it began or while it waits for a connection, it says so, and nothing flies past', async () => {
  const program = await receiver()
  const url = `http://127.0.0.1:${program.port}/`
  const stopped = { status: null, error: 'Waybill was stopped before the answer came.' }
  expect(await send(url, { allowPrivate: true, signal: AbortSignal.abort() })).toMatchObject(stopped)
  const stopping = new AbortController()
  const answer = send(url, { allowPrivate: true, signal: stopping.signal })
  stopping.abort()
  expect(await answer).toMatchObject(stopped)
  expect(program.heard).toEqual([])
})

import { expect, test } from 'vitest'
import { sendInsistently, sendMany } from '../support/api-client.ts'
import { databaseProxy } from '../support/database-proxy.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import { underLoad } from './kill-under-load.ts'
import { type Scene, scene, seedOfThisRun } from './support.ts'

test('PostgreSQL killed twice while a thousand messages are sent: the server goes on by itself, nothing is lost', async () => {
  const all = await scene({ postgres: 'own' })
  const pid = all.server
  expect(await all.server.start()).toBe('ready')
  const before = pid.pid
  await underLoad(
    all,
    { messages: 1_000, connections: 8 },
    {
      faults: 2,
      seed: seedOfThisRun(),
      async strike() {
        const { pid: postmaster } = all.postgres
        process.kill(postmaster, 'SIGKILL')
        await expect.poll(() => all.postgres.pid, { timeout: 20_000 }).not.toBe(postmaster)
      },
    },
  )
  expect(all.server.pid).toBe(before)
}, 180_000)

async function status(all: Scene, path: string): Promise<{ code: number; retryAfter: string | null; body: string }> {
  const response = await fetch(`${all.server.url}${path}`, {
    headers: { authorization: 'Bearer a key for tests that is long enough for anybody' },
  })
  return { code: response.status, retryAfter: response.headers.get('retry-after'), body: await response.text() }
}

test('while the database is gone requests are refused with 503, the process lives, and what waited leaves afterwards', async () => {
  let wire: Awaited<ReturnType<typeof databaseProxy>> | null = null
  const all = await scene({
    postgres: { transport: 'tcp' },
    reach: async (connection) => {
      wire = await databaseProxy(connection)
      return wire.connection
    },
  })
  const proxy = wire!
  await using _ = proxy
  expect(await all.server.start()).toBe('ready')
  const promised = [await sendInsistently(all.server.url, { recipient: 'before@example.org' })]
  await all.untilAll('sent')
  proxy.takeAway()
  await expect.poll(async () => (await status(all, '/readyz')).code, { timeout: 30_000 }).toBe(503)
  const refused = await status(all, '/v1/messages')
  expect(refused.code).toBe(503)
  expect(Number(refused.retryAfter)).toBeGreaterThan(0)
  expect((await status(all, '/healthz')).code).toBe(200)
  const during = sendMany(
    all.server.url,
    Array.from({ length: 20 }, (_, i) => ({ recipient: `during${i}@example.org` })),
    4,
  )
  await expect.poll(() => during.promised.length).toBe(0)
  proxy.heal()
  await during.done
  await all.untilAll('sent')
  expect(await all.judge([...promised, ...during.promised])).toMatchObject({ ...SPOTLESS, duplicates: [] })
  await expect.poll(async () => (await status(all, '/readyz')).code, { timeout: 30_000 }).toBe(200)
  expect(await all.invariants()).toEqual([])
}, 120_000)

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { underLoad } from '../scenarios/kill-under-load.ts'
import { type Scene, scene, seedOfThisRun } from '../scenarios/support.ts'
import { sendMany } from '../support/api-client.ts'
import { type DatabaseProxy, databaseProxy } from '../support/database-proxy.ts'
import { SPOTLESS } from '../support/ledgers.ts'

/** A scene whose server reaches its database over a wire that the test holds. */
async function onAWire(): Promise<{ all: Scene; wire: DatabaseProxy }> {
  let wire: DatabaseProxy | null = null
  const all = await scene({
    postgres: { transport: 'tcp' },
    reach: async (connection) => {
      wire = await databaseProxy(connection)
      return wire.connection
    },
  })
  expect(await all.server.start()).toBe('ready')
  return { all, wire: wire! }
}

test('every connection to the database ends every two seconds for a minute: no crash, and at least half the speed', async () => {
  const { all, wire } = await onAWire()
  await using _ = wire
  const undisturbed = sendMany(
    all.server.url,
    Array.from({ length: 1_500 }, (_, i) => ({ recipient: `before${i}@example.org` })),
    8,
  )
  const startedMs = performance.now()
  await undisturbed.done
  await all.untilAll('sent')
  const rate = 1_500 / (performance.now() - startedMs)
  const pid = all.server.pid
  let isOver = false
  const cutting = (async () => {
    while (!isOver) {
      await sleep(2_000)
      wire.cutAll()
    }
  })()
  const count = Math.round((rate * 60_000) / 2)
  const disturbed = sendMany(
    all.server.url,
    Array.from({ length: count }, (_, i) => ({ recipient: `r${i}@example.org` })),
    8,
  )
  const sinceMs = performance.now()
  await disturbed.done
  await all.untilAll('sent', 'unknown')
  const took = performance.now() - sinceMs
  isOver = true
  await cutting
  await all.untilAll('sent')
  console.info(`${Math.round(rate * 1_000)} a second undisturbed, ${Math.round((count / took) * 1_000)} with cuts`)
  expect(count / took).toBeGreaterThan(rate / 2)
  expect(all.server.pid).toBe(pid)
  expect(await all.judge([...undisturbed.promised, ...disturbed.promised])).toMatchObject(SPOTLESS)
  expect(await all.invariants()).toEqual([])
})

test('the database is gone for up to two seconds every five to ten, for two minutes of mixed load: everything completes', async () => {
  const { all, wire } = await onAWire()
  await using _ = wire
  await underLoad(
    all,
    { messages: 2_000, connections: 8 },
    {
      faults: 14,
      seed: seedOfThisRun(),
      async strike(random) {
        wire.takeAway()
        await sleep(random() * 2_000)
        wire.heal()
        await sleep(5_000 + random() * 5_000)
      },
    },
  )
})

test('PostgreSQL killed ten times under load: nothing is lost', async () => {
  const all = await scene({ postgres: 'own' })
  expect(await all.server.start()).toBe('ready')
  await underLoad(
    all,
    { messages: 3_000, connections: 8 },
    {
      faults: 10,
      seed: seedOfThisRun(),
      async strike(random) {
        const { pid } = all.postgres
        process.kill(pid, 'SIGKILL')
        await expect.poll(() => all.postgres.pid, { timeout: 60_000 }).not.toBe(pid)
        await sleep(random() * 3_000)
      },
    },
  )
})

test('cut off from its database with the mail server in reach, it stops sending within its window, and goes on afterwards', async () => {
  const { all, wire } = await onAWire()
  await using _ = wire
  const mails = Array.from({ length: 20_000 }, (_, i) => ({ recipient: `r${i}@example.org`, stream: 'conversation' as const }))
  const sending = sendMany(all.server.url, mails, 8)
  sending.done.catch(() => {})
  await all.smtp.when(({ messages }) => messages.length >= 500)
  wire.cutWire()
  const before = all.smtp.messages.length
  await sleep(20_000)
  const after = all.smtp.messages.length
  await sleep(10_000)
  // What was allowed to leave when the wire was cut, and nothing more.
  expect(after - before).toBeLessThan(500)
  expect(all.smtp.messages.length).toBe(after)
  const readiness = await fetch(`${all.server.url}/healthz`)
  expect(readiness.status).toBe(200)
  wire.heal()
  await all.smtp.when(({ messages }) => messages.length >= after + 500)
  await all.server.terminate()
  const judgement = await all.judge(sending.promised)
  expect(judgement).toMatchObject(SPOTLESS)
})

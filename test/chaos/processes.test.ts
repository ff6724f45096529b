import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { mayBeUnknown, underLoad } from '../scenarios/kill-under-load.ts'
import { scene, seedOfThisRun } from '../scenarios/support.ts'
import { sendMany } from '../support/api-client.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import { freePort, ServerProcess } from '../support/server-process.ts'

test('killed at fifty random points under load: none of two thousand messages is lost, every duplicate was unknown before', async () => {
  const all = await scene()
  const { server, smtp, database } = all
  const unknownSoFar = async () =>
    Number((await database.pool.query(`select count(*) as n from event where type = 'delivery.unknown'`)).rows[0].n)
  expect(await server.start()).toBe('ready')
  let since = 0
  await underLoad(
    all,
    { messages: 2_000, connections: 8 },
    {
      faults: 50,
      seed: seedOfThisRun(),
      async strike() {
        await server.kill()
        const before = await unknownSoFar()
        const allowed = mayBeUnknown(smtp.messages, since)
        since = smtp.messages.length
        expect(await server.start()).toBe('ready')
        expect((await unknownSoFar()) - before).toBeLessThanOrEqual(allowed)
      },
    },
  )
})

test('two processes, one of them killed again and again: the other goes on, and a server that takes twelve connections gets no harm', async () => {
  const all = await scene({ script: { connections: 12 } })
  const other = new ServerProcess({ ...all.server.settings, port: await freePort() })
  expect(await all.server.start()).toBe('ready')
  expect(await other.start()).toBe('ready')
  try {
    await underLoad(
      all,
      { messages: 1_500, connections: 8 },
      {
        faults: 15,
        seed: seedOfThisRun(),
        async strike() {
          await other.kill()
          expect(await other.start()).toBe('ready')
        },
      },
    )
  } finally {
    await other.kill()
  }
})

test('a process that stands still for longer than its lease loses its work to the other, and disturbs nothing when it wakes up', async () => {
  const all = await scene()
  const other = new ServerProcess({ ...all.server.settings, port: await freePort() })
  expect(await all.server.start()).toBe('ready')
  expect(await other.start()).toBe('ready')
  const mails = Array.from({ length: 1_000 }, (_, i) => ({ recipient: `r${i}@example.org`, stream: 'conversation' as const }))
  const sending = sendMany(other.url, mails, 8)
  await all.smtp.when(({ messages }) => messages.length >= 200)
  all.server.signal('SIGSTOP')
  await sending.done
  // A lease is thirty seconds; this is a real one that really ends.
  await sleep(45_000)
  await all.untilAll('sent', 'unknown')
  all.server.signal('SIGCONT')
  await sleep(5_000)
  expect(await all.server.terminate()).toBe('0')
  expect(await other.terminate()).toBe('0')
  const judgement = await all.judge(sending.promised)
  expect(judgement).toMatchObject(SPOTLESS)
  expect(judgement.unknownEvents).toBeLessThanOrEqual(mayBeUnknown(all.smtp.messages, 0))
  expect(await all.invariants()).toEqual([])
})

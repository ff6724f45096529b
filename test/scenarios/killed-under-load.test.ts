import { expect, test } from 'vitest'
import { mayBeUnknown, underLoad } from './kill-under-load.ts'
import { scene, seedOfThisRun } from './support.ts'

test('killed five times in the middle of sending: nothing is lost, and whatever came twice was unknown before', async () => {
  const all = await scene()
  const { server, smtp, database } = all
  const unknownSoFar = async () =>
    Number((await database.pool.query(`select count(*) as n from event where type = 'delivery.unknown'`)).rows[0].n)
  expect(await server.start()).toBe('ready')
  let since = 0
  await underLoad(
    all,
    { messages: 300, connections: 8 },
    {
      faults: 5,
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
}, 180_000)

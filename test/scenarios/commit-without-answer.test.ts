import { expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { HOUR } from '../../src/lib/clock.ts'
import { databaseProxy } from '../support/database-proxy.ts'
import { aMessage, world } from '../support/world.ts'

const ANN = 'ann@example.org'
const NOBODY = 'nobody@example.org'
const LATER = 'later@example.org'

/** The commits in the life of a message with one more try: its acceptance, claim and settling, claim and settling. */
test.each([1, 2, 3, 4, 5])(
  'the answer to commit %i is lost: one message, every recipient once, nothing written twice',
  async (k) => {
    const w = await world()
    await using wire = await databaseProxy(w.connection)
    const database = openDatabase({ connection: { ...wire.connection }, maxConnections: 4, applicationName: 'test' })
    try {
      w.smtp.answer(NOBODY, '550 5.1.1 user unknown').always()
      w.smtp.answer(LATER, '451 4.7.1 greylisted').thenAccept()
      wire.loseCommit(k)
      // As a client does it: the same request under the same key until it is answered.
      const receipt = await untilAnswered(() =>
        w.submit(aMessage({ to: [ANN, NOBODY, LATER], stream: 'conversation' }), { key: 'order-1', database }),
      )
      const dispatcher = w.dispatcher({ database })
      dispatcher.start()
      const states = async () => {
        // As the engine does every few seconds: whatever a claim took unheard is found.
        await w.recover()
        return Object.values(await w.states())
      }
      await expect.poll(states, { timeout: 20_000 }).toEqual(['sent', 'bounced', 'queued'])
      w.clock.advance(HOUR)
      dispatcher.wake()
      await expect.poll(states, { timeout: 20_000 }).toEqual(['sent', 'bounced', 'sent'])
      await dispatcher.stop(1_000)
      expect(wire.commits).toBeGreaterThanOrEqual(k)
      expect(w.smtp.received()).toEqual([ANN, LATER])
      expect((await w.story(receipt.id)).counts).toEqual({ sent: 2, bounced: 1 })
      expect(await w.events('message.submitted')).toHaveLength(1)
      expect((await w.events()).filter(({ type }) => type.startsWith('delivery.'))).toHaveLength(4)
      expect(await w.attempts()).toHaveLength(4)
    } finally {
      await database.close()
    }
  },
)

async function untilAnswered<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries === 3) throw error
    }
  }
}

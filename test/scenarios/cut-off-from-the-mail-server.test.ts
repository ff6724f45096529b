import { expect, test } from 'vitest'
import { MINUTE } from '../../src/lib/clock.ts'
import { delayProxy } from '../support/delay-proxy.ts'
import { gate } from '../support/gate.ts'
import { smtpServer } from '../support/smtp-server.ts'
import { aMessage, type World, world } from '../support/world.ts'

const IMPATIENT = { banner: 400, mail: 400, rcpt: 400, data: 400, body: 400, dot: 400 }
const BOB = 'bob@example.org'

/** Sends until the queue is empty, whatever it takes of the clock's time. */
async function untilOver(w: World): Promise<void> {
  for (let i = 0; i < 20 && Object.values(await w.states()).some((state) => state === 'queued'); i++) {
    await w.dispatch()
    w.clock.advance(30 * MINUTE)
  }
}

test('the wire goes dark in the middle of a body: the message was not complete, so it is simply sent again', async () => {
  await using far = await smtpServer({ extensions: ['PIPELINING'] })
  let passed = 0
  await using wire = await delayProxy({
    to: far,
    onBytes: ({ direction, bytes, connection }) => {
      if (direction === 'down' || connection > 1) return 'pass'
      passed += bytes.length
      return passed > 200_000 ? 'stall' : 'pass'
    },
  })
  const w = await world({ route: { port: wire.port }, timeouts: IMPATIENT })
  await w.submit(aMessage({ stream: 'conversation', body: `${'x'.repeat(78)}\r\n`.repeat(150_000) }))
  await w.dispatch()
  expect(await w.deliveryOf(BOB)).toMatchObject({
    state: 'queued',
    failures: 1,
    attempts: [{ outcome: 'deferred', stage: 'body' }],
  })
  await untilOver(w)
  expect(far.messages.map(({ recipients }) => recipients)).toEqual([[BOB]])
})

test('the wire goes dark after the final dot: nobody can know, and it is not sent again without being asked', async () => {
  await using far = await smtpServer()
  const taken = gate()
  far.next('DOT', { reply: '250 2.0.0 ok', after: taken })
  await using wire = await delayProxy({ to: far })
  const w = await world({ route: { port: wire.port }, timeouts: IMPATIENT })
  await w.submit(aMessage({ stream: 'conversation' }))
  w.dispatcher().start()
  await taken.reached
  wire.blackHole()
  taken.open()
  await w.quiet()
  wire.heal()
  await untilOver(w)
  expect(await w.deliveryOf(BOB)).toMatchObject({
    state: 'unknown',
    policy: 'ask',
    attempts: [{ outcome: 'unknown', stage: 'dot' }],
  })
  expect(far.messages).toHaveLength(1)
})

test('cut off from the mail server with the database in reach: the queue grows and says what it waits for, and empties afterwards', async () => {
  await using far = await smtpServer()
  await using wire = await delayProxy({ to: far })
  const w = await world({ route: { port: wire.port }, timeouts: IMPATIENT })
  wire.blackHole()
  const recipients = Array.from({ length: 40 }, (_, i) => `r${i}@example.org`)
  for (const recipient of recipients.slice(0, 20)) await w.submit(aMessage({ to: [recipient] }))
  await w.dispatch()
  for (const recipient of recipients.slice(20)) await w.submit(aMessage({ to: [recipient] }))
  await w.dispatch()
  const waiting = Object.values(await w.deliveries())
  expect(
    waiting.every(
      ({ state, failures, waitingOn }) =>
        state === 'queued' && failures === 0 && /^Route relay: /.test(waitingOn?.sentence ?? ''),
    ),
  ).toBe(true)
  wire.heal()
  await untilOver(w)
  expect(far.received().toSorted()).toEqual(recipients.toSorted())
})

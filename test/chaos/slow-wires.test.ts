import { expect, test } from 'vitest'
import { waitUntil } from '../../src/lib/wait.ts'
import { type DelayProxyOptions, delayProxy } from '../support/delay-proxy.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import { smtpServer } from '../support/smtp-server.ts'
import { aMessage, world } from '../support/world.ts'
import { judgeWorld, submitEach } from './support.ts'

const SLOW: readonly { name: string; bulk: number; wire: Omit<DelayProxyOptions, 'to'> }[] = [
  { name: 'two hundred milliseconds long', bulk: 600, wire: { oneWayMs: 200 } },
  { name: 'of a thousand bytes a second', bulk: 120, wire: { bytesPerSecond: 1_000 } },
]

test.for(SLOW)(
  'a wire $name to the relay: all of it arrives, and sign-in codes do not wait behind newsletters',
  async ({ bulk, wire }) => {
    await using server = await smtpServer({})
    await using proxy = await delayProxy({ to: { port: server.port }, ...wire })
    const w = await world({ route: { port: proxy.port } })
    const newsletters = Array.from({ length: bulk }, (_, i) => aMessage({ to: [`r${i}@example.org`], stream: 'bulk' }))
    const promised = await submitEach(w, newsletters)
    const dispatcher = w.dispatcher()
    dispatcher.start()
    const received = () => server.received()
    await server.when(() => received().length >= 5)
    const codes = Array.from({ length: 3 }, (_, i) => `code${i}@example.org`)
    promised.push(
      ...(await submitEach(
        w,
        codes.map((code) => aMessage({ to: [code] })),
      )),
    )
    const before = received().length
    dispatcher.wake()
    await server.when(() => codes.every((code) => received().includes(code)))
    const meanwhile = received().length - before - codes.length
    await waitUntil(async () => Object.values(await w.states()).every((state) => state === 'sent'), {
      limitMs: 300_000,
      everyMs: 250,
    })
    console.info(
      `${before} newsletters were there, ${meanwhile} overtook the codes, ${bulk - before - meanwhile} came after them`,
    )
    expect(meanwhile).toBeLessThan((bulk - before) / 2)
    expect(await judgeWorld(w, promised, server.messages)).toMatchObject({
      ...SPOTLESS,
      duplicates: [],
      states: { sent: bulk + codes.length },
    })
  },
)

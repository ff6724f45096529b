import { expect, test } from 'vitest'
import type { SendOutcome } from '../../../src/delivery/outcome.ts'
import type { Handoff, HandoffResult, Provider } from '../../../src/delivery/providers/provider.ts'
import { createLog } from '../../../src/log.ts'
import { aMessage, type World, world } from '../../support/world.ts'

const [ANN, BOB, CID] = ['ann@example.org', 'bob@example.org', 'cid@example.org']
const TRACE = { host: 'relay.example.com', port: 25, address: '192.0.2.1', tls: null, stagesMs: {}, transcript: null }

/** A way out that does for each recipient what the test says. */
function providerThat(send: (handoff: Handoff) => SendOutcome): Provider {
  return {
    kind: 'smtp',
    capacity: 10,
    async send(handoff): Promise<HandoffResult> {
      const permit = handoff.mayLeave()
      if (permit !== true) await permit
      return { outcomes: handoff.recipients.map(() => send(handoff)), trace: TRACE }
    },
    close: async () => {},
  }
}

function accepted(text: string): SendOutcome {
  return { kind: 'accepted', reply: { code: 250, enhanced: '2.0.0', text } }
}

/** Sends with this provider until something is logged that matches; answers what was logged. */
async function dispatchUntilLogged(w: World, provider: Provider, line: RegExp): Promise<string[]> {
  const logged: string[] = []
  const log = createLog({ level: 'warn', target: { write: (text) => void logged.push(text) } })
  const running = w.dispatcher({ openProvider: () => provider, log })
  running.start()
  await expect.poll(() => logged.some((text) => line.test(text)), { timeout: 30_000 }).toBe(true)
  await running.stop(1_000)
  return logged
}

test.each([
  ['the database refuses to store', accepted('queued as \0')],
  ['our own reasoning fails on', { kind: 'nonsense' } as never],
])('an answer that %s is unheard, and all that came with it are written', async (_, impossible) => {
  const w = await world()
  for (const to of [ANN, BOB, CID]) await w.submit(aMessage({ to: [to] }))
  const provider = providerThat(({ recipients }) => (recipients[0] === BOB ? impossible : accepted('queued')))
  await w.dispatch({ openProvider: () => provider })
  expect(await w.states()).toEqual({ [ANN]: 'sent', [BOB]: 'unknown', [CID]: 'sent' })
  expect(await w.deliveryOf(BOB)).toMatchObject({ reason: { sentence: expect.any(String) }, attempts: [{ outcome: 'unknown' }] })
})

test('a fault of ours while a message is sent leaves nothing behind: what the sender held is taken back, and others go on', async () => {
  const w = await world()
  for (const to of [ANN, BOB]) await w.submit(aMessage({ to: [to] }))
  const faulty = providerThat(() => {
    throw new Error('planted')
  })
  const logged = await dispatchUntilLogged(w, faulty, /planted/)
  expect(logged.join('')).toContain('a fault of ours')
  await w.recover()
  expect(Object.values(await w.states())).not.toContain('sending')
  await w.submit(aMessage({ to: [CID] }))
  await w.dispatch()
  expect(await w.states()).toMatchObject({ [CID]: 'sent' })
  expect(w.smtp.received()).toContain(CID)
})

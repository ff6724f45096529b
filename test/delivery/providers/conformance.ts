import { expect, test } from 'vitest'
import type { Provider } from '../../../src/delivery/providers/provider.ts'
import { gate } from '../../support/gate.ts'
import { aHandoff, HELLO } from '../../support/handoff.ts'

/** A provider and what its far end has of each message. */
export interface ProviderWorld extends AsyncDisposable {
  readonly provider: Provider
  received(): Promise<readonly { readonly sender: string; readonly recipients: readonly string[]; readonly content: string }[]>
}

/** What every way out of this server promises, whatever is behind it. Each world is new, and its far end takes everything. */
export function conformsToProvider(name: string, open: () => Promise<ProviderWorld>): void {
  test(`${name}: a message that is taken is accepted for each of its recipients, in order`, async () => {
    await using world = await open()
    const recipients = ['bob@example.org', 'cid@example.org', 'dora@example.org']
    const { outcomes, trace } = await world.provider.send(aHandoff({ recipients }))
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(trace.transcript).toBeNull()
    expect((await world.received()).flatMap((message) => message.recipients)).toEqual(recipients)
  })

  test(`${name}: content arrives byte by byte, leading dots and bytes above 127 included`, async () => {
    await using world = await open()
    const content = `${HELLO}.\r\n..\r\n.dot\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n\r\n.\r\n`
    await world.provider.send(aHandoff({ content, eightBit: true }))
    expect((await world.received()).map((message) => message.content)).toEqual([content])
  })

  test(`${name}: the null sender is a sender`, async () => {
    await using world = await open()
    const { outcomes } = await world.provider.send(aHandoff({ sender: '' }))
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted'])
    expect((await world.received()).map(({ sender }) => sender)).toEqual([''])
  })

  test(`${name}: permission is asked before a body leaves, and its leaving is told after`, async () => {
    await using world = await open()
    const told: string[] = []
    const asked = gate()
    const sending = world.provider.send(
      aHandoff({
        mayLeave: async () => {
          told.push('may it leave?')
          await asked.arrive()
          return true
        },
        bodyLeft: () => void told.push('it left'),
      }),
    )
    await asked.reached
    expect(await world.received()).toEqual([])
    expect(told).toEqual(['may it leave?'])
    asked.open()
    expect((await sending).outcomes.map(({ kind }) => kind)).toEqual(['accepted'])
    expect(told).toEqual(['may it leave?', 'it left'])
  })

  test.each([
    ['refused', async () => false],
    ['lost on the way', async () => Promise.reject(new Error('no database'))],
  ] as readonly (readonly [string, () => Promise<boolean>])[])(
    `${name}: nothing leaves when permission is %s`,
    async (_, mayLeave) => {
      await using world = await open()
      let left = false
      const { outcomes } = await world.provider.send(
        aHandoff({
          mayLeave,
          bodyLeft: () => {
            left = true
          },
        }),
      )
      expect(outcomes.map(({ kind }) => kind)).toEqual(['unsent'])
      expect(left).toBe(false)
      // The next one goes.
      await world.provider.send(aHandoff({ recipients: ['cid@example.org'] }))
      expect((await world.received()).flatMap(({ recipients }) => recipients)).toEqual(['cid@example.org'])
    },
  )

  test(`${name}: twice as many messages as its capacity all arrive, each once`, async () => {
    await using world = await open()
    const { capacity } = world.provider
    expect(capacity).toBeGreaterThan(0)
    const recipients = Array.from({ length: 2 * capacity }, (_, index) => `r${index}@example.org`)
    const results = await Promise.all(recipients.map((recipient) => world.provider.send(aHandoff({ recipients: [recipient] }))))
    expect(results.every(({ outcomes }) => outcomes[0]?.kind === 'accepted')).toBe(true)
    expect((await world.received()).flatMap((message) => message.recipients).toSorted()).toEqual(recipients.toSorted())
  })

  test(`${name}: what comes after the closing is given back unsent`, async () => {
    await using world = await open()
    await world.provider.send(aHandoff())
    await Promise.all([world.provider.close(1_000), world.provider.close(1_000)])
    const { outcomes } = await world.provider.send(aHandoff({ recipients: ['late@example.org'] }))
    expect(outcomes.map(({ kind }) => kind)).toEqual(['unsent'])
    expect((await world.received()).flatMap(({ recipients }) => recipients)).toEqual(['bob@example.org'])
  })
}

import { expect, test } from 'vitest'
import type { Provider } from '../../../src/delivery/providers/provider.ts'
import { gate } from '../../support/gate.ts'
import { aHandoff } from '../../support/handoff.ts'

/** A provider and what its far end has of each message. */
export interface ProviderWorld extends AsyncDisposable {
  readonly provider: Provider
  received(): Promise<readonly { readonly sender: string; readonly recipients: readonly string[]; readonly content: string }[]>
}

/** Long enough for every way out, and to the people it is sent to. */
function letter(recipients: readonly string[] = ['bob@example.org']): string {
  return `From: Ann <ann@example.com>\r\nTo: ${recipients.join(', ')}\r\nSubject: Hello from Ann\r\nMessage-ID: <1@example.com>\r\n\r\nHello, how are you?\r\n`
}

/** What a way out cannot do, and says so instead. */
export interface Exceptions {
  /** `refused`: a message without an envelope sender is refused with a reason. */
  readonly nullSender?: 'refused'
  /** `seven bits`: bytes above 127 are encoded on the way. `fields`: the message is taken apart, and its own suite compares the parts. */
  readonly content?: 'seven bits' | 'fields'
}

/** What every way out of this server promises, whatever is behind it. Each world is new, and its far end takes everything. */
export function conformsToProvider(name: string, open: () => Promise<ProviderWorld>, exceptions: Exceptions = {}): void {
  test(`${name}: a message that is taken is accepted for each of its recipients, in order`, async () => {
    await using world = await open()
    const recipients = ['bob@example.org', 'cid@example.org', 'dora@example.org']
    const { outcomes, trace } = await world.provider.send(aHandoff({ recipients, content: letter(recipients) }))
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(trace.transcript).toBeNull()
    expect((await world.received()).flatMap((message) => message.recipients)).toEqual(recipients)
  })

  when(exceptions.content !== 'fields')(
    `${name}: content of seven bits arrives byte by byte, leading dots included`,
    async () => {
      await using world = await open()
      const content = `${letter()}.\r\n..\r\n.dot\r\n\r\nGruss\r\n\r\n.\r\n`
      await world.provider.send(aHandoff({ content }))
      expect((await world.received()).map((message) => message.content)).toEqual([content])
    },
  )

  when(exceptions.content === undefined)(
    `${name}: content arrives byte by byte, leading dots and bytes above 127 included`,
    async () => {
      await using world = await open()
      const content = `${letter()}.\r\n..\r\n.dot\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n\r\n.\r\n`
      await world.provider.send(aHandoff({ content, eightBit: true }))
      expect((await world.received()).map((message) => message.content)).toEqual([content])
    },
  )

  when(exceptions.nullSender === 'refused')(`${name}: the null sender is refused, and the reason says so`, async () => {
    await using world = await open()
    const { outcomes } = await world.provider.send(aHandoff({ sender: '', content: letter() }))
    expect(outcomes).toMatchObject([{ kind: 'rejected', failure: { class: 'content_unsupported', scope: 'message' } }])
    expect(outcomes[0]?.kind === 'rejected' && outcomes[0].failure.sentence).toContain('null sender')
    expect(await world.received()).toEqual([])
  })

  when(exceptions.nullSender === undefined)(`${name}: the null sender is a sender`, async () => {
    await using world = await open()
    const { outcomes } = await world.provider.send(aHandoff({ sender: '', content: letter() }))
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted'])
    expect((await world.received()).map(({ sender }) => sender)).toEqual([''])
  })

  test(`${name}: permission is asked before a body leaves, and its leaving is told after`, async () => {
    await using world = await open()
    const told: string[] = []
    const asked = gate()
    const sending = world.provider.send(
      aHandoff({
        content: letter(),
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
          content: letter(),
          mayLeave,
          bodyLeft: () => {
            left = true
          },
        }),
      )
      expect(outcomes.map(({ kind }) => kind)).toEqual(['unsent'])
      expect(left).toBe(false)
      // The next one goes.
      await world.provider.send(aHandoff({ recipients: ['cid@example.org'], content: letter(['cid@example.org']) }))
      expect((await world.received()).flatMap(({ recipients }) => recipients)).toEqual(['cid@example.org'])
    },
  )

  test(`${name}: twice as many messages as its capacity all arrive, each once`, async () => {
    await using world = await open()
    const { capacity } = world.provider
    expect(capacity).toBeGreaterThan(0)
    const recipients = Array.from({ length: 2 * capacity }, (_, index) => `r${index}@example.org`)
    const results = await Promise.all(
      recipients.map((recipient) => world.provider.send(aHandoff({ recipients: [recipient], content: letter([recipient]) }))),
    )
    expect(results.every(({ outcomes }) => outcomes[0]?.kind === 'accepted')).toBe(true)
    expect((await world.received()).flatMap((message) => message.recipients).toSorted()).toEqual(recipients.toSorted())
  })

  test(`${name}: what comes after the closing is given back unsent`, async () => {
    await using world = await open()
    await world.provider.send(aHandoff({ content: letter() }))
    await Promise.all([world.provider.close(1_000), world.provider.close(1_000)])
    const { outcomes } = await world.provider.send(aHandoff({ recipients: ['late@example.org'] }))
    expect(outcomes.map(({ kind }) => kind)).toEqual(['unsent'])
    expect((await world.received()).flatMap(({ recipients }) => recipients)).toEqual(['bob@example.org'])
  })
}

/** A test that only some ways out are given: what one declares it cannot do is not promised by it. */
function when(applies: boolean): (claim: string, check: () => Promise<void>) => void {
  return (claim, check) => {
    if (applies) test(claim, check)
  }
}

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SendOutcome } from '../../../../src/delivery/outcome.ts'
import { delayProxy } from '../../../support/delay-proxy.ts'
import { aHandoff, HELLO } from '../../../support/handoff.ts'
import { providerTo } from '../../../support/smtp-route.ts'
import { type Act, ALL_EXTENSIONS, type Moment } from '../../../support/smtp-script.ts'
import { smtpServer } from '../../../support/smtp-server.ts'

/** Misfortunes of one run, in the order in which they meet whoever comes first. */
interface Weather {
  readonly extensions: readonly string[]
  readonly acts: readonly (readonly [Moment, Act])[]
  /** Which pieces of which direction break their connection, counted over the whole run. */
  readonly cuts: readonly number[]
  readonly messagesPerConnection: number
  readonly maxConnections: number
  readonly bodyLines: number
}

const act: fc.Arbitrary<readonly [Moment, Act]> = fc.tuple(
  fc.constantFrom<Moment>('MAIL', 'RCPT', 'DATA', 'DOT', 'BDAT', 'RSET', 'EHLO', 'CONNECT', 'QUIT'),
  fc.constantFrom<Act>(
    { reply: '421 4.3.2 closing', afterwards: 'close' },
    '451 4.3.0 later',
    '550 5.0.0 no',
    { afterwards: 'close' },
    { afterwards: 'reset' },
    { raw: '2' },
    { reply: '250 ok', slowly: true },
    { raw: '250 ok\r\n250 and one more\r\n' },
  ),
)

const weather: fc.Arbitrary<Weather> = fc.record({
  extensions: fc.constantFrom<readonly string[]>(ALL_EXTENSIONS, [...ALL_EXTENSIONS, 'CHUNKING'], ['8BITMIME']),
  acts: fc.array(act, { maxLength: 6 }),
  cuts: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 4 }),
  messagesPerConnection: fc.constantFrom(1, 2, 7, 1_000),
  maxConnections: fc.integer({ min: 1, max: 4 }),
  bodyLines: fc.constantFrom(1, 50, 3_000),
})

const MESSAGES = 25
/** The server repeats itself, or lies about what it took: nobody can know what it has. */
const LIES = JSON.stringify({ raw: '250 ok\r\n250 and one more\r\n' })

test('whatever breaks, every message ends once, and what we say of it agrees with what the server has', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(weather, async ({ extensions, acts, cuts, messagesPerConnection, maxConnections, bodyLines }) => {
      await using server = await smtpServer({ extensions, messagesPerConnection })
      for (const [moment, story] of acts) server.next(moment, story)
      let pieces = 0
      await using proxy = await delayProxy({
        to: server,
        onBytes: () => (cuts.includes(++pieces) ? (pieces % 2 === 0 ? 'cut' : 'pass_and_cut') : 'pass'),
      })
      await using provider = providerTo(proxy, {
        limits: { maxConnections },
        timeouts: { banner: 300, ehlo: 300, mail: 300, rcpt: 300, data: 300, dot: 300, body: 300, quit: 50 },
      })
      const content = HELLO + `${'x'.repeat(70)}\r\n`.repeat(bodyLines)
      const recipients = Array.from({ length: MESSAGES }, (_, index) => `r${index}@example.org`)
      const ends = new Map<string, SendOutcome['kind']>()
      await Promise.all(
        recipients.map(async (recipient) => {
          const { outcomes } = await provider.send(aHandoff({ recipients: [recipient], content }))
          expect(outcomes).toHaveLength(1)
          expect(ends.has(recipient)).toBe(false)
          if (outcomes[0]) ends.set(recipient, outcomes[0].kind)
        }),
      )
      const lied = acts.some(([, story]) => JSON.stringify(story) === LIES)
      for (const recipient of recipients) {
        const kind = ends.get(recipient)
        const has = server.received().filter((received) => received === recipient).length
        expect(has, `${recipient} is ${kind}`).toBeLessThanOrEqual(1)
        if (lied) continue
        if (kind === 'accepted') expect(has, `${recipient} is accepted`).toBe(1)
        else if (kind !== 'unknown') expect(has, `${recipient} is ${kind}`).toBe(0)
      }
      for (const message of server.messages) expect(message.content === content).toBe(true)
    }),
    { numRuns: 60, interruptAfterTimeLimit: 60_000 },
  )
})

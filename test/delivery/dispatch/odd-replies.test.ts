import { expect, test } from 'vitest'
import { aMessage, world } from '../../support/world.ts'

const [ANN, BOB] = ['ann@example.org', 'bob@example.org']

/** As a server writes it: UTF-8, one character a byte. */
function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

// Wherever a text is cut to its length, one of these has a character of two halves across the cut.
test.each([
  ['DOT', '451 4.3.0', 'queued'],
  ['DOT', '554 5.6.0', 'bounced'],
  ['DOT', '250 2.0.0', 'sent'],
  ['MAIL', '421 4.3.2', 'queued'],
] as const)(
  'a long reply at %s of %s in characters beyond the sixteen-bit plane is written down and stops nobody',
  async (moment, code, state) => {
    for (const shift of ['', 'x']) {
      const w = await world({ limits: { maxConnections: 1 } })
      w.smtp.next(moment, { raw: `${code} ${shift}${bytes('\u{1f4e6}'.repeat(1_000))}\r\n` })
      await w.submit(aMessage({ to: [ANN] }))
      await w.dispatch()
      expect(await w.states()).toEqual({ [ANN]: state })
      for (const { text } of await w.attempts()) expect(text).toContain('\u{1f4e6}')
      if (moment === 'MAIL') continue
      await w.submit(aMessage({ to: [BOB] }))
      await w.dispatch()
      expect(await w.states()).toEqual({ [ANN]: state, [BOB]: 'sent' })
    }
  },
)

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SETTLED_STATES } from '../../src/delivery/delivery.ts'
import { STREAMS, type Stream } from '../../src/delivery/stream.ts'
import { aMessage } from '../support/a-message.ts'
import { world } from '../support/world.ts'

const ROLES = ['customer', 'agent', 'inbox', 'alias'] as const
type Role = (typeof ROLES)[number]
type Assignment = Readonly<Record<Role, string>>

/** Every way to share addresses among the roles, from four different ones to all the same: the partitions of a set of four. */
function assignments(): Assignment[] {
  const partitions: number[][] = []
  const extend = (head: number[]) => {
    if (head.length === ROLES.length) partitions.push(head)
    else for (let block = 0; block <= Math.max(-1, ...head) + 1; block++) extend([...head, block])
  }
  extend([])
  return partitions.map(
    (blocks) => Object.fromEntries(ROLES.map((role, i) => [role, `p${blocks[i]}@example.org`])) as unknown as Assignment,
  )
}

/** Who writes to whom, and on which stream: a decision each, whoever shares an address with whom. */
interface Decision {
  readonly from: Role
  readonly to: Role
  readonly stream: Stream
}
const decision = fc.record({
  from: fc.constantFrom(...ROLES),
  to: fc.constantFrom(...ROLES),
  stream: fc.constantFrom(...STREAMS),
})

test('there are fifteen ways to share four roles among addresses', () => {
  expect(assignments()).toHaveLength(15)
})

test('whoever shares an address with whom, every decision to send becomes one delivery that settles', async () => {
  const w = await world()
  let decided = 0
  await fc.assert(
    fc.asyncProperty(fc.array(decision, { minLength: 1, maxLength: 4 }), async (decisions: Decision[]) => {
      for (const address of assignments()) {
        for (const { from, to, stream } of decisions) {
          await w.submit(aMessage({ from: address[from], to: [address[to]], stream, subject: `${from} to ${to}` }))
          decided += 1
        }
      }
    }),
    { numRuns: 3, endOnFailure: true },
  )
  await w.dispatch()
  expect(w.smtp.received()).toHaveLength(decided)
  const messages = new Set(w.smtp.messages.map(({ content }) => /^Message-ID: (.*)$/im.exec(content)?.[1]))
  expect(messages.size).toBe(decided)
  const settled = await w.events('delivery.sent')
  expect(settled).toHaveLength(decided)
  expect(Object.values(await w.states()).every((state) => (SETTLED_STATES as readonly string[]).includes(state))).toBe(true)
}, 60_000)

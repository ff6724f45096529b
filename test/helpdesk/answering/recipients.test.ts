import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerRecipients, recipientChange, type SaidItem } from '../../../src/helpdesk/answering/recipients.ts'
import { ITEM_KINDS } from '../../../src/helpdesk/item.ts'

const person = (address: string) => ({ name: '', address })
const item = (kind: SaidItem['kind'], from: string, to: string[], cc: string[] = []): SaidItem => ({
  ...{ kind, from: person(from), replyTo: [], hiddenAt: null, recipients: { to: to.map(person), cc: cc.map(person), bcc: [] } },
})
const context = {
  requester: person('bob@example.org'),
  ours: ['support@example.com', 'help@example.com'],
  removed: [] as string[],
}
const addresses = ({ to, cc }: ReturnType<typeof answerRecipients>) => [
  to.map(({ address }) => address),
  cc.map(({ address }) => address),
]

test('an answer goes to who asks and to those who had the last message, never to us', () => {
  const items = [item('customer', 'bob@example.org', ['support@example.com', 'amy@example.org'], ['Help@Example.com'])]
  expect(addresses(answerRecipients(items, context))).toEqual([['bob@example.org'], ['amy@example.org']])
})

test('somebody else who wrote last is answered too, but the requester stays who asks', () => {
  const items = [item('customer', 'amy@example.org', ['support@example.com'])]
  expect(addresses(answerRecipients(items, context))).toEqual([['bob@example.org'], ['amy@example.org']])
  expect(addresses(answerRecipients(items, { ...context, removed: ['amy@example.org'] }))).toEqual([['bob@example.org'], []])
})

test('who got a forward gets no answer by that', () => {
  const items = [
    item('customer', 'bob@example.org', ['support@example.com']),
    item('forward', 'support@example.com', ['carrier@example.net']),
  ]
  expect(addresses(answerRecipients(items, context))).toEqual([['bob@example.org'], []])
})

test('whatever was said, no address of ours and nobody twice is among the recipients', () => {
  const pool = fc.constantFrom(
    'bob@example.org',
    'BOB@example.org',
    'amy@example.org',
    'support@example.com',
    'HELP@example.com',
    'not an address',
  )
  const some = fc.record({
    kind: fc.constantFrom(...ITEM_KINDS),
    from: pool,
    to: fc.array(pool, { maxLength: 4 }),
    cc: fc.array(pool, { maxLength: 4 }),
  })
  fc.assert(
    fc.property(fc.array(some, { maxLength: 6 }), (given) => {
      const items = given.map(({ kind, from, to, cc }) => item(kind, from, to, cc))
      const [to = [], cc = []] = addresses(answerRecipients(items, context))
      const all = [...to, ...cc].map((address) => address.toLowerCase())
      expect(to).toEqual(['bob@example.org'])
      expect(new Set(all).size).toBe(all.length)
      for (const ours of [...context.ours, 'not an address']) expect(all).not.toContain(ours)
    }),
  )
})

test('a writer is told who is new and who is left out', () => {
  const usual = { to: [person('bob@example.org')], cc: [person('amy@example.org')] }
  const chosen = { to: ['Bob@example.org'], cc: [], bcc: ['boss@example.com'] }
  expect(recipientChange(chosen, usual)).toEqual({ added: ['boss@example.com'], missing: ['amy@example.org'] })
})

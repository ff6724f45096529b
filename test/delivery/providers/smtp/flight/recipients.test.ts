import { expect, test } from 'vitest'
import type { HandoffResult } from '../../../../../src/delivery/providers/provider.ts'
import { aHandoff } from '../../../../support/handoff.ts'
import { providerTo } from '../../../../support/smtp-route.ts'
import { ALL_EXTENSIONS } from '../../../../support/smtp-script.ts'
import { smtpServer } from '../../../../support/smtp-server.ts'

const WAYS = [
  ['with PIPELINING', ALL_EXTENSIONS],
  ['with CHUNKING', [...ALL_EXTENSIONS, 'CHUNKING']],
  ['one command at a time', ['8BITMIME']],
] as const

function kinds({ outcomes }: HandoffResult): string[] {
  return outcomes.map(({ kind }) => kind)
}

test.each(WAYS)('fifty recipients with three different answers have three different ends, %s', async (_, extensions) => {
  await using server = await smtpServer({ extensions })
  const recipients = Array.from({ length: 50 }, (_, index) => `r${index}@example.org`)
  for (const [index, recipient] of recipients.entries()) {
    if (index % 3 === 1) server.answer(recipient, '450 4.2.1 mailbox busy').always()
    if (index % 3 === 2) server.answer(recipient, '550 5.1.1 no such user').always()
  }
  await using provider = providerTo(server)
  const result = await provider.send(aHandoff({ recipients }))
  expect(kinds(result)).toEqual(recipients.map((_, index) => ['accepted', 'deferred', 'rejected'][index % 3]))
  expect(server.received()).toEqual(recipients.filter((_, index) => index % 3 === 0))
  for (const [index, outcome] of result.outcomes.entries()) {
    if ('failure' in outcome) expect(outcome.failure.stage, recipients[index]).toBe('rcpt')
  }
})

test.each(WAYS)('recipients beyond what the server takes at one time are simply unsent, %s', async (_, extensions) => {
  await using server = await smtpServer({ extensions, recipientsPerMessage: 10 })
  await using provider = providerTo(server)
  const recipients = Array.from({ length: 25 }, (_, index) => `r${index}@example.org`)
  const first = await provider.send(aHandoff({ recipients }))
  expect(kinds(first)).toEqual(recipients.map((_, index) => (index < 10 ? 'accepted' : 'unsent')))
  const second = await provider.send(aHandoff({ recipients: recipients.slice(10) }))
  expect(kinds(second).slice(0, 10)).toEqual(new Array(10).fill('accepted'))
  expect(server.received()).toEqual(recipients.slice(0, 20))
})

test('"too many" for the very first recipient is a failure, not a reason to try at once for ever', async () => {
  await using server = await smtpServer({ on: { RCPT: '452 4.5.3 too many recipients' } })
  await using provider = providerTo(server)
  expect(kinds(await provider.send(aHandoff()))).toEqual(['deferred'])
})

test('recipients beyond what fits into one transaction are unsent, and none of them is named to the server', async () => {
  await using server = await smtpServer()
  await using provider = providerTo(server, { limits: { maxRecipientsPerTransaction: 2 } })
  const recipients = ['a@example.org', 'b@example.org', 'c@example.org']
  expect(kinds(await provider.send(aHandoff({ recipients })))).toEqual(['accepted', 'accepted', 'unsent'])
  expect(server.commands().filter((line) => line.startsWith('RCPT'))).toEqual([
    'RCPT TO:<a@example.org>',
    'RCPT TO:<b@example.org>',
  ])
})

test.each(WAYS)(
  'when nobody is taken, no body leaves a plain dialogue, and the connection serves the next message, %s',
  async (_, extensions) => {
    await using server = await smtpServer({ extensions })
    server.answer('gone@example.org', '550 5.1.1 no such user').always()
    await using provider = providerTo(server, { limits: { maxConnections: 1 } })
    const refused = await provider.send(aHandoff({ recipients: ['gone@example.org'] }))
    expect(refused.outcomes).toMatchObject([{ kind: 'rejected', failure: { stage: 'rcpt', class: 'recipient_unknown' } }])
    expect(kinds(await provider.send(aHandoff({ recipients: ['bob@example.org'] })))).toEqual(['accepted'])
    expect(server.connections).toHaveLength(1)
    expect(server.messages).toMatchObject([{ sender: 'ann@example.com', recipients: ['bob@example.org'], fate: 'accepted' }])
  },
)

test('a server that says 354 although it refused everybody gets a lone dot, and its answer means nothing', async () => {
  for (const answer of ['250 2.0.0 taken', '554 5.5.1 no valid recipients', '421 4.0.0 never mind']) {
    await using server = await smtpServer({ on: { DATA: ['354 go'], DOT: [answer] } })
    server.answer('gone@example.org', '550 5.1.1 no such user').always()
    await using provider = providerTo(server, { limits: { maxConnections: 1 } })
    let left = false
    const mayLeave = (): true => {
      left = true
      return true
    }
    const refused = await provider.send(aHandoff({ recipients: ['gone@example.org'], mayLeave }))
    expect(kinds(refused)).toEqual(['rejected'])
    expect(left).toBe(false)
    expect(kinds(await provider.send(aHandoff()))).toEqual(['accepted'])
    expect(server.connections).toHaveLength(1)
    expect(server.commands().slice(4)).toEqual(['RSET', expect.stringMatching(/^MAIL/), 'RCPT TO:<bob@example.org>', 'DATA'])
  }
})

test.each(WAYS)('a refused sender is the answer for every recipient, and suppresses none, %s', async (_, extensions) => {
  await using server = await smtpServer({ extensions, on: { MAIL: '550 5.7.1 your domain is blocked' } })
  await using provider = providerTo(server)
  const { outcomes } = await provider.send(aHandoff({ recipients: ['a@example.org', 'b@example.org'] }))
  expect(outcomes).toMatchObject([
    { failure: { stage: 'mail', suppress: false } },
    { failure: { stage: 'mail', suppress: false } },
  ])
  expect(server.messages).toEqual([])
})

test('"no such user" after the body of one of two suppresses nobody, of a single one it does', async () => {
  await using server = await smtpServer({ on: { DOT: '550 5.1.1 no such user' } })
  await using provider = providerTo(server)
  const two = await provider.send(aHandoff({ recipients: ['a@example.org', 'b@example.org'] }))
  expect(two.outcomes).toMatchObject([{ failure: { suppress: false } }, { failure: { suppress: false } }])
  const one = await provider.send(aHandoff({ recipients: ['a@example.org'] }))
  expect(one.outcomes).toMatchObject([{ failure: { suppress: true } }])
})

test('a transaction refused in the middle is reset before the next one begins', async () => {
  await using server = await smtpServer({ on: { DATA: ['451 4.3.0 not now'] } })
  await using provider = providerTo(server, { limits: { maxConnections: 1 } })
  expect(kinds(await provider.send(aHandoff()))).toEqual(['deferred'])
  expect(kinds(await provider.send(aHandoff({ recipients: ['cid@example.org'] })))).toEqual(['accepted'])
  expect(server.messages).toMatchObject([{ recipients: ['cid@example.org'] }])
  expect(server.commands()).toContain('RSET')
})

test('a server that cannot even reset loses the connection, and the message goes over a new one', async () => {
  await using server = await smtpServer({ on: { DATA: ['451 4.3.0 not now'], RSET: ['500 5.5.1 what?'] } })
  await using provider = providerTo(server, { limits: { maxConnections: 1 } })
  await provider.send(aHandoff())
  expect(kinds(await provider.send(aHandoff({ recipients: ['cid@example.org'] })))).toEqual(['accepted'])
  expect(server.connections).toHaveLength(2)
  expect(server.messages).toHaveLength(1)
})

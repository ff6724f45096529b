import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/clock.ts'
import type { FailureClass } from '../../../src/mail/failure.ts'
import type { SmtpStage } from '../../../src/mail/smtp-answer.ts'
import { ALL_EXTENSIONS, type Moment, type SmtpScript } from '../../support/smtp-script.ts'
import { aMessage, world } from '../../support/world.ts'

const ANN = 'ann@example.org'
const BOB = 'bob@example.org'

interface Verdict {
  readonly moment: Moment
  readonly reply: string
  readonly class: FailureClass
}

/** What the server says to one message; the second message is taken. */
const TEMPORARY: readonly Verdict[] = [
  { moment: 'MAIL', reply: '451 4.3.0 temporary failure', class: 'remote_temporary' },
  { moment: 'RCPT', reply: '450 4.2.1 mailbox busy', class: 'recipient_unavailable' },
  { moment: 'RCPT', reply: '451 4.7.1 greylisted', class: 'greylisted' },
  { moment: 'RCPT', reply: '452 4.2.2 mailbox full', class: 'mailbox_full' },
  { moment: 'DATA', reply: '451 4.3.0 temporary failure', class: 'remote_temporary' },
  { moment: 'DOT', reply: '451 4.3.0 temporary failure', class: 'remote_temporary' },
]

test.each(TEMPORARY)(
  '$reply at $moment: this message is tried again, it costs one of its tries, and the next one leaves at once',
  async (one) => {
    const w = await world({ limits: { maxConnections: 1 } })
    w.smtp.next(one.moment, one.reply)
    await w.submit(aMessage({ to: [ANN] }))
    await w.submit(aMessage({ to: [BOB] }))
    await w.dispatch()
    const ann = await w.deliveryOf(ANN)
    expect(ann).toMatchObject({ state: 'queued', failures: 1, attempt: 1, reason: { code: one.class }, waitingOn: null })
    expect(ann.dueAt!.getTime()).toBeGreaterThan(w.clock.now().getTime())
    expect(ann.attempts).toMatchObject([
      {
        outcome: 'deferred',
        stage: one.moment.toLowerCase(),
        class: one.class,
        code: Number(one.reply.slice(0, 3)),
        enhanced: one.reply.slice(4, 9),
      },
    ])
    expect(ann.events.map(({ type }) => type)).toEqual(['delivery.deferred'])
    expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'sent', failures: 0 })
    expect(await w.circuit()).toEqual({ state: 'closed' })

    w.clock.advance(ann.dueAt!.getTime() - w.clock.now().getTime())
    await w.dispatch()
    expect(await w.deliveryOf(ANN)).toMatchObject({ state: 'sent', failures: 1, attempt: 2 })
    expect(w.smtp.received()).toEqual([BOB, ANN])
  },
)

const FINAL: readonly (Verdict & { suppresses?: true })[] = [
  { moment: 'MAIL', reply: '552 5.3.4 message too big', class: 'too_large' },
  { moment: 'RCPT', reply: '550 5.1.1 user unknown', class: 'recipient_unknown', suppresses: true },
  { moment: 'RCPT', reply: '550 5.7.1 not allowed by our policy', class: 'policy_refused' },
  { moment: 'DATA', reply: '554 5.6.0 malformed', class: 'message_malformed' },
  { moment: 'DOT', reply: '554 5.7.1 rejected as spam', class: 'content_spam' },
  { moment: 'DOT', reply: '550 5.1.1 user unknown', class: 'recipient_unknown' },
]

test.each(FINAL)('$reply at $moment: this message bounces, the next one leaves', async (one) => {
  const w = await world({ limits: { maxConnections: 1 } })
  w.smtp.next(one.moment, one.reply)
  await w.submit(aMessage({ to: [ANN] }))
  await w.submit(aMessage({ to: [BOB] }))
  await w.dispatch()
  const ann = await w.deliveryOf(ANN)
  expect(ann).toMatchObject({
    state: 'bounced',
    attempt: 1,
    reason: { code: expect.any(String), sentence: expect.stringContaining(one.reply.slice(0, 3)) },
  })
  expect(ann.attempts).toMatchObject([{ outcome: 'rejected', stage: one.moment.toLowerCase(), class: ann.reason!.code }])
  expect(ann.actions).toEqual(['resend'])
  expect(await w.states()).toMatchObject({ [BOB]: 'sent' })
  expect(await w.circuit()).toEqual({ state: 'closed' })
  expect(ann.reason!.code).toBe(one.class)
})

test('an address that does not exist is suppressed: later mail to it is not sent and says why', async () => {
  const w = await world()
  w.smtp.answer('Bob@Example.org', '550 5.1.1 user unknown').always()
  await w.submit(aMessage({ to: ['Bob@Example.org'] }))
  await w.dispatch()
  expect(await w.suppressions()).toEqual(['bob@example.org'])
  await w.submit(aMessage({ to: ['bob@example.org'], stream: 'bulk' }))
  await w.dispatch()
  expect(await w.deliveryOf('bob@example.org')).toMatchObject({
    state: 'suppressed',
    attempt: 0,
    reason: { code: 'suppressed' },
    attempts: [],
  })
  expect(await w.events('delivery.suppressed')).toHaveLength(1)
  expect(await w.events('suppression.added')).toHaveLength(1)
  expect(w.smtp.messages).toEqual([])
})

test('a sender that may not be used suppresses nobody: its mail is held for a person', async () => {
  const w = await world()
  w.smtp.always('MAIL', '550 5.7.1 sender address rejected: not owned by user shop')
  await w.submit(aMessage({ to: [ANN, BOB] }))
  await w.dispatch()
  for (const recipient of [ANN, BOB]) {
    expect(await w.deliveryOf(recipient)).toMatchObject({
      state: 'held',
      failures: 0,
      reason: { code: 'sender_rejected' },
      actions: ['release', 'cancel'],
    })
  }
  expect(await w.suppressions()).toEqual([])
  expect(await w.events('delivery.held')).toHaveLength(2)
})

test('fifty recipients in one transaction, three kinds of answers: each recipient has its own fate', async () => {
  const w = await world({ limits: { maxConnections: 50 } })
  // At domains of their own: so many unknown ones of a single domain would be held as evidence of something else.
  const to = Array.from({ length: 50 }, (_, i) => `r${i}@d${i}.example.org`)
  const kindOf = (i: number) => (['sent', 'queued', 'bounced'] as const)[i % 3]!
  to.forEach((recipient, i) => {
    if (kindOf(i) === 'queued') w.smtp.answer(recipient, '450 4.2.1 mailbox busy').thenAccept()
    if (kindOf(i) === 'bounced') w.smtp.answer(recipient, '550 5.1.1 user unknown').always()
  })
  await w.submit(aMessage({ to }))
  await w.dispatch()
  expect(w.smtp.messages.map(({ recipients }) => recipients)).toEqual([to.filter((_, i) => kindOf(i) === 'sent')])
  expect(await w.states()).toEqual(Object.fromEntries(to.map((recipient, i) => [recipient, kindOf(i)])))
  expect(await w.suppressions()).toEqual(to.filter((_, i) => kindOf(i) === 'bounced').toSorted())
  const outcomes = Object.fromEntries(
    (await w.attempts()).map(({ recipient, outcome, code }) => [recipient, `${outcome} ${code}`]),
  )
  expect(outcomes).toEqual(
    Object.fromEntries(
      to.map((recipient, i) => [recipient, { sent: 'accepted 250', queued: 'deferred 450', bounced: 'rejected 550' }[kindOf(i)]]),
    ),
  )
  w.clock.advance(HOUR)
  await w.dispatch()
  expect(w.smtp.received().toSorted()).toEqual(to.filter((_, i) => kindOf(i) !== 'bounced').toSorted())
})

test('a server that takes ten recipients at a time gets the others at once in further transactions, and nobody loses a try', async () => {
  const w = await world({ script: { recipientsPerMessage: 10 } })
  const to = Array.from({ length: 35 }, (_, i) => `r${i}@example.org`)
  await w.submit(aMessage({ to }))
  await w.dispatch()
  expect(Object.values(await w.states())).toEqual(to.map(() => 'sent'))
  expect(w.smtp.received().toSorted()).toEqual(to.toSorted())
  expect(Math.max(...w.smtp.messages.map(({ recipients }) => recipients.length))).toBe(10)
  expect(Object.values(await w.deliveries()).every(({ failures }) => failures === 0)).toBe(true)
  expect((await w.attempts()).every(({ outcome }) => outcome === 'accepted')).toBe(true)
})

test('a connection that ends with 421 after three messages is replaced; nothing is lost, doubled or counted', async () => {
  const w = await world({ script: { messagesPerConnection: 3 }, limits: { maxConnections: 2 } })
  const to = Array.from({ length: 20 }, (_, i) => `r${i}@example.org`)
  for (const recipient of to) await w.submit(aMessage({ to: [recipient] }))
  await w.dispatch()
  expect(w.smtp.received().toSorted()).toEqual(to.toSorted())
  expect(Object.values(await w.deliveries()).map(({ state, failures, attempt }) => [state, failures, attempt])).toEqual(
    to.map(() => ['sent', 0, 1]),
  )
  expect(await w.circuit()).toEqual({ state: 'closed' })
})

test('a server that allows two connections gets two', async () => {
  const w = await world({ script: { connections: 2 }, route: { max_connections: 8 } })
  const to = Array.from({ length: 30 }, (_, i) => `r${i}@example.org`)
  for (const recipient of to) await w.submit(aMessage({ to: [recipient] }))
  await w.dispatch()
  expect(w.smtp.received().toSorted()).toEqual(to.toSorted())
  expect(Object.values(await w.deliveries()).every(({ failures }) => failures === 0)).toBe(true)
})

test('a message larger than the server takes is refused without offering it, the smaller one leaves', async () => {
  const w = await world({ script: { extensions: ['PIPELINING', 'SIZE 1000'] } })
  await w.submit(aMessage({ to: [ANN], body: 'x'.repeat(70).concat('\r\n').repeat(50) }))
  await w.submit(aMessage({ to: [BOB] }))
  await w.dispatch()
  expect(await w.deliveryOf(ANN)).toMatchObject({
    state: 'bounced',
    reason: { code: 'too_large' },
    attempts: [{ outcome: 'rejected', class: 'too_large', code: null }],
  })
  expect(w.smtp.received()).toEqual([BOB])
  expect(await w.suppressions()).toEqual([])
})

test('an address outside ASCII needs SMTPUTF8: refused with the reason where it lacks, sent where it does not', async () => {
  const zoe = 'zo\u00eb@example.org'
  const lacking = await world({ script: { extensions: ALL_EXTENSIONS.filter((name) => name !== 'SMTPUTF8') } })
  await lacking.submit(aMessage({ to: [zoe], internationalized: true, content: 'From: ann@example.com\r\n\r\nHello\r\n' }))
  await lacking.dispatch()
  expect(await lacking.deliveryOf(zoe)).toMatchObject({ state: 'bounced', reason: { code: 'smtputf8_unsupported' } })
  const offering = await world()
  await offering.submit(aMessage({ to: [zoe], internationalized: true, content: 'From: ann@example.com\r\n\r\nHello\r\n' }))
  await offering.dispatch()
  expect(await offering.states()).toEqual({ [zoe]: 'sent' })
  expect(offering.smtp.messages[0]?.parameters).toContain('SMTPUTF8')
})

test('eight-bit content reaches a server that takes it as it is, and one that does not re-encoded', async () => {
  const content =
    'From: ann@example.com\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n'
  for (const extensions of [ALL_EXTENSIONS, ['PIPELINING']] as const) {
    const w = await world({ script: { extensions } })
    await w.submit(aMessage({ content, eightBit: true }))
    await w.dispatch()
    expect(await w.states()).toEqual({ [BOB]: 'sent' })
    const received = w.smtp.messages[0]!
    if (extensions === ALL_EXTENSIONS)
      expect([received.content, received.parameters]).toEqual([content, expect.arrayContaining(['BODY=8BITMIME'])])
    else expect(received.content).toMatch(/^[\x00-\x7f]*$/)
  }
})

const PLAIN_SERVERS: readonly (readonly [string, SmtpScript])[] = [
  ['speaks HELO only', { on: { EHLO: '502 5.5.1 not implemented' } }],
  ['has no PIPELINING', { extensions: ['8BITMIME'] }],
  ['has no extension at all', { extensions: [] }],
]

test.each(PLAIN_SERVERS)('a server that %s gets its mail one command at a time', async (_, script) => {
  const w = await world({ script })
  const to = [ANN, BOB, 'cid@example.org']
  await w.submit(aMessage({ to }))
  await w.submit(aMessage({ to: ['dora@example.org'] }))
  await w.dispatch()
  expect(w.smtp.received().toSorted()).toEqual([...to, 'dora@example.org'])
})

/** Before the body's end nothing was accepted: it is simply tried again, and nobody is doubled. */
const DROPS: readonly { at: Moment | 'BODY'; stage: SmtpStage }[] = [
  { at: 'MAIL', stage: 'mail' },
  { at: 'RCPT', stage: 'rcpt' },
  { at: 'DATA', stage: 'data' },
  { at: 'BODY', stage: 'body' },
]

test.each(DROPS)(
  'a connection that breaks at $at before the message was complete costs a try and doubles nobody',
  async ({ at }) => {
    const w = await world({
      script: at === 'BODY' ? { dropAtBodyByte: 200_000, extensions: ['PIPELINING'] } : {},
      limits: { maxConnections: 1 },
    })
    if (at !== 'BODY') w.smtp.always(at, { afterwards: 'reset' })
    // Larger than the buffers of both sides: the end of it cannot have left.
    await w.submit(aMessage({ body: `${'x'.repeat(78)}\r\n`.repeat(at === 'BODY' ? 150_000 : 10) }))
    await w.dispatch()
    expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'queued', failures: 1, attempts: [{ outcome: 'deferred' }] })
    if (at === 'BODY') w.smtp.script = { extensions: ['PIPELINING'] }
    else w.smtp.always(at, null)
    w.clock.advance(MINUTE)
    await w.dispatch()
    expect(w.smtp.messages).toHaveLength(1)
    expect(await w.states()).toEqual({ [BOB]: 'sent' })
  },
)

const GARBAGE: readonly (readonly [string, SmtpScript, FailureClass])[] = [
  ['a banner of a megabyte without an end', { on: { CONNECT: { raw: 'x'.repeat(1_000_000) } } }, 'protocol_error'],
  ['binary instead of a banner', { on: { CONNECT: { raw: '\x00\x01\xff\xfe\r\n' } } }, 'protocol_error'],
  ['a reply that never ends', { on: { CONNECT: { raw: '220-hello\r\n'.repeat(100_000) } } }, 'protocol_error'],
  ['the code 999', { on: { CONNECT: '999 what' } }, 'protocol_error'],
]

test.each(GARBAGE)('%s stops the route with a name for it and fills no memory', async (_, script, found) => {
  const w = await world({ script })
  await w.submit(aMessage())
  await w.dispatch()
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'queued', failures: 0 })
  expect(await w.circuit()).toMatchObject({ state: 'open', reason: { code: found } })
  const [attempt] = await w.attempts()
  expect(attempt!.transcript!.length).toBeLessThanOrEqual(8_192)
})

test.each([
  ['accepts', '250 2.0.0 ok', 'sent'],
  ['defers', '451 4.3.0 later', 'queued'],
  ['rejects', '554 5.6.0 no', 'bounced'],
] as const)(
  'a reply with NUL, bytes above 127, quotes and braces in it, which %s, is written down and stops nobody',
  async (_, reply, state) => {
    const w = await world({ limits: { maxConnections: 1 } })
    w.smtp.next('DOT', { raw: `${reply} \x00 \xff\xfe \xed\xa0\x80 \\u0000 "'\\{},NULL \x1b[31m\r\n` })
    await w.submit(aMessage({ to: [ANN] }))
    await w.submit(aMessage({ to: [BOB] }))
    await w.dispatch()
    expect(await w.states()).toEqual({ [ANN]: state, [BOB]: 'sent' })
    if (state === 'queued') w.clock.advance(MINUTE)
    await w.dispatch()
  },
)

test('a server that answers before it was asked loses the connection, and the message goes again', async () => {
  const w = await world({ limits: { maxConnections: 1 } })
  w.smtp.next('MAIL', { raw: '250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n250 2.0.0 taken\r\n' })
  await w.submit(aMessage())
  await w.dispatch()
  const bob = await w.deliveryOf(BOB)
  expect(bob).toMatchObject({ state: 'queued', failures: 1, reason: { code: 'protocol_error' } })
  w.clock.advance(bob.dueAt!.getTime() - w.clock.now().getTime())
  await w.dispatch()
  expect(w.smtp.received()).toEqual([BOB])
})

test('a recipient who is put off for ever expires in the end, with the last reason', async () => {
  const w = await world()
  w.smtp.answer(BOB, '451 4.7.1 greylisted').always()
  await w.submit(aMessage())
  for (let tries = 0; tries < 40 && (await w.states())[BOB] === 'queued'; tries++) {
    await w.dispatch()
    const { dueAt, expiresAt } = await w.deliveryOf(BOB)
    if (dueAt) w.clock.advance(Math.min(dueAt.getTime(), expiresAt.getTime()) - w.clock.now().getTime())
    await w.jobs()
  }
  const bob = await w.deliveryOf(BOB)
  expect(bob).toMatchObject({ state: 'expired', reason: { code: 'expired', sentence: expect.stringContaining('greylist') } })
  expect(bob.attempts.length).toBeGreaterThan(5)
  expect(bob.attempts.every(({ outcome }) => outcome === 'deferred')).toBe(true)
  expect(await w.suppressions()).toEqual([])
})

test('a recipient for whom alone the relay turns us away does not close the route for everybody else again and again', async () => {
  const w = await world()
  w.smtp.answer(ANN, '550 5.7.1 relaying denied').always()
  await w.submit(aMessage({ to: [ANN], stream: 'conversation' }))
  let sent = 0
  for (let round = 0; round < 6; round++) {
    await w.submit(aMessage({ to: [`r${round}@example.org`] }))
    await w.dispatch()
    const circuit = await w.circuit()
    sent = Object.values(await w.states()).filter((state) => state === 'sent').length
    w.clock.advance(circuit.state === 'closed' ? 5 * MINUTE : circuit.until.getTime() - w.clock.now().getTime())
  }
  await w.dispatch()
  expect(sent).toBeGreaterThanOrEqual(5)
  expect(await w.circuit()).toEqual({ state: 'closed' })
  expect(await w.deliveryOf(ANN)).toMatchObject({
    state: 'queued',
    failures: expect.any(Number),
    reason: { code: 'auth_required' },
  })
  expect((await w.deliveryOf(ANN)).failures).toBeGreaterThan(0)
})

import { expect, test } from 'vitest'
import { HOUR, SECOND } from '../../../src/lib/clock.ts'
import { type FeedbackWorld, feedbackWorld } from '../../support/feedback-world.ts'
import { envelopeOf, SCALEWAY_TOPIC, SES_TOPIC } from '../../support/topic-server.ts'

const BOB = 'bob@example.org'
const EVE = 'eve@example.org'
const AT = '2026-11-22T12:00:00.000Z'

const mailOf = (...destination: string[]) => ({ messageId: 'ses-1', destination, timestamp: AT })
const delivery = (...to: string[]) => ({
  eventType: 'Delivery',
  mail: mailOf(...to),
  delivery: { timestamp: AT, recipients: to, smtpResponse: '250 2.0.0 OK', processingTimeMillis: 812 },
})
const bounce = (to: string, more: object = {}) => ({
  eventType: 'Bounce',
  mail: mailOf(to),
  bounce: {
    bounceType: 'Permanent',
    bounceSubType: 'General',
    feedbackId: 'feedback-1',
    timestamp: AT,
    bouncedRecipients: [{ emailAddress: to, action: 'failed', status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 user unknown' }],
    ...more,
  },
})

async function taken(...to: string[]): Promise<FeedbackWorld> {
  const w = await feedbackWorld()
  for (const id of Object.values(await w.sent(...to))) await w.took(w.ses, id, 'ses-1')
  return w
}

test.each(['1', '2'] as const)('an event of SES that is signed with version %s is believed', async (version) => {
  const w = await taken(BOB)
  expect(await w.post(w.ses, envelopeOf(delivery(BOB), { version, at: w.clock.now() }))).toBe('stored')
  await w.read()
  expect(await w.seen()).toMatchObject([{ state: 'applied', reason: null, events: 1 }])
  const { state, events } = await w.deliveryOf(BOB)
  expect(state).toBe('delivered')
  expect(events.at(-1)).toMatchObject({
    type: 'delivery.delivered',
    data: { source: 'ses', diagnostic: '250 2.0.0 OK', happened_at: AT },
  })
})

test('the older notifications of SES are understood as well', async () => {
  const w = await taken(BOB)
  const { eventType, ...event } = bounce(BOB)
  await w.post(w.ses, envelopeOf({ notificationType: eventType, ...event }, { at: w.clock.now() }))
  await w.read()
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'bounced', reason: { code: 'recipient_unknown' } })
  expect(await w.suppressions()).toEqual([BOB])
})

test.each([
  ['a signature of somebody else', { by: 'stranger' }, 'its signature is wrong'],
  [
    'a certificate on another host',
    { certificate: 'https://sns.eu-west-1.amazonaws.com.attacker.example/SimpleNotificationService-1.pem' },
    'not at a place of the service',
  ],
  [
    'a certificate over plain http',
    { certificate: 'http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem' },
    'not at a place of the service',
  ],
  [
    'another port, or a user, before the host',
    { certificate: 'https://sns.eu-west-1.amazonaws.com@attacker.example/SimpleNotificationService-1.pem' },
    'not at a place of the service',
  ],
] as const)('%s is not believed, and changes nothing', async (_, wishes, why) => {
  const w = await taken(BOB)
  await w.post(w.ses, envelopeOf(bounce(BOB), { ...wishes, at: w.clock.now() }))
  await w.read()
  expect(await w.seen()).toMatchObject([{ state: 'failed', reason: expect.stringContaining(why) }])
  expect(await w.states()).toEqual({ [BOB]: 'sent' })
  expect(await w.suppressions()).toEqual([])
})

test("a stranger's topic is signed by the same service, and not believed", async () => {
  const w = await taken(BOB)
  const topic = 'arn:aws:sns:eu-west-1:999999999999:mine'
  await w.post(w.ses, envelopeOf(bounce(BOB), { topic, at: w.clock.now() }))
  await w.read()
  expect(await w.seen()).toMatchObject([{ state: 'ignored', reason: expect.stringContaining(SES_TOPIC) }])
  expect(w.topic.asked).toEqual([])
  expect(await w.states()).toEqual({ [BOB]: 'sent' })
})

test('a forged event that came first does not stand in the way of the true one with the same id', async () => {
  const w = await taken(BOB)
  const id = 'one-id'
  await w.post(w.ses, envelopeOf(delivery(BOB), { id, by: 'stranger', at: w.clock.now() }))
  await w.post(w.ses, envelopeOf(delivery(BOB), { id, at: w.clock.now() }))
  await w.read()
  expect((await w.seen()).map(({ state }) => state)).toEqual(['failed', 'applied'])
  expect(await w.states()).toEqual({ [BOB]: 'delivered' })
})

test('an event of long ago is not taken again', async () => {
  const w = await taken(BOB)
  await w.post(w.ses, envelopeOf(bounce(BOB), { at: new Date(w.clock.now().getTime() - 200 * HOUR) }))
  await w.read()
  expect(await w.seen()).toMatchObject([{ state: 'failed', reason: expect.stringContaining('too far') }])
})

test('a wrong secret is not even stored, nor is one of another route or of an older address', async () => {
  const w = await taken(BOB)
  const body = envelopeOf(delivery(BOB))
  expect(await w.post(w.ses, body, 2)).toBe('unknown')
  expect(await w.post({ ...w.ses, id: w.scaleway.id }, body)).toBe('unknown')
  expect(await w.seen()).toEqual([])
})

test('a request that comes five times is stored once, and the same event in another envelope counts once', async () => {
  const w = await taken(BOB)
  const body = envelopeOf(bounce(BOB), { at: w.clock.now() })
  const answers = await Promise.all(Array.from({ length: 5 }, () => w.post(w.ses, body)))
  expect(answers.toSorted()).toEqual(['known', 'known', 'known', 'known', 'stored'])
  await w.post(w.ses, envelopeOf(bounce(BOB), { at: w.clock.now() }))
  await w.read()
  expect((await w.seen()).map(({ state }) => state)).toEqual(['applied', 'applied'])
  expect(await w.events('delivery.bounced')).toHaveLength(1)
})

test('a subscription to the topic of the route is confirmed, at an address of the service and not the one in the message', async () => {
  const w = await feedbackWorld()
  await w.post(
    w.ses,
    envelopeOf('You have chosen to subscribe', { type: 'SubscriptionConfirmation', token: 't/1', at: w.clock.now() }),
  )
  await w.read()
  expect(await w.seen()).toMatchObject([{ state: 'applied' }])
  expect(w.topic.asked.at(-1)).toBe(
    `/?Action=ConfirmSubscription&TopicArn=${encodeURIComponent(SES_TOPIC)}&Token=t%2F1&Version=2010-03-31`,
  )
})

test('a subscription to any other topic is not confirmed, nor is one of a route that names none', async () => {
  const w = await feedbackWorld({ topics: false })
  await w.post(w.ses, envelopeOf('Subscribe?', { type: 'SubscriptionConfirmation', at: w.clock.now() }))
  await w.read()
  expect(await w.seen()).toMatchObject([{ state: 'ignored', reason: expect.stringContaining(SES_TOPIC) }])
  expect(w.topic.asked).toEqual([])
})

test('while the certificate cannot be had the event waits, and is read when it can', async () => {
  const w = await taken(BOB)
  w.topic.failWith = 503
  await w.post(w.ses, envelopeOf(delivery(BOB), { at: w.clock.now() }))
  await w.read()
  expect(await w.seen()).toMatchObject([{ state: 'parked', reason: expect.stringContaining('answered 503') }])
  w.topic.failWith = null
  w.clock.advance(10 * SECOND)
  await w.read()
  expect(await w.states()).toEqual({ [BOB]: 'delivered' })
})

test('an event that comes before our own commit is parked, not lost', async () => {
  const w = await feedbackWorld()
  await w.post(w.ses, envelopeOf(delivery(BOB), { at: w.clock.now() }))
  await w.read()
  expect(await w.seen()).toMatchObject([{ state: 'parked' }])
  const { [BOB]: id } = await w.sent(BOB)
  await w.took(w.ses, id!, 'ses-1')
  w.clock.advance(5 * SECOND)
  await w.read()
  expect(await w.seen()).toMatchObject([{ state: 'applied', events: 1 }])
  expect(await w.states()).toEqual({ [BOB]: 'delivered' })
})

test('an event about mail that was never ours is looked for during a day, and then let be', async () => {
  const w = await feedbackWorld()
  await w.post(w.ses, envelopeOf(delivery(BOB), { at: w.clock.now() }))
  for (let i = 0; i < 20; i++) {
    await w.read()
    w.clock.advance(3 * HOUR)
  }
  expect(await w.seen()).toMatchObject([{ state: 'unmatched', reason: expect.stringContaining('during a day') }])
})

test('one recipient that bounced says nothing of the others', async () => {
  const w = await taken(BOB, EVE)
  await w.post(w.ses, envelopeOf(bounce(EVE), { at: w.clock.now() }))
  await w.post(w.ses, envelopeOf(delivery(BOB), { at: w.clock.now() }))
  await w.read()
  expect(await w.states()).toEqual({ [BOB]: 'delivered', [EVE]: 'bounced' })
  expect(await w.suppressions()).toEqual([EVE])
})

test('the list of SES itself bounces the mail and suppresses nobody here; opens and clicks say nothing about arrival', async () => {
  const w = await taken(BOB)
  const listed = { bounceSubType: 'OnAccountSuppressionList', bouncedRecipients: [{ emailAddress: `Bob <${BOB}>` }] }
  await w.post(w.ses, envelopeOf(bounce(BOB, listed), { at: w.clock.now() }))
  await w.post(w.ses, envelopeOf({ eventType: 'Open', mail: mailOf(BOB), open: {} }, { at: w.clock.now() }))
  await w.read()
  expect((await w.seen()).map(({ state }) => state)).toEqual(['applied', 'ignored'])
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'bounced', reason: { code: 'provider_suppressed' } })
})

test('a complaint ends the stream it was sent on for that address', async () => {
  const w = await taken(BOB)
  const complaint = {
    complainedRecipients: [{ emailAddress: BOB }],
    timestamp: AT,
    complaintFeedbackType: 'abuse',
    feedbackId: 'c1',
  }
  await w.post(w.ses, envelopeOf({ eventType: 'Complaint', mail: mailOf(BOB), complaint }, { at: w.clock.now() }))
  await w.read()
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'sent', complainedAt: expect.any(Date) })
  expect(await w.suppressions()).toEqual([BOB])
})

const scalewayEvent = (type: string, more: object = {}) => ({
  id: `event-${type}`,
  type,
  created_at: AT,
  email_id: 'tem-1',
  email_to: BOB,
  email_response_code: 250,
  email_response_message: 'OK',
  ...more,
})

test.each(['1', '2'] as const)('an event of Scaleway that is signed with version %s is believed', async (version) => {
  const w = await feedbackWorld()
  await w.took(w.scaleway, (await w.sent(BOB))[BOB]!, 'tem-1')
  await w.post(w.scaleway, envelopeOf(scalewayEvent('email_delivered'), { service: 'scaleway', version, at: w.clock.now() }))
  await w.read()
  expect(await w.seen()).toMatchObject([{ source: 'scaleway', state: 'applied' }])
  expect(await w.states()).toEqual({ [BOB]: 'delivered' })
})

test("a certificate that Scaleway's authority did not issue is not believed, even on its host", async () => {
  const w = await feedbackWorld()
  await w.took(w.scaleway, (await w.sent(BOB))[BOB]!, 'tem-1')
  const certificate = 'https://messaging.s3.fr-par.scw.cloud/fr-par/sns/stranger.crt'
  await w.post(
    w.scaleway,
    envelopeOf(scalewayEvent('email_delivered'), { service: 'scaleway', by: 'stranger', certificate, at: w.clock.now() }),
  )
  await w.read()
  expect(await w.seen()).toMatchObject([{ state: 'failed', reason: expect.stringContaining('authority') }])
})

test.each([
  ['email_dropped', { email_response_code: 550, email_response_message: '5.1.1 unknown user' }, 'recipient_unknown', [BOB]],
  ['email_mailbox_not_found', { email_response_code: null, email_response_message: null }, 'recipient_unknown', [BOB]],
  ['email_spam', { email_response_code: 554, email_response_message: '5.7.1 looks like spam' }, 'content_spam', []],
  ['email_blocklisted', { email_response_code: null, email_response_message: null }, 'provider_suppressed', []],
] as const)('%s of Scaleway is a bounce', async (type, more, code, suppressed) => {
  const w = await feedbackWorld()
  await w.took(w.scaleway, (await w.sent(BOB))[BOB]!, 'tem-1')
  await w.post(w.scaleway, envelopeOf(scalewayEvent(type, more), { service: 'scaleway', at: w.clock.now() }))
  await w.read()
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'bounced', reason: { code } })
  expect(await w.suppressions()).toEqual(suppressed)
})

test('where no topic tells anything Scaleway is asked, again for what is still on its way, and not twice for the same', async () => {
  const w = await feedbackWorld()
  const ids = await w.sent(BOB, EVE)
  await w.took(w.scaleway, ids[BOB]!, 'tem-1')
  await w.took(w.scaleway, ids[EVE]!, 'tem-2')
  const created = w.clock.now().toISOString()
  const mail = (id: string, to: string, status: string, more: object = {}) => ({
    id,
    mail_rcpt: to,
    status,
    created_at: created,
    try_count: 1,
    ...more,
  })
  const poll = async () => {
    for (const job of w.reader.jobs) await job.run(w.clock.now())
    await w.read()
  }
  w.topic.mails = [
    mail('tem-1', BOB, 'sent'),
    mail('tem-2', EVE, 'sending', { try_count: 1, last_tries: [{ code: 451, message: 'later' }] }),
  ]
  await poll()
  expect(await w.states()).toEqual({ [BOB]: 'delivered', [EVE]: 'sent' })
  expect((await w.deliveryOf(EVE)).events.at(-1)).toMatchObject({ type: 'delivery.delayed', data: { diagnostic: '451 later' } })
  await poll()
  expect(w.topic.asked.filter((path) => path.includes('/emails'))).toHaveLength(1)
  w.clock.advance(180 * SECOND)
  await poll()
  expect(await w.seen()).toHaveLength(1)
  w.topic.mails = [
    mail('tem-1', BOB, 'sent'),
    mail('tem-2', EVE, 'failed', { last_tries: [{ code: 550, message: '5.1.1 no such user' }] }),
  ]
  w.clock.advance(180 * SECOND)
  await poll()
  expect(await w.states()).toEqual({ [BOB]: 'delivered', [EVE]: 'bounced' })
  expect(w.topic.asked.at(-1)).toContain(`since=${encodeURIComponent(created)}`)
})

test('a topic that tells something keeps Scaleway from being asked', async () => {
  const w = await feedbackWorld()
  await w.took(w.scaleway, (await w.sent(BOB))[BOB]!, 'tem-1')
  await w.post(
    w.scaleway,
    envelopeOf(scalewayEvent('email_queued'), { service: 'scaleway', topic: SCALEWAY_TOPIC, at: w.clock.now() }),
  )
  await w.post(w.scaleway, envelopeOf(scalewayEvent('email_delivered'), { service: 'scaleway', at: w.clock.now() }))
  await w.read()
  for (const job of w.reader.jobs) await job.run(w.clock.now())
  expect(w.topic.asked.some((path) => path.includes('/emails'))).toBe(false)
})

import { expect, test } from 'vitest'
import { complaintAddressOf, returnPathKey, returnPathOf } from '../../../src/delivery/feedback/return-path.ts'
import type { DeliveryId } from '../../../src/lib/ids.ts'
import { type FeedbackWorld, feedbackWorld } from '../../support/feedback-world.ts'

const BOB = 'bob@example.org'
const EVE = 'eve@example.org'
const HOST = 'bounce.example.com'

const pathOf = (w: FeedbackWorld, id: DeliveryId | undefined) => returnPathOf(id!, HOST, returnPathKey(w.secrets))

interface Group {
  readonly final: string
  readonly original?: string
  readonly action: string
  readonly status: string
  readonly diagnostic?: string
}

/** RFC 3464. */
function dsn(groups: readonly Group[], { id = 'dsn-1', subject = 'Undelivered Mail Returned to Sender' } = {}): string {
  const blocks = groups.map(({ final, original, action, status, diagnostic }) =>
    [
      `Final-Recipient: rfc822; ${final}`,
      ...(original ? [`Original-Recipient: rfc822; ${original}`] : []),
      `Action: ${action}`,
      `Status: ${status}`,
      ...(diagnostic ? [`Remote-MTA: dns; mx.example.org`, `Diagnostic-Code: smtp; ${diagnostic}`] : []),
    ].join('\r\n'),
  )
  return `From: MAILER-DAEMON@mx.example.net\r\nSubject: ${subject}\r\nDate: Sun, 22 Nov 2026 11:59:00 +0000\r\nMessage-ID: <${id}@mx.example.net>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system.\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n${blocks.join('\r\n\r\n')}\r\n\r\n--b--\r\n`
}

const gone = (final: string, original?: string): Group => ({
  final,
  ...(original && { original }),
  action: 'failed',
  status: '5.1.1',
  diagnostic: '550 5.1.1 User unknown',
})

/** RFC 5965. */
function arf(fields: string, original: string): string {
  return `From: complaints@provider.example\r\nSubject: Abuse report\r\nMessage-ID: <arf-1@provider.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nA user complained.\r\n\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nVersion: 1\r\nUser-Agent: Provider/1.0\r\n${fields}\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n${original}\r\n\r\n--b--\r\n`
}

test('a bounce that comes to the return path of a delivery takes it back and suppresses the address', async () => {
  const w = await feedbackWorld()
  const ids = await w.sent(BOB)
  expect(await w.mail(pathOf(w, ids[BOB]), dsn([gone(BOB)]))).toBe('stored')
  await w.read()
  expect(await w.seen()).toMatchObject([{ source: 'dsn', state: 'applied', events: 1 }])
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'bounced', reason: { code: 'recipient_unknown' } })
  expect((await w.deliveryOf(BOB)).events.at(-1)).toMatchObject({
    data: { source: 'dsn', status: '5.1.1', diagnostic: expect.stringContaining('User unknown') },
  })
  expect(await w.suppressions()).toEqual([BOB])
})

test('a report of several recipients of one message tells each of them its own', async () => {
  const w = await feedbackWorld()
  const ids = await w.sent(BOB, EVE, 'ann@example.org', 'joe@example.org')
  const report = dsn([
    gone(EVE),
    { final: 'ann@example.org', action: 'delayed', status: '4.4.1', diagnostic: '451 4.4.1 no answer' },
    { final: 'JOE@example.org', action: 'delivered', status: '2.0.0' },
  ])
  await w.mail(pathOf(w, ids[BOB]), report)
  await w.read()
  expect(await w.states()).toEqual({
    [BOB]: 'sent',
    [EVE]: 'bounced',
    'ann@example.org': 'sent',
    'joe@example.org': 'delivered',
  })
  expect((await w.deliveryOf('ann@example.org')).events.at(-1)).toMatchObject({ type: 'delivery.delayed' })
  expect(await w.suppressions()).toEqual([EVE])
})

test('mail that was forwarded bounces under another name, and is still the mail whose return path it came to', async () => {
  const w = await feedbackWorld()
  const ids = await w.sent(BOB)
  await w.mail(pathOf(w, ids[BOB]), dsn([gone('bob.old@elsewhere.example')]))
  await w.read()
  expect(await w.states()).toEqual({ [BOB]: 'bounced' })
})

test('a bounce speaks of the message it came back for and of no other, whatever it names', async () => {
  const w = await feedbackWorld()
  const mine = await w.sent(BOB)
  await w.sent(EVE)
  await w.mail(pathOf(w, mine[BOB]), dsn([gone(EVE)]))
  await w.read()
  expect(await w.states()).toMatchObject({ [EVE]: 'sent' })
  expect(await w.suppressions()).not.toContain(EVE)
})

test('mail to a forged return path is refused, and nothing is stored', async () => {
  const w = await feedbackWorld()
  const ids = await w.sent(BOB)
  const [local, host] = pathOf(w, ids[BOB]).split('@') as [string, string]
  const forged = `${local.slice(0, -1)}${local.endsWith('a') ? 'e' : 'a'}@${host}`
  expect(await w.mail(forged, dsn([gone(BOB)]))).toBe('unknown')
  expect(await w.mail(`postmaster@${HOST}`, dsn([gone(BOB)]))).toBe('unknown')
  expect(await w.seen()).toEqual([])
})

test('a bounce that is delivered twice, by other ways, is stored once', async () => {
  const w = await feedbackWorld()
  const ids = await w.sent(BOB)
  const path = pathOf(w, ids[BOB])
  expect(await w.mail(path, `Received: from a by b;\r\n\tlater\r\n${dsn([gone(BOB)])}`)).toBe('stored')
  expect(await w.mail(path.toUpperCase(), `Received: from c by d\r\n${dsn([gone(BOB)])}`)).toBe('known')
})

test('a bounce of megabytes is read by its beginning', async () => {
  const w = await feedbackWorld()
  const ids = await w.sent(BOB)
  const original = `--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(40_000)}\r\n--b--`
  await w.mail(pathOf(w, ids[BOB]), dsn([gone(BOB)]).replace('--b--', original))
  await w.read()
  expect(await w.states()).toEqual({ [BOB]: 'bounced' })
})

test('an automatic answer and a message of somebody at a return path change nothing; what no one understands is shown', async () => {
  const w = await feedbackWorld()
  const ids = await w.sent(BOB)
  const path = pathOf(w, ids[BOB])
  await w.mail(path, `From: ${BOB}\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n`)
  await w.mail(path, `From: ${BOB}\r\nSubject: Hello\r\n\r\nA question.\r\n`, BOB)
  await w.mail(path, 'From: x@example.org\r\nSubject: ?\r\n\r\n?\r\n')
  await w.read()
  expect((await w.seen()).map(({ state }) => state)).toEqual(['ignored', 'ignored', 'failed'])
  expect(await w.states()).toEqual({ [BOB]: 'sent' })
})

test('a complaint whose recipient is hidden is found by the return path in the mail it carries', async () => {
  const w = await feedbackWorld()
  const ids = await w.sent(BOB, EVE)
  const address = complaintAddressOf(w.workspaceId, HOST, returnPathKey(w.secrets))
  const report = arf(
    'Feedback-Type: abuse\r\nOriginal-Rcpt-To: redacted',
    `Return-Path: <${pathOf(w, ids[EVE])}>\r\nSubject: Hello\r\n\r\nHello`,
  )
  expect(await w.mail(address, report, 'complaints@provider.example')).toBe('stored')
  await w.read()
  expect(await w.seen()).toMatchObject([{ source: 'arf', state: 'applied' }])
  expect(await w.deliveryOf(EVE)).toMatchObject({ state: 'sent', complainedAt: expect.any(Date) })
  expect(await w.deliveryOf(BOB)).toMatchObject({ complainedAt: null })
  expect(await w.suppressions()).toEqual([EVE])
})

test('without a return path a complaint is found by its Message-ID and recipient, or the only recipient there was', async () => {
  const w = await feedbackWorld()
  await w.sent(BOB, EVE)
  await w.sent('ann@example.org')
  const address = complaintAddressOf(w.workspaceId, HOST, returnPathKey(w.secrets))
  const idOf = async (recipient: string) => (await w.story((await w.deliveryOf(recipient)).messageId)).rfcMessageId
  await w.mail(address, arf(`Feedback-Type: abuse\r\nOriginal-Rcpt-To: ${EVE}`, `Message-ID: ${await idOf(EVE)}\r\n\r\nHello`))
  await w.mail(
    address,
    arf('Feedback-Type: abuse', `Message-ID: ${await idOf('ann@example.org')}\r\nTo: undisclosed-recipients:;\r\n\r\nHello`),
  )
  await w.read()
  expect(await w.deliveryOf(EVE)).toMatchObject({ complainedAt: expect.any(Date) })
  expect(await w.deliveryOf('ann@example.org')).toMatchObject({ complainedAt: expect.any(Date) })
  expect(await w.deliveryOf(BOB)).toMatchObject({ complainedAt: null })
})

test('a report that takes a complaint back, or tells of forgeries, is no complaint', async () => {
  const w = await feedbackWorld()
  const ids = await w.sent(BOB)
  await w.mail(pathOf(w, ids[BOB]), arf(`Feedback-Type: not-spam\r\nOriginal-Rcpt-To: ${BOB}`, 'Subject: Hello\r\n\r\nHello'))
  await w.read()
  expect(await w.seen()).toMatchObject([{ state: 'ignored', source: 'arf' }])
  expect(await w.deliveryOf(BOB)).toMatchObject({ complainedAt: null })
})

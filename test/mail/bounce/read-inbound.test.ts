import fc from 'fast-check'
import { expect, test } from 'vitest'
import { INBOUND_KINDS, type InboundReading, RECIPIENTS_MAX, REPORTED_ACTIONS } from '../../../src/mail/bounce/inbound.ts'
import { readInbound } from '../../../src/mail/bounce/read-inbound.ts'
import { parseMail } from '../../../src/mail/parse.ts'

async function read(mail: string): Promise<InboundReading> {
  const result = await parseMail(Buffer.from(mail.replace(/\r?\n/g, '\r\n')))
  if (result.kind !== 'parsed') throw new Error(result.reason)
  return readInbound(result.mail)
}

const DAEMON = 'From: Mail Delivery System <MAILER-DAEMON@mx.example.com>\nTo: shop@example.com\n'
function notice(words: string, subject = 'Undelivered Mail Returned to Sender'): string {
  return `${DAEMON}Subject: ${subject}\n\n${words}\n`
}
function status(groups: string, words = 'Sorry.', returned = 'Message-ID: <1@example.com>\nTo: ann@example.org\n'): string {
  return `${DAEMON}Subject: failure notice
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

${words}
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Original-Envelope-Id: env-7

${groups}
--b
Content-Type: text/rfc822-headers

${returned}
--b--
`
}
const brief = ({ kind, recipients }: InboundReading) => [
  kind,
  ...recipients.map(({ address, action, class: found, hard }) => [address, action, found, hard]),
]

test('a report of several recipients says of each what became of it, and names the mail it is about', async () => {
  const reading = await read(
    status(`Original-Recipient: rfc822;ann@example.org
Final-Recipient: rfc822;ann@internal.example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx1.example.org (192.0.2.1)
Diagnostic-Code: smtp; 550 5.1.1 <ann@internal.example.org>... User
 unknown

Final-Recipient: rfc822; bob@example.org
Action: delayed
Status: 4.4.1

Final-Recipient: rfc822; eve@example.org
Action: relayed
Status: 2.1.9`),
  )
  expect(brief(reading)).toEqual([
    'bounce',
    ['ann@example.org', 'failed', 'recipient_unknown', true],
    ['bob@example.org', 'delayed', 'remote_unreachable', false],
    ['eve@example.org', 'relayed', null, false],
  ])
  expect(reading.recipients[0]).toMatchObject({
    status: '5.1.1',
    remoteMta: 'mx1.example.org',
    finalRecipient: 'ann@internal.example.org',
    originalRecipient: 'ann@example.org',
    diagnostic: '550 5.1.1 <ann@internal.example.org>... User unknown',
  })
  expect(reading).toMatchObject({
    envelopeId: 'env-7',
    reportingMta: 'mx.example.com',
    original: { messageId: '<1@example.com>' },
  })
})

test.each([
  ['delayed', 'delay'],
  ['Failed', 'bounce'],
  ['delivered', 'automatic'],
  ['relayed', 'automatic'],
  ['expanded (to 3 addresses)', 'automatic'],
  ['expired', 'bounce'],
])('a report that says "%s" is a %s', async (action, kind) => {
  const reading = await read(status(`Final-Recipient: rfc822; ann@example.org\nAction: ${action}\nStatus: 5.0.0`))
  expect(reading.kind).toBe(kind)
})

test('what the words for people add is read where those for machines say nothing', async () => {
  const reading = await read(
    status(
      'Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.0.0\n\nFinal-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.0.0',
      'ann@example.org: 550 5.1.1 No such user\n\nbob@example.org: 552 5.2.2 Mailbox full\n',
    ),
  )
  expect(brief(reading).slice(1)).toEqual([
    ['ann@example.org', 'failed', 'recipient_unknown', true],
    ['bob@example.org', 'failed', 'mailbox_full', false],
  ])
})

test('a recipient that is named twice counts once', async () => {
  const group = 'Final-Recipient: rfc822; Ann@example.org\nAction: failed\nStatus: 5.1.1'
  expect((await read(status(`${group}\n\n${group.toLowerCase()}`))).recipients).toHaveLength(1)
})

test('the bounce within a bounce is not counted', async () => {
  const reading = await read(
    status(
      'Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.2.2',
      'no',
      'Subject: x\n\nFinal-Recipient: rfc822; eve@example.org\nAction: failed\n',
    ),
  )
  expect(reading.recipients.map(({ address }) => address)).toEqual(['ann@example.org'])
})

test.each<[string, string, unknown[][]]>([
  [
    'qmail and its kin',
    "Hi. This is the program at mx.example.com.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<ann@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n<bob@example.org>:\n192.0.2.1 does not like recipient.\nRemote host said: 552 5.2.2 over quota\nGiving up on 192.0.2.1.\n\n--- Below this line is a copy of the message.\n\nTo: eve@example.org\n",
    [
      ['ann@example.org', 'failed', 'recipient_unknown', true],
      ['bob@example.org', 'failed', 'mailbox_full', false],
    ],
  ],
  [
    'a transcript',
    '   ----- Transcript of session follows -----\nWhile talking to mx.example.org:\n>>> RCPT To:<ann@example.org>\n<<< 550 <ann@example.org>, no such user\n550 <ann@example.org>... User unknown\n550 example.net (smtp)... 550 Host unknown\n554 <bob@example.net>... 550 Host unknown (Authoritative answer from name server)\n\n   ----- Unsent message follows -----\nReceived: by x\nTo: eve@example.org\n',
    [
      ['ann@example.org', 'failed', 'recipient_unknown', true],
      ['bob@example.net', 'failed', 'domain_not_found', true],
    ],
  ],
  [
    'an address in a sentence',
    'There was an error delivering your mail to <ann@example.org>.\n\nmx.example.org [192.0.2.25] did not like our RCPT TO:\n550 5.7.1 <shop@example.com>: Relay access denied\n\nMessage headers follow.\n\nFrom: shop@example.com\n',
    [['ann@example.org', 'failed', 'auth_required', false]],
  ],
  [
    'the reason first, the addresses below',
    'Your message could not be delivered because of\n\n550 5.1.1 User unknown\n\nThe following recipients were affected:\n    ann@example.org\n',
    [['ann@example.org', 'failed', 'recipient_unknown', true]],
  ],
  [
    'a gateway with its own transcript',
    'Unable to deliver message to <ann@example.org>.\n\nSent <<< RCPT TO:<ann@example.org>\nReceived >>> 550 5.1.1 <ann@example.org>... user unknown\n',
    [['ann@example.org', 'failed', 'recipient_unknown', true]],
  ],
  [
    'a queue that ran out of time',
    'A message could not be delivered to one or more of its recipients. The following address(es) failed:\n\n  ann@example.org\n    retry timeout exceeded\n\n------ This is a copy of the message, including all the headers. ------\n\nTo: ann@example.org\n',
    [['ann@example.org', 'failed', 'expired', false]],
  ],
  [
    'one that names nobody: the mail below was written to somebody',
    '   ----- Transcript of session follows -----\n421 example.org (smtp)... Deferred: Connection timed out during user open with example.org\n\n   ----- Unsent message follows -----\nReceived: from a by b\nFrom: shop@example.com\nTo: ann@example.org\nMessage-Id: <9@example.com>\n',
    [['ann@example.org', 'failed', 'remote_unreachable', false]],
  ],
  [
    'one in HTML only',
    '<html><body><p>Delivery has failed to these recipients:</p><p><a href="mailto:ann@example.org">ann@example.org</a><br>550 5.1.10 RESOLVER.ADR.RecipientNotFound</p></body></html>',
    [['ann@example.org', 'failed', 'recipient_unknown', true]],
  ],
])('without a report for machines, words are understood: %s', async (name, words, expected) => {
  const mail = name.includes('HTML') ? notice(words).replace('\n\n', '\nContent-Type: text/html\n\n') : notice(words)
  expect(brief(await read(mail))).toEqual(['bounce', ...expected])
})

test.each([
  ['Unrouteable address', 'recipient_unknown'],
  ['all relevant MX records point to non-existent hosts', 'domain_not_found'],
  ['an MX or SRV record indicated no SMTP service', 'dns_null_mx'],
  ['host lookup did not complete', 'remote_unreachable'],
  ['retry time not reached for any host after a long failure period', 'expired'],
  ['all hosts have been failing for a long time and were last tried after this message arrived', 'expired'],
  ['mailbox is full', 'mailbox_full'],
  ['local delivery failed', 'remote_fault'],
  ['Too many "Received" headers - suspected mail loop', 'routing_loop'],
  ['host mx.example.org [192.0.2.1]: Connection refused', 'remote_unreachable'],
  ['SMTP error from remote mail server after end of data:\n    552 5.3.4 Message too big', 'too_large'],
  ['SMTP error from remote mail server after RCPT TO:<ann@example.org>:\n    550 Account closed', 'recipient_gone'],
  ['SMTP error from remote mail server after end of data:\n    550 User unknown', 'recipient_refused'],
  ['SMTP error from remote mail server after MAIL FROM:<shop@example.com>:\n    550 sender refused', 'sender_rejected'],
  ['DNS Error: Domain name not found', 'domain_not_found'],
  ['This account is not active', 'recipient_disabled'],
  ['Delivery failed 20 attempts', 'expired'],
  ['The user is over quota', 'mailbox_full'],
])('a mail server of the other side that explains itself with "%s" means %s', async (words, expected) => {
  const told = `A message that you sent could not be delivered to one or more of its recipients. The following address(es) failed:\n\n  ann@example.org\n    ${words}\n`
  expect((await read(notice(told))).recipients).toMatchObject([{ address: 'ann@example.org', class: expected }])
})

test('a refusal that a filter of the recipient wrote as a disposition notification is a bounce; a receipt is not', async () => {
  const mdn = (disposition: string, words: string) =>
    `From: ann@example.org\nTo: shop@example.com\nSubject: Automatically rejected mail\nAuto-Submitted: auto-replied (rejected)\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary="b"\n\n--b\nContent-Type: text/plain\n\n${words}\n--b\nContent-Type: message/disposition-notification\n\nReporting-UA: example.org; filter\nFinal-Recipient: rfc822; ann@example.org\nDisposition: automatic-action/MDN-sent-automatically; ${disposition}\n\n--b--\n`
  expect(
    brief(await read(mdn('deleted', 'Your message was automatically rejected by a filter:\n\nNo newsletters please.'))),
  ).toEqual(['bounce', ['ann@example.org', 'failed', 'recipient_refused', false]])
  expect((await read(mdn('displayed', 'Your message was read.'))).kind).toBe('automatic')
})

test('a warning that a mail still waits is a delay', async () => {
  const words =
    'This message has not yet been delivered to:\n\n  ann@example.org\n    host mx.example.org [192.0.2.1]\n    Delay reason: SMTP error after RCPT TO:<ann@example.org>:\n    450 4.2.0 greylisted\n'
  expect(brief(await read(notice(words, 'Warning: message delayed 24 hours')))).toEqual([
    'delay',
    ['ann@example.org', 'delayed', 'greylisted', false],
  ])
})

test('a complaint names who complained, or leaves him out where the report does', async () => {
  const report = (fields: string, to = 'ann@example.org') =>
    `From: fbl@isp.example\nTo: abuse@example.com\nSubject: FW: hi\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n--b\nContent-Type: text/plain\n\nReport\n--b\nContent-Type: message/feedback-report\n\nVersion: 1\nFeedback-Type: Abuse\n${fields}\n--b\nContent-Type: message/rfc822\n\nReturn-Path: <b+token@rp.example.com>\nTo: ${to}\nMessage-ID: <5@example.com>\n\nhi\n--b--\n`
  const complaint = await read(report('Original-Rcpt-To: <ann@example.org>\nOriginal-Rcpt-To: bob@example.org\n'))
  expect(complaint).toMatchObject({ kind: 'complaint', feedbackType: 'abuse', original: { messageId: '<5@example.com>' } })
  expect(complaint.recipients.map(({ address, action }) => [address, action])).toEqual([
    ['ann@example.org', 'complained'],
    ['bob@example.org', 'complained'],
  ])
  expect((await read(report(''))).recipients.map(({ address }) => address)).toEqual(['ann@example.org'])
  const redacted = await read(report('Original-Rcpt-To: redacted\n', '<undisclosed>'))
  expect(redacted.recipients).toMatchObject([{ address: 'redacted', action: 'complained' }])
  expect(redacted.original?.headers).toContainEqual({ name: 'Return-Path', value: '<b+token@rp.example.com>' })
})

test.each([
  ['Subject: Away until May\nAuto-Submitted: auto-replied', 'automatic'],
  ['Subject: Automatic reply: Your order', 'automatic'],
  ['Subject: Abwesenheitsnotiz: Ihre Bestellung', 'automatic'],
  ['Subject: x\nX-Autoreply: yes', 'automatic'],
  ['Subject: x\nPrecedence: auto_reply', 'automatic'],
  ['Subject: x\nAuto-Submitted: no', 'message'],
  ['Subject: Re: Undelivered Mail Returned to Sender', 'message'],
  ['Subject: Question about delivery', 'message'],
])('a mail of a person with "%s" is: %s', async (headers, kind) => {
  const mail = await read(
    `From: Ann <ann@example.org>\nTo: shop@example.com\n${headers}\n\nSome words: 550 5.1.1 <bob@example.org> User unknown\n`,
  )
  expect(mail.kind).toBe(kind)
  if (kind === 'automatic')
    expect(mail.recipients).toMatchObject([{ address: 'ann@example.org', action: 'answered', hard: false }])
  else expect(mail.recipients).toEqual([])
})

test('a person who passes a bounce on, or writes about one, is a person', async () => {
  const quoted =
    '> This is the mail system at host mx.example.com.\n> <bob@example.org>: host mx said: 550 5.1.1 User unknown\n\nWhat does this mean?'
  for (const subject of ['Fwd: Undelivered Mail Returned to Sender', 'my mail could not be delivered', 'Mail delivery failed??'])
    expect(
      (
        await read(
          `From: Ann <ann@example.org>\nIn-Reply-To: <1@x>\nTo: help@example.com\nSubject: Re: ${subject}\n\n${quoted}\n`,
        )
      ).kind,
    ).toBe('message')
})

test.each([
  [
    'Delivery status: your parcel is on its way',
    'Ordered by shop@example.com, at 450 Main Street.\nQuestions? Write to help@parcels.example',
  ],
  ['Delivery failed: we missed you', 'Dear shop@example.com,\nthe delivery has failed because nobody was at home.'],
  ['Warning: message from your bank', 'Your account is disabled. Please contact us at phish@bank.example'],
])('a machine that writes "%s" of something else is not a mail server', async (subject, words) => {
  const mail = `From: no-reply@parcels.example\nTo: shop@example.com\nSubject: ${subject}\n\n${words}\n`
  expect((await read(mail)).kind).toBe('message')
})

test('a thousand recipients are read, and no more', async () => {
  const groups = Array.from(
    { length: 3_000 },
    (_, n) => `Final-Recipient: rfc822; a${n}@example.org\nAction: failed\nStatus: 5.1.1\n`,
  ).join('\n')
  expect((await read(status(groups))).recipients).toHaveLength(RECIPIENTS_MAX)
  const lines = Array.from({ length: 3_000 }, (_, n) => `<a${n}@example.org>:\n550 5.1.1 User unknown\n`).join('\n')
  expect((await read(notice(`I wasn't able to deliver your message:\n${lines}`))).recipients).toHaveLength(RECIPIENTS_MAX)
})

const SPOKEN = [
  'Final-Recipient: rfc822; ',
  'Original-Recipient: ',
  'ann@example.org',
  '<bob@example.org>:',
  'Action: failed',
  'Action: ',
  'Status: 5.1.1',
  'Diagnostic-Code: smtp; 550 ',
  '550 5.1.1 ',
  '>>> RCPT TO:<',
  '<<< 550',
  'Feedback-Type: abuse',
  'could not be delivered',
  'Subject: Undelivered Mail',
  'From: MAILER-DAEMON@x',
  'X-Failed-Recipients: ',
  'Auto-Submitted: auto-replied',
  'Content-Type: multipart/report; boundary=b',
  'Content-Type: message/delivery-status',
  'Content-Type: message/rfc822',
  'Content-Type: message/feedback-report',
  '--b',
  '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"a@b"}]}}',
  '\n',
  '\n\n',
  ' ',
  '@',
  '<',
  '-'.repeat(90),
  'a'.repeat(300),
]

test('whatever comes is exactly one kind, and what is read of it is well formed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constantFrom(...SPOKEN), fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 60 }),
      async (pieces) => {
        const result = await parseMail(Buffer.from(pieces.join('')))
        if (result.kind !== 'parsed') return
        const reading = readInbound(result.mail)
        expect(INBOUND_KINDS).toContain(reading.kind)
        if (reading.kind === 'message') expect(reading.recipients).toEqual([])
        if (reading.kind === 'bounce') expect(reading.recipients.some(({ action }) => action === 'failed')).toBe(true)
        for (const recipient of reading.recipients) {
          expect(REPORTED_ACTIONS).toContain(recipient.action)
          expect(recipient.address).not.toMatch(/[\r\n\0]/)
          if (recipient.hard) expect(recipient.action).toBe('failed')
          expect(recipient.class === null).toBe(recipient.failure === null)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test.each([
  ['addresses without an end', `${'a'.repeat(1_999)}@\n`.repeat(500)],
  ['markers that never end', `${'-'.repeat(79)}\n`.repeat(5_000)],
  ['commands without answers', '>>> DATA '.repeat(20_000)],
  ['codes', '550 5.1.1 '.repeat(20_000)],
  ['an opening of tags', '<style'.repeat(40_000)],
  ['phrases', 'delivery to the following recipient <'.repeat(6_000)],
])('a notice full of %s is read', async (_, words) => {
  expect(INBOUND_KINDS).toContain((await read(notice(`Could not be delivered:\n${words}`))).kind)
})

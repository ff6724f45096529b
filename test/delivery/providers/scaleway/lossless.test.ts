import { expect, test } from 'vitest'
import type { Handoff } from '../../../../src/delivery/providers/provider.ts'
import { type Mailbox, parseMailbox } from '../../../../src/mail/address.ts'
import type { Attachment } from '../../../../src/mail/attachment.ts'
import { compose, type OutgoingMessage } from '../../../../src/mail/compose.ts'
import { aHandoff } from '../../../support/handoff.ts'
import { SCALEWAY_PROJECT, ScalewayServer, scalewayProviderTo } from '../../../support/scaleway-server.ts'

const who = (text: string): Mailbox => {
  const mailbox = parseMailbox(text)
  if (!mailbox) throw new Error(text)
  return mailbox
}
const [bob, cid, dora] = ['"Bob, the Builder" <bob@example.org>', 'Zoë <cid@example.org>', 'dora@example.org'].map(who)
const file = (filename: string, contentType: string, content: string, more: Partial<Attachment> = {}): Attachment => ({
  filename,
  contentType,
  content: Buffer.from(content),
  ...more,
})
const FULL: OutgoingMessage = {
  from: who('"Müller, Ann" <ann@example.com>'),
  to: [bob, cid] as Mailbox[],
  cc: [dora] as Mailbox[],
  replyTo: [who('"Help, please" <help@example.com>'), who('sales@example.com')],
  subject: 'Ihre Rechnung für März – danke',
  text: 'Guten Tag,\n\nhier ist sie.\n',
  html: '<p>Guten Tag,</p><p>hier ist sie.</p>',
  headers: [
    ['In-Reply-To', '<a@example.org>'],
    ['References', '<a@example.org> <b@example.org>'],
    ['List-Unsubscribe', '<https://example.com/u/1>'],
    ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
    ['X-Shop-Order', '4711'],
    ['X-Greeting', 'Grüße'],
  ],
  attachments: [
    file('Rechnung März.pdf', 'application/pdf', '%PDF-1.7 …'),
    file('data.csv', 'text/csv; charset=utf-8', 'a,b\n1,2\n'),
  ],
  date: new Date('2026-11-22T00:00:00Z'),
  messageId: '<full@example.com>',
}
const ALL = ['bob@example.org', 'cid@example.org', 'dora@example.org']

async function sent(content: string, wishes: Partial<Handoff> = {}) {
  await using server = await new ScalewayServer().listen()
  await using provider = scalewayProviderTo(server)
  const { outcomes } = await provider.send(aHandoff({ recipients: ALL, content, ...wishes }))
  return { outcomes, mails: server.mails }
}
const written = (changes: Partial<OutgoingMessage> = {}) => compose({ ...FULL, ...changes }).content

test('every field of a full message arrives', async () => {
  const { outcomes, mails } = await sent(written(), { recipients: [...ALL, 'hidden@example.org'] })
  expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted', 'accepted'])
  expect(mails).toEqual([
    {
      project_id: SCALEWAY_PROJECT,
      from: { email: 'ann@example.com', name: 'Müller, Ann' },
      to: [
        { email: 'bob@example.org', name: 'Bob, the Builder' },
        { email: 'cid@example.org', name: 'Zoë' },
      ],
      cc: [{ email: 'dora@example.org' }],
      bcc: [{ email: 'hidden@example.org' }],
      subject: FULL.subject,
      text: expect.stringContaining('hier ist sie.'),
      html: expect.stringContaining('<p>hier ist sie.</p>'),
      attachments: [
        { name: 'Rechnung März.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.7 …').toString('base64') },
        { name: 'data.csv', type: 'text/csv', content: Buffer.from('a,b\n1,2\n').toString('base64') },
      ],
      additional_headers: [
        { key: 'Reply-To', value: expect.stringMatching(/^"Help, please" <help@example\.com>, sales@example\.com$/) },
        { key: 'In-Reply-To', value: '<a@example.org>' },
        { key: 'References', value: '<a@example.org> <b@example.org>' },
        { key: 'List-Unsubscribe', value: '<https://example.com/u/1>' },
        { key: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
        { key: 'X-Shop-Order', value: '4711' },
        { key: 'X-Greeting', value: expect.stringMatching(/^=\?UTF-8\?[QB]\?/i) },
      ],
    },
  ])
})

test('each recipient has the id of its own mail, and the Message-ID that it will see', async () => {
  const { outcomes } = await sent(written())
  expect(outcomes.map((outcome) => outcome.kind === 'accepted' && outcome.mark)).toEqual([
    { providerId: 'id-1-0', messageIdOnWire: 'm1@tem.example' },
    { providerId: 'id-1-1', messageIdOnWire: 'm1@tem.example' },
    { providerId: 'id-1-2', messageIdOnWire: 'm1@tem.example' },
  ])
})

const picture = file('logo.png', 'image/png', 'png', { contentId: 'logo' })
const calendar = (type: string) =>
  `From: ann@example.com\r\nTo: bob@example.org\r\nSubject: An invitation\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nPlease come along.\r\n--b\r\nContent-Type: ${type}\r\n\r\nBEGIN:VCALENDAR\r\n--b--\r\n`
const plain = (...lines: readonly string[]) => `${lines.join('\r\n')}\r\n\r\nA body that is long enough.\r\n`
const BOB = 'To: bob@example.org'
const ANN = 'From: ann@example.com'
const SUBJECT = 'Subject: A long enough subject'

test.each([
  ['an inline picture', written({ attachments: [picture], html: '<p>Hello</p><img src="cid:logo">' }), 'inline image'],
  ['a calendar part', calendar('text/calendar; method=REQUEST'), 'text/calendar'],
  [
    'a file of another type',
    written({ attachments: [file('a.exe', 'application/octet-stream', 'x')] }),
    'application/octet-stream',
  ],
  [
    'more than ten files',
    written({ attachments: Array.from({ length: 11 }, (_, i) => file(`${i}.txt`, 'text/plain', 'x')) }),
    '11 attachments',
  ],
  [
    'a file in another character set',
    written({ attachments: [file('a.txt', 'text/plain; charset=iso-8859-1', 'x')] }),
    'character set iso-8859-1',
  ],
  ['a short subject', written({ subject: 'Hello' }), 'its subject has fewer than 10 characters'],
  ['a short text', written({ text: 'Hi' }), 'its text has fewer than 10 characters'],
  ['a short HTML', written({ html: '<p>' }), 'its HTML has fewer than 10 characters'],
  ['nobody in To', plain(ANN, 'To: undisclosed-recipients:;', SUBJECT), 'its header To names a group'],
  ['no To', plain(ANN, SUBJECT), 'its header To names nobody'],
  ['several authors', plain('From: ann@example.com, eve@example.com', BOB, SUBJECT), 'From names 2 authors'],
  [
    'somebody in Cc who gets it another time',
    plain(ANN, BOB, 'Cc: late@example.org', SUBJECT),
    'its header Cc names late@example.org',
  ],
  ['a header with bare bytes', plain(ANN, BOB, SUBJECT, 'X-Name: \xc3\xbc'), 'its header X-Name'],
  [
    'an odd header of a part',
    written().replace('Content-Type: application/pdf', 'Content-Location: https://example.com/\r\nContent-Type: application/pdf'),
    'Content-Location',
  ],
  [
    'a signed message',
    plain(ANN, BOB, SUBJECT, 'Content-Type: multipart/signed; boundary=b').replace('A body', '--b\r\n\r\nA body\r\n--b--'),
    'multipart/signed',
  ],
] as readonly (readonly [string, string, string])[])(
  '%s is refused by its name, and nothing leaves',
  async (_, content, naming) => {
    const recipients = /^Cc:.*dora/m.test(content) ? ALL : ['bob@example.org']
    const { outcomes, mails } = await sent(content, { recipients })
    expect(mails).toEqual([])
    expect(outcomes[0]).toMatchObject({
      kind: 'rejected',
      failure: { class: 'content_unsupported', scope: 'message', suppress: false },
    })
    expect(outcomes[0]?.kind === 'rejected' && outcomes[0].failure.sentence).toContain(naming)
  },
)

test('what is too large, or needs SMTPUTF8, is refused as that', async () => {
  const big = file('a.pdf', 'application/pdf', 'x'.repeat(1_600_000))
  expect((await sent(written({ attachments: [big] }))).outcomes[0]).toMatchObject({
    kind: 'rejected',
    failure: { class: 'too_large' },
  })
  const josé = 'jos\u00e9@example.org'
  expect(
    (await sent(written({ to: [who(josé)], cc: [] }), { recipients: [josé], internationalized: true })).outcomes,
  ).toMatchObject([{ kind: 'rejected', failure: { class: 'smtputf8_unsupported' } }])
})

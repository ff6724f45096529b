import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { plainTextOf } from '../../../src/helpdesk/outgoing/plain-text.ts'
import { readReplyToken, replyKey, signReply, signToken } from '../../../src/helpdesk/outgoing/reply-token.ts'
import { composeMail, type HelpdeskMail, sendMail } from '../../../src/helpdesk/outgoing/send-mail.ts'
import { type ItemId, newId } from '../../../src/lib/ids.ts'
import { createSecrets } from '../../../src/lib/secrets.ts'
import { type Mailbox, parseMailbox } from '../../../src/mail/address.ts'
import { parseMail } from '../../../src/mail/parse.ts'
import { replyKeysOf } from '../../../src/mail/reply-keys.ts'
import { type World, world } from '../../support/world.ts'
import { type Desk, desk } from '../desk.ts'

const box = (text: string): Mailbox => parseMailbox(text)!

function mailOf(d: Desk, over: Partial<HelpdeskMail> = {}): HelpdeskMail {
  return {
    inbox: d.inbox,
    purpose: 'reply',
    conversationId: null,
    itemId: null,
    from: box('Support <support@example.com>'),
    to: [box('Bob <bob@customer.example>')],
    cc: [],
    bcc: [],
    replyTo: [],
    subject: 'Re: Where is my parcel?',
    html: '<p>It is <b>on its way</b>.</p>',
    files: [],
    inReplyTo: null,
    references: [],
    token: null,
    headers: [],
    stream: 'conversation',
    actor: null,
    scheduledAt: null,
    ...over,
  }
}

async function send(w: World, mail: HelpdeskMail) {
  const now = w.clock.now()
  const composed = await composeMail({ db: w.database.db, blobs: w.blobs, secrets: w.secrets }, mail, now)
  return await w.inWorkspace((tx) => sendMail(tx, w.blobs, composed, now))
}

test('a mail of the helpdesk carries its token where answers bring it back: Message-ID, plus address and text', async () => {
  const w = await world()
  const d = await desk(w, { plus_address: true })
  const { conversation } = await d.conversation()
  const id = newId<ItemId>(w.clock.now().getTime())
  const references = ['<first@customer.example>', '<not an id>', '<last@customer.example>']
  const mail = {
    conversationId: conversation.id,
    itemId: id,
    token: { purpose: 'reply', id },
    references,
    inReplyTo: '<last@customer.example>',
  } as const
  const { rfcMessageId } = await send(w, mailOf(d, mail))
  await w.dispatch()

  const parsed = await PostalMime.parse(w.smtp.messages[0]!.content)
  const token = signReply(id, replyKey(w.secrets))
  expect(rfcMessageId).toBe(`<r.${token}@example.com>`)
  expect(parsed.messageId).toBe(rfcMessageId)
  expect(parsed.inReplyTo).toBe('<last@customer.example>')
  expect(parsed.references).toBe('<first@customer.example> <last@customer.example>')
  expect(parsed.replyTo?.[0]?.address).toBe(`support+r.${token}@example.com`)
  expect(parsed.html).toContain('<b>on its way</b>')
  expect(parsed.text).toContain('It is on its way.')
  for (const text of [parsed.text, parsed.html]) expect(text).toContain(`[ref:${token}]`)
  expect(readReplyToken(token.toUpperCase(), [replyKey(w.secrets)])).toEqual({ purpose: 'reply', id })

  const answer = `From: bob@customer.example\r\nIn-Reply-To: ${rfcMessageId}\r\n\r\n> ${parsed.text?.replaceAll('\n', '\n> ')}`
  const read = await parseMail(Buffer.from(answer))
  expect(read.kind === 'parsed' && replyKeysOf(read.mail, []).tokens).toContain(token)
})

test('what a machine answers comes from nowhere, and says so', async () => {
  const w = await world()
  const d = await desk(w)
  await send(w, mailOf(d, { purpose: 'auto_reply', headers: [['Auto-Submitted', 'auto-replied']] }))
  await w.dispatch()
  expect(w.smtp.messages[0]).toMatchObject({ sender: '' })
  expect(w.smtp.messages[0]!.content).toContain('Auto-Submitted: auto-replied\r\n')
})

test('a token is of one purpose and of one server', () => {
  const ours = replyKey(createSecrets('a secret of this server'))
  const theirs = replyKey(createSecrets('a secret of another server'))
  fc.assert(
    fc.property(fc.uuid(), fc.constantFrom('reply' as const, 'notification' as const), (id, purpose) => {
      const token = signToken({ purpose, id }, ours)
      expect(readReplyToken(token, [theirs, ours])).toEqual({ purpose, id })
      expect(readReplyToken(token, [theirs])).toBeNull()
    }),
  )
})

test('a long thread keeps its beginning and its end in References', async () => {
  const w = await world()
  const d = await desk(w)
  const references = Array.from({ length: 200 }, (_, i) => `<${i}.${'x'.repeat(60)}@customer.example>`)
  await send(w, mailOf(d, { references, inReplyTo: references.at(-1)! }))
  await w.dispatch()
  const kept = (await PostalMime.parse(w.smtp.messages[0]!.content)).references!.split(' ')
  expect(kept[0]).toBe(references[0])
  expect(kept.at(-1)).toBe(references.at(-1))
  expect(kept.join(' ').length).toBeLessThan(1_600)
})

test('plain text says where links lead, and quotes with a >', () => {
  const html =
    '<p>See <a href="https://example.org/a?b=1&amp;c=2">the page</a>.</p><ul><li>one</li></ul><blockquote><p>old</p></blockquote>'
  expect(plainTextOf(html)).toBe('See the page <https://example.org/a?b=1&c=2>.\n\n- one\n\n> old')
})

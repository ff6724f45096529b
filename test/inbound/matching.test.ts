/** Where a mail belongs, from its bytes to its place: what leads there, and what looks like it and does not. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { notify } from '../../src/helpdesk/notify/notify.ts'
import { replyKey, signReply } from '../../src/helpdesk/outgoing/reply-token.ts'
import type { ConversationId } from '../../src/lib/ids.ts'
import { desk } from '../helpdesk/desk.ts'
import { world } from '../support/world.ts'
import { inlet } from './support.ts'

interface Parts {
  readonly id?: string | null
  readonly from?: string
  readonly to?: string
  readonly subject?: string
  readonly more?: string
  readonly text?: string
}

let n = 0
/** `id`: null leaves the Message-ID out. */
function mail({ id, from = 'Bob <bob@customer.example>', to = 'support@example.com', subject, more = '', text }: Parts): string {
  n += 1
  const messageId = id === null ? '' : `Message-ID: ${id ?? `<${n}@customer.example>`}\n`
  return `From: ${from}\nTo: ${to}\nSubject: ${subject ?? `Parcel ${n}`}\n${messageId}${more}\n${text ?? `It has not come, ${n}.`}\n`
}

async function office() {
  const w = await world()
  const d = await desk(w)
  return { w, d, i: inlet(w) }
}

test('a token of ours leads wherever its conversation is; one that is forged, or of another server, leads nowhere', async () => {
  const { w, d, i } = await office()
  const { conversation, first } = await d.conversation()
  const sales = await d.addInbox('Sales')
  const token = signReply(first.id, replyKey(w.secrets))
  const forged = signReply(first.id, Buffer.alloc(32, 7))
  const stranger = 'Carl <carl@elsewhere.example>'
  const ways = (mark: string): Parts[] => [
    { to: `support+${mark}@example.com` },
    { more: `In-Reply-To: <r.${mark}@example.com>\n` },
    { text: `Thanks.\n\n> [ref:${mark}]` },
  ]
  for (const parts of ways(token)) {
    const taken = await i.take(mail({ ...parts, from: stranger }), { inboxId: sales.id })
    expect(taken).toMatchObject({ outcome: 'reply_added', conversationId: conversation.id })
    expect(taken.matchedBy).toBe('It carries the mark of a mail that we sent.')
  }
  for (const parts of ways(forged))
    expect(await i.take(mail({ ...parts, from: stranger }), { inboxId: sales.id })).toMatchObject({
      outcome: 'conversation_started',
    })
})

test('a number in the subject leads there from somebody who takes part, and from nobody else and in no other inbox', async () => {
  const { d, i } = await office()
  const sales = await d.addInbox('Sales')
  const begun = await i.take(mail({}), { inboxId: d.inbox.id })
  const { number, id } = await d.find(begun.conversationId as ConversationId)
  const subject = `Re: Parcel [support-${number}]`
  expect(await i.take(mail({ subject }), { inboxId: d.inbox.id })).toMatchObject({
    outcome: 'reply_added',
    conversationId: id,
    matchedBy: `Its subject has [support-${number}], and its sender takes part.`,
  })
  const started = { outcome: 'conversation_started' }
  expect(await i.take(mail({ subject, from: 'eve@elsewhere.example' }), { inboxId: d.inbox.id })).toMatchObject(started)
  expect(await i.take(mail({ subject }), { inboxId: sales.id })).toMatchObject(started)
  expect(await i.take(mail({ subject: `Re: Parcel [sales-${number}]` }), { inboxId: d.inbox.id })).toMatchObject(started)
  expect((await d.find(id)).items).toBe(2)
})

test('one mail to two inboxes is a conversation in each, and what answers it goes into the one of the inbox it came to', async () => {
  const { d, i } = await office()
  const sales = await d.addInbox('Sales')
  const both = mail({ id: '<both@customer.example>', to: 'support@example.com, sales@example.com' })
  const first = await i.take(both, { inboxId: d.inbox.id })
  const second = await i.take(both, { inboxId: sales.id })
  expect([first.outcome, second.outcome]).toEqual(['conversation_started', 'conversation_started'])
  expect(second.conversationId).not.toBe(first.conversationId)
  for (const [inbox, begun] of [[sales, second] as const, [d.inbox, first] as const]) {
    const answer = mail({ more: 'In-Reply-To: <both@customer.example>\n' })
    expect(await i.take(answer, { inboxId: inbox.id })).toMatchObject({
      outcome: 'reply_added',
      conversationId: begun.conversationId,
    })
  }
})

test('without a Message-ID or with an empty one, and with dates that are none, each mail is one of its own', async () => {
  const { d, i } = await office()
  const odd: Parts[] = [
    { id: null },
    { id: null },
    { id: '' },
    { id: '<>' },
    { more: 'Date: Sat, 31 Feb 2026 99:99:99 +9999\n' },
    { more: 'Date: yesterday\nDate: 0000-00-00\n' },
    { more: 'Date: Fri, 31 Dec 99999 23:59:59 +0000\n' },
  ]
  const taken = []
  for (const parts of odd) taken.push(await i.take(mail(parts), { inboxId: d.inbox.id }))
  expect(taken.map(({ outcome }) => outcome)).toEqual(odd.map(() => 'conversation_started'))
  expect(new Set(taken.map(({ conversationId }) => conversationId)).size).toBe(odd.length)
})

test('who asked stays who asks when somebody in copy answers; who waits since when, and who wrote last, are two facts', async () => {
  const { w, d, i } = await office()
  const begun = await i.take(mail({ id: '<asked@customer.example>', more: 'Cc: Carl <carl@customer.example>\n' }), {
    inboxId: d.inbox.id,
  })
  const before = await d.find(begun.conversationId as ConversationId)
  w.clock.advance(3_600_000)
  await i.take(mail({ from: 'Carl <carl@customer.example>', more: 'In-Reply-To: <asked@customer.example>\n' }), {
    inboxId: d.inbox.id,
  })
  const after = await d.find(before.id)
  expect(after).toMatchObject({ requester: 'bob@customer.example', contactId: before.contactId, items: 2 })
  expect(after.waitingSince).toEqual(before.waitingSince)
  expect(after.lastCustomerAt).toEqual(w.clock.now())
})

test('a Reply-To says where answers go, and never who wrote', async () => {
  const { w, d, i } = await office()
  const taken = await i.take(mail({ more: 'Reply-To: The bank <pay@attacker.example>\n' }), { inboxId: d.inbox.id })
  const { rows } = await sql<{ from_address: string; reply_to: string[]; who: string }>`
    select i.from_address, i.reply_to, a.address as who
      from conversation_item as i join contact_address as a on a.workspace_id = i.workspace_id and a.contact_id = i.contact_id
     where i.conversation_id = ${taken.conversationId}`.execute(w.database.db)
  expect(rows).toEqual([
    { from_address: 'bob@customer.example', reply_to: ['pay@attacker.example'], who: 'bob@customer.example' },
  ])
})

test('a mail that answers a notification and proves nothing is told of within the budget, however often it comes', async () => {
  const { w, d, i } = await office()
  const { conversation, first: item } = await d.conversation({ assigneeId: d.agent.id })
  const deps = { blobs: w.blobs, secrets: w.secrets, url: 'https://waybill.example.com' }
  const cause = { event: 'customer_replied', conversation, itemId: item.id, actor: null } as const
  await w.inWorkspace((tx) => notify(tx, deps, cause, w.clock.now()))
  await w.dispatch()
  const id = /^Message-ID: (<[^>]+>)/im.exec(String(w.smtp.messages[0]?.content))?.[1]
  const from = String(w.smtp.messages[0]?.recipients[0])
  for (let times = 0; times < 14; times += 1) {
    const put = await i.take(mail({ from, more: `In-Reply-To: ${id}\n` }), { inboxId: d.inbox.id })
    expect(put).toMatchObject({ outcome: 'quarantined', reason: 'agent_not_proven' })
  }
  await w.dispatch()
  const notices = w.smtp.messages.filter(({ content }) => content.includes('Subject: Not sent'))
  expect(notices.map(({ recipients }) => recipients)).toEqual(Array.from({ length: 10 }, () => [from]))
})

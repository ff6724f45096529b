/** What has gone wrong in helpdesks again and again, from the bytes to what an agent and a customer see of it. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { notify } from '../../src/helpdesk/notify/notify.ts'
import { readConversation } from '../../src/helpdesk/reading/read.ts'
import { removeParticipant } from '../../src/helpdesk/triage/people.ts'
import { addRule } from '../../src/inbound/ignoring/rules.ts'
import type { ConversationId } from '../../src/lib/ids.ts'
import { desk } from '../helpdesk/desk.ts'
import { world } from '../support/world.ts'
import { inlet } from './support.ts'

async function office(settings: Parameters<typeof desk>[1] = {}) {
  const w = await world()
  const d = await desk(w, settings)
  return { w, d, i: inlet(w), deps: { blobs: w.blobs, secrets: w.secrets, url: 'https://waybill.example.com' } }
}

const plain = (head: string, text: string) => `From: Bob <bob@customer.example>\nTo: support@example.com\n${head}\n\n${text}\n`

const report = (id: string, n: number) => `Return-Path: <>
From: MAILER-DAEMON@shop.example
To: support@example.com
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-${n}@shop.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Your mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.shop.example

Final-Recipient: rfc822; ann.agent@shop.example
Action: failed
Status: 5.1.1
--b
Content-Type: text/rfc822-headers

Message-ID: ${id}
Subject: Bob wrote
--b--
`

test('bounces of a notification start nothing, are told to nobody, and end', async () => {
  const { w, d, i, deps } = await office()
  const { conversation, first } = await d.conversation({ assigneeId: d.agent.id })
  await w.inWorkspace((tx) =>
    notify(tx, deps, { event: 'customer_replied', conversation, itemId: first.id, actor: null }, w.clock.now()),
  )
  await w.dispatch()
  const id = /^Message-ID: (<[^>]+>)/im.exec(String(w.smtp.messages[0]?.content))?.[1] ?? ''
  const taken = []
  for (const [n, about] of [id, id, '<nobody.knows@elsewhere.example>', '<>'].entries())
    taken.push(await i.take(report(about, n), { inboxId: d.inbox.id, sender: '' }))
  expect(taken.map(({ state, outcome, reason, conversationId }) => [state, reason ?? outcome, conversationId])).toEqual([
    ['settled', 'bounce_recorded', null],
    ['settled', 'bounce_recorded', null],
    ['settled', 'report_without_news', null],
    ['settled', 'report_without_news', null],
  ])
  await w.dispatch()
  expect(w.smtp.messages).toHaveLength(1)
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from conversation`.execute(w.database.db)
  expect(rows).toEqual([{ n: 1 }])
})

test('one page of mail that ended others: each is a conversation of its own, and so is the last', async () => {
  const { w, d, i } = await office()
  await w.inWorkspace((tx) =>
    addRule(
      tx,
      { workspaceId: w.workspaceId, actor: 'user:ann' },
      { inboxId: d.inbox.id, field: 'from', pattern: '*@spam.example', note: '' },
      w.clock.now(),
    ),
  )
  const attachmentOnly =
    'From: Bob <bob@customer.example>\nTo: support@example.com\nMIME-Version: 1.0\nContent-Type: application/pdf; name="a.pdf"\nContent-Disposition: attachment; filename="a.pdf"\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n'
  const odd: (string | Buffer)[] = [
    plain('Subject: no id', '1'),
    plain('Subject: no id', '2'),
    plain('Message-ID:', '3'),
    plain('Message-ID: <>', '4'),
    plain('Message-ID: <>', '5'),
    plain('Date: Sat, 31 Feb 2026 99:99:99 +9999', '6'),
    plain('Date: Fri, 01 Jan 2100 00:00:00 +0000', '7'),
    plain('Message-ID: <reused@shop.example>', 'Parcel 8 is on its way'),
    plain('Message-ID: <reused@shop.example>', 'Parcel 9 is on its way'),
    attachmentOnly,
    'From: a name without an address\nTo: support@example.com\n\n11\n',
    'To: support@example.com\nSubject: from nobody\n\n12\n',
    Buffer.from(
      'From: Zo\xeb <zoe@customer.example>\r\nTo: support@example.com\r\nSubject: caf\xe9\r\n\r\nna\xefve\r\n',
      'latin1',
    ),
    plain('Subject: [support-]; [support-99999999999999999999] [.*-1]', '14'),
    plain('Subject: the last', '15'),
  ]
  const ids = await i.storeAll(odd, { inboxId: d.inbox.id })
  await i.worker.drain()
  const taken = await i.outcomesOf(ids)
  expect(taken.map(({ outcome, reason }) => reason ?? outcome)).toEqual(odd.map(() => 'conversation_started'))
  expect(new Set(taken.map(({ conversationId }) => conversationId)).size).toBe(odd.length)
  expect(i.errors).toEqual([])
  const { items } = await readConversation(
    w.database.db,
    d.agent,
    taken[9]?.conversationId ?? '',
    { before: null, limit: 5 },
    w.clock.now(),
  )
  expect(items[0]?.files.map(({ filename }) => filename)).toEqual(['a.pdf'])
})

test('a mail to three of our inboxes, in To, Cc and unseen, is a conversation in each, and the same again in one is a duplicate', async () => {
  const { d, i } = await office()
  const [sales, office3] = [await d.addInbox('Sales'), await d.addInbox('Office')]
  const mail =
    'From: Bob <bob@customer.example>\nTo: support@example.com\nCc: sales@example.com\nMessage-ID: <three@customer.example>\n\nTo all of you.\n'
  const arrivals = []
  for (const inbox of [d.inbox, sales, office3])
    arrivals.push(await i.take(mail, { inboxId: inbox.id, recipients: [inbox.address] }))
  expect(arrivals.map(({ outcome }) => outcome)).toEqual(arrivals.map(() => 'conversation_started'))
  expect(new Set(arrivals.map(({ conversationId }) => conversationId)).size).toBe(3)
  for (const [n, inbox] of [d.inbox, sales, office3].entries()) {
    expect(await i.take(`Received: from another\n${mail}`, { inboxId: inbox.id })).toMatchObject({
      outcome: 'duplicate',
      duplicateOf: arrivals[n]?.id,
    })
    const answer = `From: Bob <bob@customer.example>\nTo: ${inbox.address}\nMessage-ID: <answer-${n}@customer.example>\nIn-Reply-To: <three@customer.example>\n\nAnd?\n`
    expect(await i.take(answer, { inboxId: inbox.id })).toMatchObject({
      outcome: 'reply_added',
      conversationId: arrivals[n]?.conversationId,
    })
  }
})

test('whom an agent took out does not come back because a mail names them', async () => {
  const { w, d, i, deps } = await office()
  const copied = (id: string, more = '') =>
    plain(`Cc: Carl <carl@customer.example>, Dora <dora@customer.example>\nMessage-ID: <${id}@customer.example>${more}`, id)
  const begun = await i.take(copied('first'), { inboxId: d.inbox.id })
  const id = begun.conversationId as ConversationId
  await w.inWorkspace((tx) => removeParticipant(tx, deps, id, 'carl@customer.example', d.agent, w.clock.now()))
  await i.take(copied('second', '\nIn-Reply-To: <first@customer.example>'), { inboxId: d.inbox.id })
  const { participants } = await readConversation(w.database.db, d.agent, id, { before: null, limit: 5 }, w.clock.now())
  expect(participants.filter(({ isRemoved }) => isRemoved).map(({ address }) => address)).toEqual(['carl@customer.example'])
  expect(participants.find(({ address }) => address === 'dora@customer.example')?.isRemoved).toBe(false)
})

test('one mailbox feeds many inboxes, by every address that one has, whether answers may leave from it or not', async () => {
  const { w, d, i } = await office()
  const sales = await d.addInbox('Sales')
  await sql`insert into inbox_address values (${w.workspaceId}, 'orders@example.com', ${sales.id}, false, ${w.clock.now()})`.execute(
    w.database.db,
  )
  const to = async (head: string) => {
    const mail = `From: Bob <bob@customer.example>\n${head}\n\n${head}\n`
    const { conversationId, outcome, reason } = await i.take(mail, { inboxId: null })
    return conversationId ? (await d.find(conversationId as ConversationId)).inboxId : (reason ?? outcome)
  }
  expect(await to('To: Support <SUPPORT@example.com>')).toBe(d.inbox.id)
  expect(await to('To: Orders <Orders@Example.com>')).toBe(sales.id)
  expect(await to('To: friends@elsewhere.example\nCc: orders@example.com')).toBe(sales.id)
  expect(await to('To: friends@elsewhere.example\nDelivered-To: sales@example.com')).toBe(sales.id)
  expect(await to('To: friends@elsewhere.example')).toBe('no_inbox')
})

test('an automatic answer goes where answers are wanted, and never to an address of ours, however it is named', async () => {
  const { w, d, i } = await office({ auto_reply: JSON.stringify({ subject: 'Got it', html: '<p>Thank you.</p>' }) })
  const sales = await d.addInbox('Sales')
  const answered = async (head: string) => {
    const before = w.smtp.messages.length
    await i.take(plain(`Message-ID: <${before}-${head.length}@customer.example>\n${head}`, head), { inboxId: d.inbox.id })
    await w.dispatch()
    return w.smtp.messages.slice(before).flatMap(({ recipients }) => recipients)
  }
  expect(await answered('Reply-To: office@customer.example')).toEqual(['office@customer.example'])
  expect(await answered(`Reply-To: ${sales.address}`)).toEqual([])
  expect(await answered('Reply-To: Support <SUPPORT@EXAMPLE.COM>')).toEqual([])
  expect(await answered('Reply-To: office@customer.example\nAuto-Submitted: auto-replied')).toEqual([])
  expect(await answered('Reply-To: office@customer.example\nPrecedence: bulk')).toEqual([])
})

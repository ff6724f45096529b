import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { findConversation, findItems } from '../../src/helpdesk/conversations.ts'
import { listOpenIncidents } from '../../src/incidents/incidents.ts'
import type { ConversationId } from '../../src/lib/ids.ts'
import { desk } from '../helpdesk/desk.ts'
import { world } from '../support/world.ts'
import { inlet } from './support.ts'

const HELLO = `From: Ann Example <ann@customer.example>
To: support@example.com
Cc: Carl <carl@customer.example>
Subject: Where is my parcel?
Message-ID: <first@customer.example>
Date: Sun, 22 Nov 2026 10:00:00 +0000

It has not come.
`

test('a mail starts a conversation, and its answer is added to it', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  const first = await i.take(HELLO, { inboxId: d.inbox.id })
  expect(first).toMatchObject({ outcome: 'conversation_started', state: 'settled', attempts: 1 })
  const again = await i.take(
    `From: ann@customer.example
To: support@example.com
Subject: Re: Where is my parcel?
Message-ID: <second@customer.example>
In-Reply-To: <first@customer.example>

It came today.

On Sun, 22 Nov 2026 Ann wrote:
> It has not come.
`,
    { inboxId: d.inbox.id },
  )
  expect(again).toMatchObject({ outcome: 'reply_added', conversationId: first.conversationId })
  expect(again.matchedBy).toBe('It answers <first@customer.example>, which came in before.')
  const id = first.conversationId as ConversationId
  const conversation = await findConversation(w.database.db, w.workspaceId, id)
  expect(conversation).toMatchObject({
    number: 1,
    subject: 'Where is my parcel?',
    requester: 'ann@customer.example',
    status: 'open',
    items: 2,
    preview: 'It came today.',
  })
  const items = await findItems(w.database.db, w.workspaceId, id, { before: null, limit: 10 })
  expect(items.map(({ bodyText, quotedText }) => [bodyText, quotedText !== null])).toEqual([
    ['It came today.', true],
    ['It has not come.', false],
  ])
})

test('the same mail again is a duplicate of the first; another mail under its Message-ID is not', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  const first = await i.take(HELLO, { inboxId: d.inbox.id })
  const again = await i.take(`Received: from elsewhere\n${HELLO}`, { inboxId: d.inbox.id })
  expect(again).toMatchObject({ outcome: 'duplicate', duplicateOf: first.id })
  const other = await i.take(HELLO.replace('It has not come.', 'Another parcel has not come.'), { inboxId: d.inbox.id })
  expect(other).toMatchObject({ outcome: 'conversation_started' })
})

test('a mail that cannot be read is put aside with why, and what is behind it goes on', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  const broken = await i.store(`X: ${'y'.repeat(300_000)}\n\nno`, { inboxId: d.inbox.id })
  const good = await i.take(HELLO, { inboxId: d.inbox.id })
  expect(await i.outcomeOf(broken)).toMatchObject({
    state: 'quarantined',
    outcome: 'quarantined',
    stage: 'read',
    reason: 'unreadable',
  })
  expect(good).toMatchObject({ outcome: 'conversation_started' })
  const open = await listOpenIncidents(w.database.db, w.workspaceId, 10)
  expect(open.map(({ kind, subject }) => [kind, subject])).toEqual([['inbound.quarantined', { kind: 'inbox', id: d.inbox.id }]])
})

test('a new conversation is answered by itself once; a machine, and an address beyond its budget, are not', async () => {
  const w = await world()
  const d = await desk(w, {
    auto_reply: JSON.stringify({ subject: 'Got it: {{ conversation.subject }}', html: '<p>Thank you.</p>' }),
  })
  const i = inlet(w)
  const answers = async () => {
    const { rows } = await sql<{ subject: string }>`select subject from message order by id`.execute(w.database.db)
    return rows.map(({ subject }) => subject)
  }
  await i.take(HELLO, { inboxId: d.inbox.id })
  expect(await answers()).toEqual(['Got it: Where is my parcel?'])
  await i.take(HELLO.replace('first@', 'absent@').replace('Subject:', 'Auto-Submitted: auto-replied\nSubject:'), {
    inboxId: d.inbox.id,
  })
  expect(await answers()).toHaveLength(1)
  for (let n = 0; n < 15; n += 1) await i.take(HELLO.replace('first@', `again-${n}@`), { inboxId: d.inbox.id })
  expect(await answers()).toHaveLength(10)
})

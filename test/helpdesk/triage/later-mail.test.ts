import { expect, test } from 'vitest'
import { findItems } from '../../../src/helpdesk/conversations.ts'
import { mergeConversations } from '../../../src/helpdesk/triage/merge.ts'
import { splitConversation } from '../../../src/helpdesk/triage/split.ts'
import { undoActs } from '../../../src/helpdesk/triage/undo.ts'
import { MINUTE } from '../../../src/lib/clock.ts'
import type { ConversationId, ItemId } from '../../../src/lib/ids.ts'
import { inlet } from '../../inbound/support.ts'
import { world } from '../../support/world.ts'
import { desk } from '../desk.ts'

const mail = (from: string, id: string, answers: string | null) => `From: ${from}
To: support@example.com
Subject: A question
Message-ID: <${id}@customer.example>
${answers === null ? '' : `In-Reply-To: <${answers}@customer.example>\n`}
This is ${id}.
`

test('mail that answers what was merged, parted or split off lands where that is now', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  const deps = { blobs: w.blobs, secrets: w.secrets, url: 'https://waybill.example.com' }
  const take = async (from: string, id: string, answers: string | null) => {
    w.clock.advance(MINUTE)
    const { conversationId, itemId } = await i.take(mail(from, id, answers), { inboxId: d.inbox.id })
    return { conversation: conversationId as ConversationId, item: itemId as ItemId }
  }
  const [ann, bob] = ['ann@customer.example', 'bob@other.example']
  const one = await take(ann, 'a1', null)
  const two = await take(bob, 'b1', null)
  expect(two.conversation).not.toBe(one.conversation)

  const merging = [one.conversation, two.conversation]
  const { undo } = await w.inWorkspace((tx) => mergeConversations(tx, deps, merging, null, d.agent, w.clock.now()))
  const joined = await take(bob, 'b2', 'b1')
  expect(joined.conversation).toBe(one.conversation)

  await w.inWorkspace((tx) => undoActs(tx, deps, undo, d.agent, w.clock.now()))
  // What Bob wrote meanwhile went with him, and so does what answers it.
  expect((await take(bob, 'b3', 'b2')).conversation).toBe(two.conversation)
  expect((await take(ann, 'a2', 'a1')).conversation).toBe(one.conversation)

  const split = { items: [joined.item], subject: 'Something else' }
  const made = await w.inWorkspace((tx) => splitConversation(tx, deps, two.conversation, split, d.agent, w.clock.now()))
  expect((await take(bob, 'b4', 'b2')).conversation).toBe(made.conversation.id)
  expect((await take(bob, 'b5', 'b1')).conversation).toBe(two.conversation)

  const all = await Promise.all(
    [one.conversation, two.conversation, made.conversation.id].map((id) =>
      findItems(w.database.db, w.workspaceId, id, { before: null, limit: 100 }),
    ),
  )
  const said = all.map((items) =>
    items
      .filter(({ kind }) => kind === 'customer')
      .map(({ bodyText }) => bodyText)
      .reverse(),
  )
  const words = (...ids: string[]) => ids.map((id) => `This is ${id}.`)
  expect(said).toEqual([words('a1', 'a2'), words('b1', 'b3', 'b5'), words('b2', 'b4')])
})

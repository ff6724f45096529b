import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { saveContacts } from '../../../src/contacts/save-contact.ts'
import type { Conversation } from '../../../src/helpdesk/conversation.ts'
import { addItem, updateConversation } from '../../../src/helpdesk/conversations.ts'
import { type SearchPage, searchConversations } from '../../../src/helpdesk/search/search.ts'
import { parseSearch } from '../../../src/helpdesk/search/search-query.ts'
import { type ItemId, newId } from '../../../src/lib/ids.ts'
import { type World, world } from '../../support/world.ts'
import { type Agent, type Desk, desk } from '../desk.ts'

async function found(w: World, actor: Agent, text: string, limit = 50): Promise<number[]> {
  const numbers: number[] = []
  let after: string | null = null
  for (let page = 0; page < 30; page++) {
    const asked = { query: parseSearch(text), after, limit }
    const answer: SearchPage = await w.inWorkspace((tx) => searchConversations(tx, actor, asked, w.clock.now()))
    numbers.push(...answer.items.map(({ number }) => number))
    after = answer.next
    if (after === null) return numbers
  }
  throw new Error('a search that never ends')
}

async function aConversation(w: World, d: Desk, subject: string, text: string, over: Partial<Conversation> = {}) {
  w.clock.advance(1_000)
  const { conversation } = await d.conversation({ subject, ...over })
  await d.customerWrites(conversation.id, text)
  return conversation
}

test('everything is found by its words: subject, bodies, people, files, tags, in every script', async () => {
  const w = await world()
  const d = await desk(w)
  const boss = await d.hire('Boss', 'owner')
  const parcel = await aConversation(w, d, 'Délai de livraison', 'The INV-4711-A was never paid, says café owner', {
    tags: ['vip'],
  })
  const refund = await aConversation(w, d, '退款申请', '我要退款，谢谢。ขอคืนเงิน', { requester: 'mei@kunde.example' })
  const file = await aConversation(w, d, 'Scan', 'attached')
  const { workspaceId } = w
  await w.inWorkspace((tx) =>
    addItem(
      tx,
      { workspaceId, conversationId: file.id, kind: 'note', userId: d.agent.id, bodyText: 'internal remark' },
      w.clock.now(),
      {
        files: [
          {
            ordinal: 0,
            filename: 'Rechnung_Müller.pdf',
            contentType: 'application/pdf',
            sizeBytes: 3,
            contentId: null,
            isInline: false,
            hash: '00',
          },
        ],
      },
    ),
  )
  const see = (text: string) => found(w, boss, text)
  expect(await see('delai LIVRAISON')).toEqual([parcel.number])
  expect(await see('4711')).toEqual([parcel.number])
  expect(await see('inv-4711')).toEqual([parcel.number])
  expect(await see('livr caf')).toEqual([parcel.number])
  expect(await see('"livr"')).toEqual([])
  expect(await see('"never paid"')).toEqual([parcel.number])
  expect(await see('"paid never"')).toEqual([])
  expect(await see('vip')).toEqual([parcel.number])
  expect(await see('退款')).toEqual([refund.number])
  expect(await see('谢')).toEqual([refund.number])
  expect(await see('คืนเงิน')).toEqual([refund.number])
  expect(await see('from:mei@kunde.example')).toEqual([refund.number])
  expect(await see('rechnung muller')).toEqual([file.number])
  expect(await see('has:note')).toEqual([file.number])
  expect(await see('remark has:note -attached')).toEqual([])
  expect(await see('bob -remark -退款')).toEqual([parcel.number])
  expect(await see(String(refund.number))).toContain(refund.number)
  expect(await see(`number:${refund.number}`)).toEqual([refund.number])
  expect(await see('tag:vip is:open')).toEqual([parcel.number])
  expect(await see('is:closed bob')).toEqual([])
  expect(await see('in:nowhere')).toEqual([])
  expect(await see('%_\\ "')).toHaveLength(3)
})

test('what is changed, hidden or goes elsewhere is found as it is now', async () => {
  const w = await world()
  const d = await desk(w)
  const boss = await d.hire('Boss', 'owner')
  const one = await aConversation(w, d, 'First subject', 'alpha')
  const other = await aConversation(w, d, 'Other subject', 'omega')
  const see = (text: string) => found(w, boss, text)

  await w.inWorkspace((tx) => updateConversation(tx, { ...one, subject: 'Renamed' }))
  expect([await see('first'), await see('renamed alpha')]).toEqual([[], [one.number]])
  const { db } = w.database
  await sql`update conversation_item set body_text = 'beta' where conversation_id = ${one.id} and body_text = 'alpha'`.execute(db)
  expect([await see('alpha'), await see('beta')]).toEqual([[], [one.number]])
  await sql`update conversation_item set conversation_id = ${other.id} where conversation_id = ${one.id} and body_text = 'beta'`.execute(
    db,
  )
  expect(await see('beta')).toEqual([other.number])
  await sql`delete from conversation_item where conversation_id = ${other.id} and body_text = 'beta'`.execute(db)
  expect(await see('beta')).toEqual([])
})

test('a long conversation is found once, by what was said first and last, on whatever page', async () => {
  const w = await world()
  const d = await desk(w)
  const boss = await d.hire('Boss', 'owner')
  const long = await aConversation(w, d, 'Long', 'earliest words')
  for (let i = 0; i < 45; i++) await d.customerWrites(long.id, `parcel number${i}`)
  const short = await aConversation(w, d, 'Short', 'parcel')
  const see = (text: string, limit?: number) => found(w, boss, text, limit)
  expect(await see('earliest')).toEqual([long.number])
  expect(await see('number44')).toEqual([long.number])
  expect(await see('parcel', 1)).toEqual([short.number, long.number])
})

test('a search finds nothing of other workspaces and nothing out of reach', async () => {
  const w = await world()
  const d = await desk(w)
  const hidden = await d.addInbox('Board', { restricted: true })
  const boss = await d.hire('Boss', 'owner')
  const open = await aConversation(w, d, 'Salary table', 'secret')
  const closed = await aConversation(w, d, 'Salary of the board', 'secret', { inboxId: hidden.id })
  expect((await found(w, boss, 'secret')).sort()).toEqual([open.number, closed.number])
  expect(await found(w, d.agent, 'secret')).toEqual([open.number])
  expect(await found(w, d.agent, `number:${closed.number}`)).toEqual([])
  expect(await found(w, d.agent, 'board')).toEqual([])

  const elsewhere = await w.addWorkspace('Elsewhere')
  const stranger = { ...boss, workspaceId: elsewhere.workspaceId }
  const asked = { query: parseSearch('secret'), after: null, limit: 50 }
  const scope = { as: 'api', workspaceId: elsewhere.workspaceId } as const
  const theirs = await w.database.transaction(scope, (tx) => searchConversations(tx, stranger, asked, w.clock.now()))
  expect(theirs.items).toEqual([])
  const asOurs = await w.database.transaction(scope, (tx) => searchConversations(tx, boss, asked, w.clock.now()))
  expect(asOurs.items).toEqual([])
})

test('people are found by a part of their address or their company, and by a Message-ID', async () => {
  const w = await world()
  const d = await desk(w)
  const boss = await d.hire('Boss', 'owner')
  const contacts = await w.inWorkspace((tx) =>
    saveContacts(tx, w.workspaceId, [{ name: 'Zoe', address: 'zoe@longcompany.example' }], null, w.clock.now()),
  )
  const contactId = contacts.get('zoe@longcompany.example') ?? null
  await sql`update contact set company = 'Globex' where id = ${contactId}`.execute(w.database.db)
  const hers = await aConversation(w, d, 'Hello', 'hi', { contactId, requester: 'zoe@longcompany.example' })
  expect(await found(w, boss, 'ngcompa')).toEqual([hers.number])
  expect(await found(w, boss, 'globex')).toEqual([hers.number])
  // A company stands in no message: it is found beside words that do, in whatever order.
  expect(await found(w, boss, 'globex hello')).toEqual([hers.number])
  expect(await found(w, boss, 'hello globex -bye')).toEqual([hers.number])
  expect(await found(w, boss, 'globex goodbye')).toEqual([])
  expect(await found(w, boss, 'initech hello')).toEqual([])
  const itemId = newId<ItemId>()
  await w.inWorkspace((tx) =>
    addItem(tx, { workspaceId: w.workspaceId, conversationId: hers.id, id: itemId, kind: 'note', bodyText: 'x' }, w.clock.now(), {
      references: [{ rfcId: '<Abc.1@mx.example>', source: 'inbound' }],
    }),
  )
  expect(await found(w, boss, '<Abc.1@mx.example>')).toEqual([hers.number])
})

test('a page shows where the words stand', async () => {
  const w = await world()
  const d = await desk(w)
  const boss = await d.hire('Boss', 'owner')
  await aConversation(w, d, 'Where?', `${'filler '.repeat(50)}the lost parcel ${'filler '.repeat(50)}`)
  const asked = { query: parseSearch('parcel'), after: null, limit: 10 }
  const { items } = await w.inWorkspace((tx) => searchConversations(tx, boss, asked, w.clock.now()))
  expect(items[0]?.snippet?.text).toMatch(/^… .*the lost parcel filler/)
})

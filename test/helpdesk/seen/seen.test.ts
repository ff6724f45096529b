import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { addItem } from '../../../src/helpdesk/conversations.ts'
import { readCounts } from '../../../src/helpdesk/list/counts.ts'
import type { ConversationFilter } from '../../../src/helpdesk/list/filter.ts'
import { countConversations, listConversations } from '../../../src/helpdesk/list/list.ts'
import { searchConversations } from '../../../src/helpdesk/search/search.ts'
import { parseSearch } from '../../../src/helpdesk/search/search-query.ts'
import { markAllRead, markMany, markRead, markUnread, seenJobs } from '../../../src/helpdesk/seen/seen.ts'
import { DAY, MINUTE } from '../../../src/lib/clock.ts'
import type { ConversationId } from '../../../src/lib/ids.ts'
import { type World, world } from '../../support/world.ts'
import { type Agent, type Desk, desk } from '../desk.ts'

async function unreadOf(w: World, actor: Agent, filter: ConversationFilter = {}): Promise<number[]> {
  const asked = { filter: { ...filter, unread: true as const }, sort: 'latest' as const }
  const page = await w.inWorkspace((tx) => listConversations(tx, actor, { ...asked, after: null, limit: 50 }))
  expect(page.items.every(({ isUnread }) => isUnread)).toBe(true)
  expect(await w.inWorkspace((tx) => countConversations(tx, actor, asked, 50))).toBe(page.items.length)
  return page.items.map(({ number }) => number)
}

/** Unread by the rows of a list that asks for something else. */
async function boldOf(w: World, actor: Agent): Promise<number[]> {
  const page = await w.inWorkspace((tx) => listConversations(tx, actor, { filter: {}, sort: 'latest', after: null, limit: 50 }))
  return page.items.flatMap(({ number, isUnread }) => (isUnread ? [number] : []))
}

async function says(w: World, d: Desk, id: ConversationId, by: Agent | null, text: string): Promise<void> {
  w.clock.advance(MINUTE)
  const now = w.clock.now()
  await w.inWorkspace(async (tx) => {
    const what = by ? { kind: 'reply' as const, userId: by.id } : { kind: 'customer' as const }
    await addItem(tx, { workspaceId: w.workspaceId, conversationId: id, ...what, bodyText: text }, now)
  })
  await sql`update conversation set last_at = ${now} where id = ${id}`.execute(w.database.db)
  expect((await d.find(id)).lastAt).toEqual(now)
}

test('a conversation is new to each person until they look, and again when something more is said', async () => {
  const w = await world()
  const d = await desk(w)
  const eva = await d.hire('Eva')
  const read = (actor: Agent, id: ConversationId, through: Date | null = null) =>
    w.inWorkspace((tx) => markRead(tx, actor, id, through))
  w.clock.advance(MINUTE)
  const { conversation: one } = await d.conversation()
  w.clock.advance(MINUTE)
  const { conversation: two } = await d.conversation()
  expect([await unreadOf(w, d.agent), await boldOf(w, d.agent)]).toEqual(Array(2).fill([two.number, one.number]))

  await read(d.agent, one.id)
  expect([await unreadOf(w, d.agent), await boldOf(w, d.agent)]).toEqual(Array(2).fill([two.number]))
  expect(await unreadOf(w, eva)).toEqual([two.number, one.number])

  await says(w, d, one.id, null, 'Are you there?')
  expect(await unreadOf(w, d.agent)).toEqual([one.number, two.number])

  // What came while the page was on its way was not seen.
  const shown = w.clock.now()
  await says(w, d, one.id, null, 'Hello?')
  await read(d.agent, one.id, shown)
  expect(await unreadOf(w, d.agent)).toEqual([one.number, two.number])
  await read(d.agent, one.id)
  // A page that was opened before does not take it back.
  await read(d.agent, one.id, shown)
  expect(await unreadOf(w, d.agent)).toEqual([two.number])

  // What one writes oneself is no news; to the other it is.
  await read(eva, one.id)
  await says(w, d, one.id, d.agent, 'I am here')
  expect(await unreadOf(w, d.agent)).toEqual([two.number])
  expect(await unreadOf(w, eva)).toEqual([one.number, two.number])
})

test('somebody new is not buried under what was said before they came', async () => {
  const w = await world()
  const d = await desk(w)
  w.clock.advance(MINUTE)
  const { conversation } = await d.conversation()
  w.clock.advance(MINUTE)
  const eva = await d.hire('Eva')
  expect(await unreadOf(w, eva)).toEqual([])
  await says(w, d, conversation.id, null, 'And now?')
  expect(await unreadOf(w, eva)).toEqual([conversation.number])
})

test('what ended is no news, unless somebody marked it; a mark goes when they look', async () => {
  const w = await world()
  const d = await desk(w)
  w.clock.advance(MINUTE)
  const now = w.clock.now()
  const { conversation: closed } = await d.conversation({ status: 'closed', closedAt: now, waitingSince: null })
  const { conversation: open } = await d.conversation()
  expect(await unreadOf(w, d.agent)).toEqual([open.number])
  await w.inWorkspace((tx) => markMany(tx, d.agent, [open.id, closed.id], true))
  expect(await unreadOf(w, d.agent)).toEqual([])

  await w.inWorkspace((tx) => markUnread(tx, d.agent, closed.id))
  await w.inWorkspace((tx) => markMany(tx, d.agent, [open.id], false))
  expect((await unreadOf(w, d.agent)).sort()).toEqual([closed.number, open.number].sort())
  expect((await boldOf(w, d.agent)).sort()).toEqual([closed.number, open.number].sort())
  expect(await unreadOf(w, d.agent, { status: ['closed'] })).toEqual([closed.number])
  const found = await w.inWorkspace((tx) =>
    searchConversations(tx, d.agent, { query: parseSearch('parcel is:unread'), after: null, limit: 10 }, now),
  )
  expect(found.items).toHaveLength(2)

  await w.inWorkspace((tx) => markRead(tx, d.agent, closed.id, null))
  expect(await unreadOf(w, d.agent)).toEqual([open.number])
  w.clock.advance(MINUTE)
  await w.inWorkspace((tx) => markAllRead(tx, d.agent, w.clock.now()))
  expect(await unreadOf(w, d.agent)).toEqual([])
  // After a season, what is kept of a conversation that ended goes; what is open stays.
  await w.inWorkspace((tx) => markMany(tx, d.agent, [open.id, closed.id], true))
  const later = new Date(w.clock.now().getTime() + 200 * DAY)
  for (const { run } of seenJobs(w.database, { ...w.clock, now: () => later })) await run(later)
  const { rows } = await sql<{ id: string }>`select conversation_id as id from conversation_seen`.execute(w.database.db)
  expect(rows).toEqual([{ id: open.id }])
})

test('numbers of what is new stand beside inboxes and folders, for what one may see', async () => {
  const w = await world()
  const d = await desk(w)
  const board = await d.addInbox('Board', { restricted: true })
  const boss = await d.hire('Boss', 'owner')
  w.clock.advance(MINUTE)
  await d.conversation({ assigneeId: d.agent.id })
  await d.conversation()
  await d.conversation({ inboxId: board.id })
  const of = async (actor: Agent) => (await w.inWorkspace((tx) => readCounts(tx, actor))).unread
  const mine = await of(d.agent)
  expect(mine.all).toEqual({ unassigned: 1, mine: 1, open: 2, pending: 0 })
  expect([...mine.inboxes.keys()]).toEqual([d.inbox.id])
  const theirs = await of(boss)
  expect(theirs.all).toEqual({ unassigned: 2, mine: 0, open: 3, pending: 0 })
  expect(theirs.inboxes.get(board.id)).toEqual({ unassigned: 1, mine: 0, open: 1, pending: 0 })
})

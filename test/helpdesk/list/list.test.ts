import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Conversation } from '../../../src/helpdesk/conversation.ts'
import type { ConversationFilter, Sort } from '../../../src/helpdesk/list/filter.ts'
import { SORTS } from '../../../src/helpdesk/list/filter.ts'
import { type ConversationPage, countConversations, listConversations } from '../../../src/helpdesk/list/list.ts'
import { MINUTE } from '../../../src/lib/clock.ts'
import type { ContactId, ConversationId, TeamId } from '../../../src/lib/ids.ts'
import { newId } from '../../../src/lib/ids.ts'
import { type World, world } from '../../support/world.ts'
import { type Agent, type Desk, desk } from '../desk.ts'

async function listed(
  w: World,
  actor: Agent,
  filter: ConversationFilter,
  sort: Sort = 'latest',
  limit = 50,
  onPage = async () => {},
): Promise<number[]> {
  const numbers: number[] = []
  let after: string | null = null
  do {
    const asked = { filter, sort, after, limit }
    const page: ConversationPage = await w.inWorkspace((tx) => listConversations(tx, actor, asked))
    numbers.push(...page.items.map(({ number }) => number))
    after = page.next
    await onPage()
  } while (after !== null)
  return numbers
}

/** Twelve conversations that differ in everything lists ask for, each a minute after the one before. */
async function aMixture(w: World, d: Desk): Promise<Conversation[]> {
  const sales = await d.addInbox('Sales')
  const made: Conversation[] = []
  for (let i = 0; i < 12; i++) {
    w.clock.advance(MINUTE)
    const now = w.clock.now()
    const status = (['open', 'pending', 'closed', 'spam'] as const)[i % 4] ?? 'open'
    const isAwake = status === 'closed' || status === 'spam'
    const over: Partial<Conversation> = {
      inboxId: i % 3 === 0 ? sales.id : d.inbox.id,
      status,
      closedAt: status === 'closed' ? now : null,
      waitingSince: status === 'open' ? now : null,
      assigneeId: i % 2 === 0 ? d.agent.id : null,
      priority: (['normal', 'urgent', 'normal', 'low', 'high'] as const)[i % 5] ?? 'normal',
      tags: i % 4 < 2 ? ['billing', `t${i % 3}`] : [],
      hasFiles: i % 3 === 1,
      channel: i % 6 === 5 ? 'phone' : 'email',
      dueAt: i % 5 === 0 ? new Date(now.getTime() + 90 * MINUTE) : null,
      snoozedUntil: !isAwake && i > 8 ? new Date(now.getTime() + 60 * MINUTE) : null,
    }
    made.push((await d.conversation(over)).conversation)
  }
  return made
}

test('each filter shows what fits it and nothing else, whatever the order and the size of the page', async () => {
  const w = await world()
  const d = await desk(w)
  const boss = await d.hire('Boss', 'owner')
  const all = await aMixture(w, d)
  const filters: [ConversationFilter, (c: Conversation) => boolean][] = [
    [{}, () => true],
    [{ status: ['open', 'closed'] }, ({ status }) => status === 'open' || status === 'closed'],
    [{ inbox: d.inbox.id, status: ['open'] }, (c) => c.inboxId === d.inbox.id && c.status === 'open'],
    [{ assignee: 'none' }, ({ assigneeId }) => assigneeId === null],
    [{ assignee: d.agent.id, status: ['pending'] }, (c) => c.assigneeId !== null && c.status === 'pending'],
    [{ tag: ['billing', 't1'] }, ({ tags }) => tags.includes('billing') && tags.includes('t1')],
    [{ priority: ['urgent', 'low'] }, ({ priority }) => priority === 'urgent' || priority === 'low'],
    [{ channel: 'phone' }, ({ channel }) => channel === 'phone'],
    [{ has_files: true, status: ['open', 'pending'] }, (c) => c.hasFiles && (c.status === 'open' || c.status === 'pending')],
    [{ snoozed: true }, ({ snoozedUntil }) => snoozedUntil !== null],
    [{ snoozed: false, waiting: true }, (c) => c.snoozedUntil === null && c.waitingSince !== null],
    [{ team: newId<TeamId>() }, () => false],
    [{ contact: newId<ContactId>() }, () => false],
    [{ starred: true }, () => false],
  ]
  for (const sort of SORTS) {
    const inSort = (c: Conversation) => {
      const isAwaited = c.status === 'open' || c.status === 'pending'
      if (sort === 'waiting') return c.waitingSince !== null
      if (sort === 'due') return c.dueAt !== null && isAwaited
      return sort === 'wakes' ? c.snoozedUntil !== null : true
    }
    for (const [filter, fits] of filters) {
      const wanted = all.filter((c) => fits(c) && inSort(c)).map(({ number }) => number)
      const found = await listed(w, boss, filter, sort, 5)
      expect(
        [...found].sort((a, b) => a - b),
        `${sort} ${JSON.stringify(filter)}`,
      ).toEqual(wanted)
      if (sort === 'latest' || sort === 'newest') expect(found).toEqual([...wanted].reverse())
      if (sort === 'oldest' || sort === 'first' || sort === 'waiting' || sort === 'due') expect(found).toEqual(wanted)
    }
  }
  const urgency = ['urgent', 'high', 'normal', 'low']
  const order = (await listed(w, boss, {}, 'priority', 5)).map((n) =>
    urgency.indexOf(all.find(({ number }) => number === n)?.priority ?? ''),
  )
  expect(order).toEqual([...order].sort())
})

test('no row comes twice and none that stays is missed while others move between pages', async () => {
  const w = await world()
  const d = await desk(w)
  const boss = await d.hire('Boss', 'owner')
  const made: ConversationId[] = []
  for (let i = 0; i < 30; i++) {
    w.clock.advance(MINUTE)
    made.push((await d.conversation()).conversation.id)
  }
  const moved = new Set<number>()
  let turn = 0
  const found = await listed(w, boss, { status: ['open'] }, 'latest', 4, async () => {
    turn += 1
    w.clock.advance(MINUTE)
    const id = made[(turn * 7) % made.length]
    const { rows } = await sql<{
      number: number
    }>`update conversation set last_at = ${w.clock.now()} where id = ${id} returning number`.execute(w.database.db)
    moved.add(rows[0]?.number ?? 0)
  })
  expect(new Set(found).size).toBe(found.length)
  for (let number = 1; number <= 30; number++) if (!moved.has(number)) expect(found).toContain(number)
})

test('everybody sees what they may reach, and their own stars, drafts and deleted things', async () => {
  const w = await world()
  const d = await desk(w)
  const hidden = await d.addInbox('Board', { restricted: true })
  const boss = await d.hire('Boss', 'owner')
  const open = (await d.conversation()).conversation
  const closed = (await d.conversation({ inboxId: hidden.id })).conversation
  const theirs = (await d.conversation({ inboxId: hidden.id, assigneeId: d.agent.id })).conversation
  const gone = (await d.conversation({ deletedAt: w.clock.now() })).conversation
  expect((await listed(w, boss, {})).sort()).toEqual([open.number, closed.number, theirs.number])
  expect(await listed(w, d.agent, {})).toEqual([open.number])
  const { db } = w.database
  await sql`insert into inbox_access values (${w.workspaceId}, ${hidden.id}, ${d.agent.id}, 'assigned_only')`.execute(db)
  expect((await listed(w, d.agent, {})).sort()).toEqual([open.number, theirs.number])
  expect((await listed(w, d.agent, { assignee: 'me' })).sort()).toEqual([theirs.number])
  expect(await listed(w, d.agent, { deleted: true })).toEqual([gone.number])

  await sql`insert into conversation_star values (${w.workspaceId}, ${d.agent.id}, ${open.id}, ${w.clock.now()}), (${w.workspaceId}, ${d.agent.id}, ${closed.id}, ${w.clock.now()})`.execute(
    db,
  )
  await sql`insert into conversation_draft (workspace_id, id, conversation_id, user_id, mode, version, content, created_at, updated_at)
            values (${w.workspaceId}, ${newId()}, ${theirs.id}, ${d.agent.id}, 'note', 1, '{}', ${w.clock.now()}, ${w.clock.now()})`.execute(
    db,
  )
  expect(await listed(w, d.agent, { starred: true })).toEqual([open.number])
  expect(await listed(w, boss, { starred: true })).toEqual([])
  expect(await listed(w, d.agent, { drafts: true })).toEqual([theirs.number])
  const page = await w.inWorkspace((tx) =>
    listConversations(tx, boss, { filter: { assignee: d.agent.id }, sort: 'latest', after: null, limit: 5 }),
  )
  expect(page.items[0]).toMatchObject({
    drafts: [{ name: 'Ann Agent' }],
    assignee: { name: 'Ann Agent' },
    customer: { address: 'bob@customer.example' },
  })
  expect(await w.inWorkspace((tx) => countConversations(tx, d.agent, { filter: {}, sort: 'latest' }, 100))).toBe(2)
  expect(await w.inWorkspace((tx) => countConversations(tx, boss, { filter: {}, sort: 'latest' }, 2))).toBe(2)
})

test('a cursor of another list is refused', async () => {
  const w = await world()
  const d = await desk(w)
  for (let i = 0; i < 2; i++) await d.conversation()
  const first = await w.inWorkspace((tx) => listConversations(tx, d.agent, { filter: {}, sort: 'latest', after: null, limit: 1 }))
  const asked = { filter: {}, sort: 'newest' as const, after: first.next, limit: 1 }
  await expect(w.inWorkspace((tx) => listConversations(tx, d.agent, asked))).rejects.toThrow('must be the `next`')
})

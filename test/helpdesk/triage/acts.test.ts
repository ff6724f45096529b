import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Tx } from '../../../src/db/database.ts'
import type { Refusal } from '../../../src/errors.ts'
import { findItems } from '../../../src/helpdesk/conversations.ts'
import type { Undo } from '../../../src/helpdesk/triage/act.ts'
import { changeConversation, changeConversations } from '../../../src/helpdesk/triage/change.ts'
import { deleteConversations } from '../../../src/helpdesk/triage/delete.ts'
import { triageJobs } from '../../../src/helpdesk/triage/jobs.ts'
import { mergeConversations } from '../../../src/helpdesk/triage/merge.ts'
import { addParticipant, removeParticipant } from '../../../src/helpdesk/triage/people.ts'
import { changeTag, createField, createLabel } from '../../../src/helpdesk/triage/settings.ts'
import { cloneConversation, splitConversation } from '../../../src/helpdesk/triage/split.ts'
import type { Change } from '../../../src/helpdesk/triage/triage.ts'
import { undoActs } from '../../../src/helpdesk/triage/undo.ts'
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.ts'
import type { ConversationId, ItemId } from '../../../src/lib/ids.ts'
import { type World, world } from '../../support/world.ts'
import { type Agent, desk } from '../desk.ts'

async function office() {
  const w = await world()
  const d = await desk(w)
  const deps = { blobs: w.blobs, secrets: w.secrets, url: 'https://waybill.example.com' }
  const act = <T>(work: (tx: Tx) => Promise<T>) => w.inWorkspace(work)
  const change = (id: ConversationId, wanted: Change, by: Agent = d.agent, seen = {}) =>
    act((tx) => changeConversation(tx, deps, id, wanted, by, w.clock.now(), seen))
  const undo = (acts: readonly Undo[]) => act((tx) => undoActs(tx, deps, acts, d.agent, w.clock.now()))
  const said = async (id: ConversationId) =>
    (await findItems(w.database.db, w.workspaceId, id, { before: null, limit: 500 }))
      .filter(({ kind }) => kind !== 'activity')
      .map((item) => item.id)
  const run = async (name: string) =>
    void (await triageJobs(w.database, deps)
      .find((job) => job.name === name)!
      .run(w.clock.now()))
  return { w, d, deps, act, change, undo, said, run }
}

/** Where an answer to this item would land. */
async function placeOf(w: World, item: ItemId): Promise<string | undefined> {
  const { rows } = await sql<{
    id: string
  }>`select conversation_id as id from conversation_reference where item_id = ${item}`.execute(w.database.db)
  expect(rows).toHaveLength(1)
  return rows[0]?.id
}

async function linesOf(w: World, id: ConversationId): Promise<unknown[]> {
  const items = await findItems(w.database.db, w.workspaceId, id, { before: null, limit: 100 })
  return items
    .filter(({ kind }) => kind === 'activity')
    .map(({ activity }) => activity?.what)
    .reverse()
}

const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: Refusal) => ({ code: error.code, sentence: error.message }),
  )

test('two agents assign at once: the second is told who was quicker, and nothing is written over', async () => {
  const { d, change } = await office()
  const ben = await d.hire('Ben')
  const { conversation } = await d.conversation()
  const results = await Promise.allSettled([
    change(conversation.id, { assigneeId: ben.id }, ben, { assigneeId: null }),
    change(conversation.id, { assigneeId: d.agent.id }, d.agent, { assigneeId: null }),
  ])
  const lost = results.filter((result) => result.status === 'rejected')
  expect(lost).toHaveLength(1)
  const after = await d.find(conversation.id)
  const winner = after.assigneeId === ben.id ? 'Ben' : 'Ann Agent'
  expect((lost[0]!.reason as Refusal).message).toContain(`${winner} changed the assignee to “${winner}”`)
})

test('closing asks for required fields by name, brings the label down and is taken back whole', async () => {
  const { w, d, act, change, undo } = await office()
  const now = w.clock.now()
  const field = { inboxId: null, name: 'Order', type: 'text', options: [], isRequired: true, inList: false } as const
  const order = await act((tx) => createField(tx, field, d.agent, now))
  const label = await act((tx) => createLabel(tx, { name: 'Waiting for parts', status: 'pending', color: 'grey' }, d.agent, now))
  const { conversation } = await d.conversation()
  await change(conversation.id, { labelId: label.id })
  expect(await d.find(conversation.id)).toMatchObject({ status: 'pending', labelId: label.id })
  expect(await refusalOf(change(conversation.id, { status: 'closed' }))).toMatchObject({
    code: 'fields_missing',
    sentence: expect.stringContaining('"Order"'),
  })
  expect(await refusalOf(change(conversation.id, { fields: { [order.id]: 7 } }))).toMatchObject({
    code: 'field_wrong',
    sentence: '"Order" must be text.',
  })

  const back = await change(conversation.id, { status: 'closed', fields: { [order.id]: 'A-1' } })
  expect(await d.find(conversation.id)).toMatchObject({ status: 'closed', labelId: null, waitingSince: null })
  await undo(back)
  const again = await d.find(conversation.id)
  expect(again).toMatchObject({ status: 'pending', labelId: label.id, fields: {}, closedAt: null })
  expect(again.waitingSince).toEqual(conversation.waitingSince)
  expect(await linesOf(w, conversation.id)).toEqual(['status', 'status', 'field', 'status', 'field'])

  // Whoever changes the status by another road leaves no label of another status behind.
  await sql`update conversation set status = 'open' where id = ${conversation.id}`.execute(w.database.db)
  expect((await d.find(conversation.id)).labelId).toBeNull()
})

test('what was snoozed comes back open and in front, and whoever snoozed it is told', async () => {
  const { w, d, change, run } = await office()
  const { conversation } = await d.conversation({ status: 'pending' })
  await change(conversation.id, { snoozedUntil: new Date(w.clock.now().getTime() + HOUR) })
  await run('helpdesk.wake_snoozed')
  expect((await d.find(conversation.id)).snoozedUntil).not.toBeNull()
  w.clock.advance(HOUR + MINUTE)
  await run('helpdesk.wake_snoozed')
  const after = await d.find(conversation.id)
  expect(after).toMatchObject({ status: 'open', snoozedUntil: null })
  expect(after.lastAt.getTime()).toBeGreaterThan(conversation.lastAt.getTime())
  const { rows } = await sql`select event, reason from notification where user_id = ${d.agent.id}`.execute(w.database.db)
  expect(rows).toEqual([{ event: 'snooze_over', reason: 'snooze_over' }])
})

test('a conversation in another inbox is not assigned any more to whoever may not work there; moved back, it is theirs again', async () => {
  const { w, d, change, undo } = await office()
  const ben = await d.hire('Ben')
  const owner = await d.hire('Olga', 'owner')
  const secret = await d.addInbox('Secret', { restricted: true })
  const { conversation } = await d.conversation({ assigneeId: ben.id })
  expect(await refusalOf(change(conversation.id, { inboxId: secret.id }))).toMatchObject({ code: 'not_found' })
  const back = await change(conversation.id, { inboxId: secret.id }, owner)
  expect(await d.find(conversation.id)).toMatchObject({ inboxId: secret.id, assigneeId: null })
  expect(await refusalOf(change(conversation.id, { assigneeId: ben.id }, owner))).toMatchObject({ code: 'cannot_work' })
  expect(await refusalOf(change(conversation.id, { priority: 'high' }))).toMatchObject({ code: 'not_found' })
  await w.inWorkspace((tx) => undoActs(tx, { blobs: w.blobs, secrets: w.secrets, url: 'http://x' }, back, owner, w.clock.now()))
  expect(await d.find(conversation.id)).toMatchObject({ inboxId: d.inbox.id, assigneeId: ben.id })
  expect(undo).toBeDefined()
})

test('a hundred conversations are changed by as many statements as one, and with fifty agents by as many as with one', async () => {
  const { w, d, deps, act } = await office()
  const counted = async (ids: readonly ConversationId[]) => {
    let statements = 0
    await act(async (tx) => {
      const log = tx as unknown as { getExecutor(): { executeQuery(...given: unknown[]): Promise<unknown> } }
      const executor = log.getExecutor()
      const plain = executor.executeQuery.bind(executor)
      executor.executeQuery = (...given) => {
        statements += 1
        return plain(...given)
      }
      const change: Change = { status: 'closed', addTags: ['done'], priority: 'low' }
      const { changed } = await changeConversations(tx, deps, ids, change, d.agent, w.clock.now())
      expect(changed).toHaveLength(ids.length)
    })
    return statements
  }
  const one = await counted([(await d.conversation()).conversation.id])
  const many: ConversationId[] = []
  for (let i = 0; i < 30; i++) many.push((await d.conversation()).conversation.id)
  expect(await counted(many)).toBe(one)
  for (let i = 0; i < 20; i++) await d.hire(`Agent ${i}`)
  expect(await counted([(await d.conversation()).conversation.id])).toBe(one)
  expect(one).toBeGreaterThan(0)
})

test('merged conversations keep every item once; later mail lands in the one that stays; parted, everything is where it was', async () => {
  const { w, d, deps, act, undo, said } = await office()
  const one = await d.conversation({ subject: 'Parcel' })
  w.clock.advance(MINUTE)
  const two = await d.conversation({
    subject: 'Parcel again',
    requester: 'carl@other.example',
    tags: ['late'],
    priority: 'high',
    status: 'pending',
    snoozedUntil: new Date(w.clock.now().getTime() + DAY),
  })
  const more = await d.customerWrites(two.conversation.id, 'More')
  const merged = await act((tx) =>
    mergeConversations(tx, deps, [two.conversation.id, one.conversation.id], null, d.agent, w.clock.now()),
  )
  expect(merged.target.id).toBe(one.conversation.id)
  expect((await said(one.conversation.id)).sort()).toEqual([one.first.id, two.first.id, more.id].sort())
  expect(await said(two.conversation.id)).toEqual([])
  expect(await d.find(one.conversation.id)).toMatchObject({
    items: 3,
    tags: ['late'],
    priority: 'high',
    status: 'open',
    snoozedUntil: null,
  })
  expect(await d.find(two.conversation.id)).toMatchObject({ mergedInto: one.conversation.id })
  for (const item of [one.first, two.first, more]) expect(await placeOf(w, item.id)).toBe(one.conversation.id)

  // A chain: what was joined goes along, and is parted in the order it was joined.
  const three = await d.conversation({ subject: 'Third' })
  const further = await act((tx) =>
    mergeConversations(tx, deps, [one.conversation.id], three.conversation.id, d.agent, w.clock.now()),
  )
  expect(await said(three.conversation.id)).toHaveLength(4)
  expect(await refusalOf(undo(merged.undo))).toMatchObject({ code: 'not_unmergeable' })
  await undo(further.undo)

  // The customer of the one that was joined writes while they are joined: it leaves with them.
  w.clock.advance(MINUTE)
  const carl = await d.customerWrites(one.conversation.id, 'From Carl')
  await sql`update conversation_item set from_address = 'carl@other.example' where id = ${carl.id}`.execute(w.database.db)
  await undo(merged.undo)
  expect(await said(one.conversation.id)).toEqual([one.first.id])
  expect((await said(two.conversation.id)).sort()).toEqual([two.first.id, more.id, carl.id].sort())
  for (const item of [two.first, more, carl]) expect(await placeOf(w, item.id)).toBe(two.conversation.id)
  expect(await placeOf(w, one.first.id)).toBe(one.conversation.id)
  expect(await d.find(one.conversation.id)).toMatchObject({ items: 1, tags: [], priority: 'normal', status: 'open' })
  expect(await d.find(two.conversation.id)).toMatchObject({ items: 3, mergedInto: null, status: 'open' })
  const { rows } = await sql`select address from conversation_participant where conversation_id = ${one.conversation.id}`.execute(
    w.database.db,
  )
  expect(rows).toEqual([])
})

test('merging can be taken back for a day', async () => {
  const { w, d, deps, act, undo } = await office()
  const [one, two] = [await d.conversation(), await d.conversation()]
  const merged = await act((tx) =>
    mergeConversations(tx, deps, [one.conversation.id, two.conversation.id], null, d.agent, w.clock.now()),
  )
  w.clock.advance(DAY + MINUTE)
  expect(await refusalOf(undo(merged.undo))).toMatchObject({ code: 'not_unmergeable' })
})

test('what is split off takes its ids along, and goes back whole', async () => {
  const { w, d, deps, act, undo, said } = await office()
  const { conversation, first } = await d.conversation()
  const other = await d.customerWrites(conversation.id, 'Something else: my invoice')
  const wanted = { items: [other.id], subject: 'Invoice' }
  const { conversation: made, undo: back } = await act((tx) =>
    splitConversation(tx, deps, conversation.id, wanted, d.agent, w.clock.now()),
  )
  expect(made.number).not.toBe(conversation.number)
  expect(await d.find(made.id)).toMatchObject({ subject: 'Invoice', requester: 'bob@customer.example', items: 1, status: 'open' })
  expect(await placeOf(w, other.id)).toBe(made.id)
  expect(await placeOf(w, first.id)).toBe(conversation.id)
  expect(await said(conversation.id)).toEqual([first.id])
  expect(
    await refusalOf(
      act((tx) => splitConversation(tx, deps, made.id, { items: [other.id], subject: null }, d.agent, w.clock.now())),
    ),
  ).toMatchObject({ code: 'not_splittable' })
  await undo(back)
  expect((await said(conversation.id)).sort()).toEqual([first.id, other.id].sort())
  expect(await placeOf(w, other.id)).toBe(conversation.id)
})

test('a clone has the same said under ids of its own, and takes no later mail from the first', async () => {
  const { w, d, deps, act, said } = await office()
  const { conversation, first } = await d.conversation()
  await d.customerWrites(conversation.id, 'Second')
  const { conversation: made } = await act((tx) => cloneConversation(tx, deps, conversation.id, d.agent, w.clock.now()))
  expect(await said(made.id)).toHaveLength(2)
  expect(await d.find(made.id)).toMatchObject({ items: 2, requester: 'bob@customer.example', preview: 'Second' })
  expect(await placeOf(w, first.id)).toBe(conversation.id)
})

test('what was deleted for 30 days is gone with everything in it; before that it is restored', async () => {
  const { w, d, deps, act, undo, run } = await office()
  const [gone, merged] = [await d.conversation(), await d.conversation()]
  const { conversation: kept } = await d.conversation()
  await act((tx) => mergeConversations(tx, deps, [merged.conversation.id], gone.conversation.id, d.agent, w.clock.now()))
  const remove = (id: ConversationId) => act((tx) => deleteConversations(tx, deps, [id], d.agent, w.clock.now()))
  const { undo: back } = await remove(kept.id)
  await undo(back)
  await remove(gone.conversation.id)
  w.clock.advance(29 * DAY)
  await run('helpdesk.remove_deleted')
  expect(await d.find(gone.conversation.id)).not.toBeNull()
  w.clock.advance(2 * DAY)
  await run('helpdesk.remove_deleted')
  expect(await d.find(gone.conversation.id)).toBeNull()
  expect(await d.find(merged.conversation.id)).toBeNull()
  expect(await d.find(kept.id)).not.toBeNull()
  const { rows } = await sql`select 1 from conversation_item where conversation_id = ${gone.conversation.id}`.execute(
    w.database.db,
  )
  expect(rows).toEqual([])
})

test('a tag becomes another in every conversation, however many have it', async () => {
  const { w, d, act, change, run } = await office()
  const { conversation } = await d.conversation()
  await change(conversation.id, { addTags: ['VIP ', 'late'] })
  const ids: ConversationId[] = []
  for (let i = 0; i < 3; i++) ids.push((await d.conversation({ tags: ['late'] })).conversation.id)
  await sql`insert into conversation select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'number', 1000 + n))).*
              from conversation c, generate_series(1, 150) n where c.id = ${ids[0]!}`.execute(w.database.db)
  await act((tx) => changeTag(tx, 'late', { name: 'vip' }, d.agent, w.clock.now()))
  await run('helpdesk.rewrite_conversations')
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from conversation where tags @> '{late}'`.execute(
    w.database.db,
  )
  expect(rows).toEqual([{ n: 0 }])
  expect((await d.find(conversation.id)).tags).toEqual(['vip'])
  expect((await sql`select name from tag`.execute(w.database.db)).rows).toEqual([{ name: 'vip' }])
})

test('whom an agent took out stays out, and who is put in is warned about', async () => {
  const { w, d, deps, act } = await office()
  const { conversation } = await d.conversation()
  const { warnings } = await act((tx) =>
    addParticipant(tx, deps, conversation.id, { address: 'Support@example.com', name: '' }, d.agent, w.clock.now()),
  )
  expect(warnings.join(' ')).toContain('your inbox Support')
  await act((tx) => removeParticipant(tx, deps, conversation.id, 'support@example.com', d.agent, w.clock.now()))
  const { rows } =
    await sql`select address, is_removed from conversation_participant where conversation_id = ${conversation.id}`.execute(
      w.database.db,
    )
  expect(rows).toEqual([{ address: 'support@example.com', is_removed: true }])
})

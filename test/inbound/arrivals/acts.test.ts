import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Role } from '../../../src/accounts/actor.ts'
import type { Conversation } from '../../../src/helpdesk/conversation.ts'
import { filesOf, findConversation, findItems } from '../../../src/helpdesk/conversations.ts'
import { type ActRequest, actOn, foreseeAct } from '../../../src/inbound/arrivals/act.ts'
import { type ActId, NO_FILTER } from '../../../src/inbound/arrivals/arrival.ts'
import { selectActs } from '../../../src/inbound/arrivals/queries.ts'
import { undoAct } from '../../../src/inbound/arrivals/undo.ts'
import { listOpenIncidents } from '../../../src/incidents/incidents.ts'
import type { ConversationId, InboundMailId } from '../../../src/lib/ids.ts'
import { type Agent, desk } from '../../helpdesk/desk.ts'
import { world } from '../../support/world.ts'
import { inlet } from '../support.ts'

let n = 0
function mail(to = 'support@example.com', more = ''): string {
  n += 1
  return `From: Bob <bob@customer.example>\nTo: ${to}\nSubject: Parcel ${n}\nMessage-ID: <${n}@customer.example>\n${more}\nIt has not come, ${n}.\n`
}
const UNREADABLE = `From: bob@customer.example\nSubject: Too wide\nX: ${'y'.repeat(300_000)}\n\nno`

async function office(settings: Record<string, string | number | boolean | null> = {}, role: Role = 'agent') {
  const w = await world()
  const d = await desk(w, settings)
  const i = inlet(w)
  const ann = await d.hire('Ann Example', role)
  const base = { inboxId: null, number: null, whole: 'address', others: false } as const
  const act = (request: Pick<ActRequest, 'act' | 'target'> & Partial<ActRequest>, who: Agent = ann) =>
    w.inWorkspace((tx) => actOn(tx, { ...base, ...request }, who, w.clock.now()))
  const one = (id: InboundMailId) => ({ ids: [id] })
  const incidents = async () => (await listOpenIncidents(w.database.db, w.workspaceId, 10)).map(({ kind }) => kind)
  /** What the counts of the days say, and what the rows do. */
  const counts = async () => {
    const { rows } = await sql<{ outcome: string; n: number }>`
      select outcome, sum(n)::int as n from inbound_count group by 1 having sum(n) <> 0 order by 1`.execute(w.database.db)
    const { rows: real } = await sql<{ outcome: string; n: number }>`
      select outcome || coalesce(':' || reason, '') as outcome, count(*)::int as n from inbound_mail where outcome is not null group by 1 order by 1`.execute(
      w.database.db,
    )
    expect(rows).toEqual(real)
    return Object.fromEntries(rows.map((row) => [row.outcome, row.n]))
  }
  const conversationOf = (id: string | null) => findConversation(w.database.db, w.workspaceId, id as ConversationId)
  return { w, d, i, ann, act, one, incidents, counts, conversationOf }
}

test('after the address was added to an inbox, taking a mail in once more makes the conversation; its history stays, the incident ends', async () => {
  const { w, d, i, ann, act, one, incidents, counts } = await office({}, 'admin')
  const put = await i.take(mail('help@example.com'))
  expect(put).toMatchObject({ outcome: 'quarantined', reason: 'no_inbox', attempts: 1 })
  expect(await incidents()).toEqual(['inbound.quarantined'])
  await act({ act: 'replay', target: one(put.id) })
  await i.worker.drain()
  expect(await i.outcomeOf(put.id)).toMatchObject({ outcome: 'quarantined', reason: 'no_inbox', attempts: 1 })

  await sql`insert into inbox_address values (${w.workspaceId}, 'help@example.com', ${d.inbox.id}, true, ${w.clock.now()})`.execute(
    w.database.db,
  )
  expect(await act({ act: 'replay', target: one(put.id) })).toMatchObject({ done: 1, refused: [] })
  expect(await i.outcomeOf(put.id)).toMatchObject({ state: 'received', outcome: null, attempts: 0 })
  expect(await incidents()).toEqual(['inbound.quarantined'])
  await i.worker.drain()
  expect(await i.outcomeOf(put.id)).toMatchObject({ outcome: 'conversation_started' })
  expect(await incidents()).toEqual([])
  expect(await counts()).toEqual({ conversation_started: 1 })
  const acts = await selectActs(w.database.db, w.workspaceId, put.id)
  expect(acts.map(({ act: what, by, before }) => [what, by, before.reason])).toEqual([
    ['replay', `user:${ann.id}`, 'no_inbox'],
    ['replay', `user:${ann.id}`, 'no_inbox'],
  ])
})

test('a mail is asked anew whose it is, by the setting of its source as it is now', async () => {
  const { w, d, i, act, one } = await office({}, 'admin')
  const sales = await d.addInbox('Sales', { no_match: 'quarantine' })
  const put = await i.take(mail('sales@example.com'))
  expect(put).toMatchObject({ outcome: 'quarantined', reason: 'update_only_no_match' })
  await sql`update inbox_address set inbox_id = ${d.inbox.id} where inbox_id = ${sales.id}`.execute(w.database.db)
  await act({ act: 'replay', target: one(put.id) })
  await i.worker.drain()
  const { conversationId } = await i.outcomeOf(put.id)
  expect(await findConversation(w.database.db, w.workspaceId, conversationId as ConversationId)).toMatchObject({
    inboxId: d.inbox.id,
  })
})

test('a mail to an update-only inbox becomes a conversation when somebody says so, and its answer finds it', async () => {
  const { d, i, act, one, counts, conversationOf, ann } = await office({ no_match: 'ignore' })
  const put = await i.take(mail())
  expect(put).toMatchObject({ outcome: 'ignored', reason: 'update_only_no_match' })
  await act({ act: 'start', target: one(put.id) })
  await i.worker.drain()
  const made = await i.outcomeOf(put.id)
  expect(made).toMatchObject({
    outcome: 'conversation_started',
    matchedBy: `${ann.name} made it a conversation; it had been put aside.`,
  })
  expect(await conversationOf(made.conversationId)).toMatchObject({
    inboxId: d.inbox.id,
    status: 'open',
    requester: 'bob@customer.example',
  })
  expect(await i.take(mail('support@example.com', `In-Reply-To: <${n}@customer.example>\n`))).toMatchObject({
    outcome: 'reply_added',
    conversationId: made.conversationId,
  })
  expect(await counts()).toEqual({ conversation_started: 1, reply_added: 1 })
})

test('whoever wrote to an update-only inbox is not answered again when it is taken in once more', async () => {
  const { w, i, act, one } = await office({
    no_match: 'quarantine',
    no_match_answer: JSON.stringify({ subject: 'Not taken', html: '<p>Please answer to a mail of ours.</p>' }),
  })
  const messages = async () =>
    (await sql<{ n: number }>`select count(*)::int as n from message`.execute(w.database.db)).rows[0]?.n
  const put = await i.take(mail())
  expect(await messages()).toBe(1)
  await act({ act: 'replay', target: one(put.id) })
  await i.worker.drain()
  expect(await i.outcomeOf(put.id)).toMatchObject({ outcome: 'quarantined' })
  expect(await messages()).toBe(1)
})

test('what cannot be read becomes a conversation that has it as a file', async () => {
  const { w, d, i, act, one, conversationOf } = await office()
  const put = await i.take(UNREADABLE, { inboxId: d.inbox.id })
  expect(put).toMatchObject({ reason: 'unreadable' })
  await act({ act: 'start', target: one(put.id) })
  await i.worker.drain()
  const { outcome, conversationId } = await i.outcomeOf(put.id)
  expect(outcome).toBe('conversation_started')
  expect(await conversationOf(conversationId)).toMatchObject({
    subject: 'Too wide',
    requester: 'bob@customer.example',
    hasFiles: true,
  })
  const [item] = await findItems(w.database.db, w.workspaceId, conversationId as ConversationId, { before: null, limit: 10 })
  const [file] = await filesOf(w.database.db, w.workspaceId, [item!.id])
  expect(file).toMatchObject({ filename: 'Mail as it came.eml', contentType: 'message/rfc822' })
  const bytes = (await w.blobs.read(w.database.db, w.workspaceId, [file!.hash])).get(file!.hash)
  expect(bytes).toBe(UNREADABLE.replaceAll('\n', '\r\n'))
})

test('a mail that ended the process is not read again for the conversation that somebody wants of it', async () => {
  const { w, d, i, act, one } = await office()
  const id = await i.store(mail(), { inboxId: d.inbox.id })
  await sql`update inbound_mail set attempts = 2 where id = ${id}`.execute(w.database.db)
  await i.worker.drain()
  expect(await i.outcomeOf(id)).toMatchObject({ stage: 'crash', reason: 'fails_again_and_again' })
  await act({ act: 'start', target: one(id) })
  const unread = { ...i.deps.parser, read: () => Promise.reject(new Error('it is read')) }
  await inlet(w, { parser: unread }).worker.drain()
  expect(await i.outcomeOf(id)).toMatchObject({ outcome: 'conversation_started' })
})

test('a mail is attached to a conversation, once', async () => {
  const { w, d, i, act, one } = await office({ no_match: 'quarantine' })
  const { conversation } = await d.conversation()
  const text = mail()
  const put = await i.take(text)
  const same = await i.take(text)
  await act({ act: 'attach', target: { ids: [put.id, same.id] }, number: conversation.number })
  await i.worker.drain()
  // Where both were written at the same moment, the second is tried again.
  w.clock.advance(10_000)
  await i.worker.drain()
  const outcomes = [(await i.outcomeOf(put.id)).outcome, (await i.outcomeOf(same.id)).outcome]
  expect(outcomes.toSorted()).toEqual(['duplicate', 'reply_added'])
  expect(await d.find(conversation.id)).toMatchObject({ items: 2 })
  const refused = act({ act: 'attach', target: one(put.id), number: 999 })
  await expect(refused).rejects.toMatchObject({ code: 'not_found' })
})

test('what was wished of a conversation that is gone by then lies in the quarantine again, and says so', async () => {
  const { w, d, i, act, one, incidents } = await office({ no_match: 'quarantine' })
  const { conversation } = await d.conversation()
  const put = await i.take(mail())
  await act({ act: 'attach', target: one(put.id), number: conversation.number })
  await sql`delete from conversation where id = ${conversation.id}`.execute(w.database.db)
  await i.worker.drain()
  expect(await i.outcomeOf(put.id)).toMatchObject({ outcome: 'quarantined', reason: 'wish_not_possible' })
  expect(await incidents()).toEqual(['inbound.quarantined'])
})

test('spam becomes a conversation that nobody is told of and that waits for nobody', async () => {
  const { w, i, act, one, conversationOf } = await office({ no_match: 'quarantine' })
  const put = await i.take(mail())
  await act({ act: 'spam', target: one(put.id) })
  await i.worker.drain()
  const { conversationId } = await i.outcomeOf(put.id)
  expect(await conversationOf(conversationId)).toMatchObject({ status: 'spam', waitingSince: null })
  const { rows } = await sql`select from notification`.execute(w.database.db)
  expect(rows).toHaveLength(0)
})

test('ignoring settles a mail at once and can be taken back; the incident ends and begins with it', async () => {
  const { w, i, act, one, incidents, counts, ann } = await office({ no_match: 'quarantine' })
  const put = await i.take(mail())
  const { id } = await act({ act: 'ignore', target: one(put.id) })
  expect(await i.outcomeOf(put.id)).toMatchObject({ state: 'settled', outcome: 'ignored', reason: 'by_hand' })
  expect(await incidents()).toEqual([])
  expect(await counts()).toEqual({ 'ignored:by_hand': 1 })
  expect(await w.inWorkspace((tx) => undoAct(tx, i.deps, id, ann, w.clock.now()))).toEqual({ count: 1, left: 0 })
  expect(await i.outcomeOf(put.id)).toMatchObject({ state: 'quarantined', stage: 'match', reason: 'update_only_no_match' })
  expect(await incidents()).toEqual(['inbound.quarantined'])
  expect(await counts()).toEqual({ 'quarantined:update_only_no_match': 1 })
  await expect(w.inWorkspace((tx) => undoAct(tx, i.deps, id, ann, w.clock.now()))).rejects.toMatchObject({ code: 'not_found' })
})

test('ignoring a sender turns away what they send to that inbox, with what they sent before; taking it back takes the rule back', async () => {
  const { w, d, i, act, one, ann } = await office({ no_match: 'quarantine' })
  const other = await d.addInbox('Sales', { no_match: 'quarantine' })
  const [first, second] = [await i.take(mail()), await i.take(mail())]
  const elsewhere = await i.take(mail(other.address))
  const request = { act: 'ignore_sender', target: one(first.id), others: true, whole: 'domain' } as const
  const { done, id } = await act(request)
  expect(done).toBe(2)
  expect(await i.outcomeOf(second.id)).toMatchObject({ outcome: 'ignored', reason: 'ignore_rule' })
  expect(await i.outcomeOf(elsewhere.id)).toMatchObject({ outcome: 'quarantined' })
  expect(await i.take(mail())).toMatchObject({ outcome: 'ignored', reason: 'ignore_rule' })
  const rules = async () =>
    (await sql`select pattern, inbox_id, turned_away::int as n, last_at from inbound_ignore`.execute(w.database.db)).rows
  expect(await rules()).toEqual([{ pattern: '*@customer.example', inbox_id: d.inbox.id, n: 1, last_at: w.clock.now() }])
  expect(await w.inWorkspace((tx) => undoAct(tx, i.deps, id, ann, w.clock.now()))).toEqual({ count: 2, left: 0 })
  expect(await rules()).toEqual([])
  expect(await i.take(mail())).toMatchObject({ outcome: 'quarantined' })
})

test('a sender whose address would turn everybody away is no rule, and stops no other', async () => {
  const { i, act } = await office({ no_match: 'quarantine' })
  const from = (address: string) => i.take(mail().replace('<bob@customer.example>', `<${address}>`))
  const odd = [await from('*@customer.example'), await from('x@*'), await from('nobody')]
  const good = await from('eve@other.example')
  const ids = [...odd, good].map(({ id }) => id)
  const { done, refused } = await act({ act: 'ignore_sender', target: { ids }, whole: 'domain' })
  expect([done, refused.map(({ because }) => because)]).toEqual([1, ['no_sender', 'no_sender', 'no_sender']])
})

test('of many, those that cannot be done are named and the rest is done; by a filter the same, and counted before', async () => {
  const { w, d, i, act, ann } = await office({ no_match: 'quarantine' })
  const started = await i.take(mail('support@example.com', `In-Reply-To: ${(await d.conversation()).first.rfcMessageId}\n`))
  const lost = await i.take(mail())
  await sql`update inbound_mail set reason = 'bytes_missing' where id = ${lost.id}`.execute(w.database.db)
  const good = [await i.take(mail()), await i.take(mail())]
  const ids = [started.id, lost.id, ...good.map(({ id }) => id)]
  expect(await act({ act: 'start', target: { ids } })).toMatchObject({
    done: 2,
    refused: [
      { id: started.id, because: 'has_become' },
      { id: lost.id, because: 'no_bytes' },
    ],
  })
  await i.worker.drain()
  for (const { id } of good) expect(await i.outcomeOf(id)).toMatchObject({ outcome: 'conversation_started' })

  const more = [await i.take(mail()), await i.take(mail())]
  const filter = { ...NO_FILTER, outcome: 'quarantined', reason: 'update_only_no_match' } as const
  const request = { act: 'ignore', target: { filter }, inboxId: null, number: null, whole: 'address', others: false } as const
  expect(await w.inWorkspace((tx) => foreseeAct(tx, request, ann))).toMatchObject({ done: 2, refused: [] })
  expect(await act({ act: 'ignore', target: { filter } })).toMatchObject({ done: 2 })
  for (const { id } of more) expect(await i.outcomeOf(id)).toMatchObject({ outcome: 'ignored' })
})

test('who may not reach an inbox does nothing to its mail; mail of no inbox is for those who reach all', async () => {
  const { w, d, i, act, one, ann } = await office({ no_match: 'quarantine', restricted: true })
  const admin = await d.hire('Ada', 'admin')
  const [inside, nowhere] = [await i.take(mail()), await i.take(mail('nobody@example.com'))]
  const ids = [inside.id, nowhere.id]
  expect(await act({ act: 'ignore', target: { ids } })).toMatchObject({
    done: 0,
    refused: ids.map((id) => ({ id, because: 'not_there' })),
  })
  await expect(act({ act: 'start', target: one(nowhere.id), inboxId: d.inbox.id })).rejects.toMatchObject({ code: 'not_found' })
  const { id } = await act({ act: 'ignore', target: { ids } }, admin)
  await expect(w.inWorkspace((tx) => undoAct(tx, i.deps, id, ann, w.clock.now()))).rejects.toMatchObject({ code: 'not_found' })
  expect(await w.inWorkspace((tx) => undoAct(tx, i.deps, id, admin, w.clock.now()))).toEqual({ count: 2, left: 0 })
})

test('a conversation that was made of a mail goes when that is taken back, waiting or begun; the mail can be made one again', async () => {
  const { w, d, i, act, one, incidents, counts, conversationOf, ann } = await office({ no_match: 'quarantine' })
  const undo = (id: ActId) => w.inWorkspace((tx) => undoAct(tx, i.deps, id, ann, w.clock.now()))
  const put = await i.take(mail())
  const aside = { state: 'quarantined', reason: 'update_only_no_match', conversationId: null, attempts: 1 }
  const waiting = await act({ act: 'start', target: one(put.id) })
  expect(await undo(waiting.id)).toEqual({ count: 1, left: 0 })
  expect(await i.outcomeOf(put.id)).toMatchObject(aside)
  await i.worker.drain()
  expect(await i.outcomeOf(put.id)).toMatchObject(aside)
  for (const what of ['start', 'spam'] as const) {
    w.clock.advance(1_000)
    const { id } = await act({ act: what, target: one(put.id) })
    await i.worker.drain()
    const { outcome, conversationId } = await i.outcomeOf(put.id)
    expect(outcome).toBe('conversation_started')
    expect(await incidents()).toEqual([])
    w.clock.advance(1_000)
    expect(await undo(id)).toEqual({ count: 1, left: 0 })
    expect(await conversationOf(conversationId)).toBeNull()
    expect(await i.outcomeOf(put.id)).toMatchObject(aside)
    expect(await incidents()).toEqual(['inbound.quarantined'])
    expect(await counts()).toEqual({ 'quarantined:update_only_no_match': 1 })
    await expect(undo(id)).rejects.toMatchObject({ code: 'not_found' })
  }
  const { rows } = await sql`select from conversation_item union all select from conversation_reference`.execute(w.database.db)
  expect(rows).toHaveLength(0)
  await act({ act: 'start', target: one(put.id) })
  await i.worker.drain()
  expect(await i.outcomeOf(put.id)).toMatchObject({ outcome: 'conversation_started' })
  expect(d.inbox.name).toBe('Support')
})

test('what a mail was put into stands as it did when that is taken back; where somebody spoke since, nothing is taken back', async () => {
  const { w, d, i, act, one, conversationOf, ann } = await office({ no_match: 'ignore' })
  const undo = (id: ActId) => w.inWorkspace((tx) => undoAct(tx, i.deps, id, ann, w.clock.now()))
  const asleep = new Date(w.clock.now().getTime() + 5 * 86_400_000)
  const { conversation } = await d.conversation({ status: 'pending', snoozedUntil: asleep })
  const before = await conversationOf(conversation.id)
  const attach = async (text: string) => {
    w.clock.advance(1_000)
    const put = await i.take(text)
    const { id } = await act({ act: 'attach', target: one(put.id), number: conversation.number })
    await i.worker.drain()
    expect(await i.outcomeOf(put.id)).toMatchObject({ outcome: 'reply_added', conversationId: conversation.id })
    w.clock.advance(1_000)
    return { id, put }
  }
  const text = mail('support@example.com, else@other.example')
  const first = await attach(text)
  expect(await conversationOf(conversation.id)).toMatchObject({ status: 'open', snoozedUntil: null, items: 2 })
  expect(await undo(first.id)).toEqual({ count: 1, left: 0 })
  const { updatedAt, ...rest } = before as Conversation
  expect(await conversationOf(conversation.id)).toMatchObject(rest)
  expect(updatedAt).not.toBeNull()
  expect(await i.outcomeOf(first.put.id)).toMatchObject({ state: 'settled', outcome: 'ignored', reason: 'update_only_no_match' })
  const { rows } = await sql`select address from conversation_participant where conversation_id = ${conversation.id}`.execute(
    w.database.db,
  )
  expect(rows).toEqual([])

  const second = await attach(mail())
  await d.customerWrites(conversation.id, 'And another thing.')
  expect(await undo(second.id)).toEqual({ count: 0, left: 1 })
  expect(await i.outcomeOf(second.put.id)).toMatchObject({ outcome: 'reply_added' })

  const begun = await i.take(mail())
  const { id } = await act({ act: 'start', target: one(begun.id) })
  await i.worker.drain()
  const { conversationId } = await i.outcomeOf(begun.id)
  await sql`insert into conversation_draft (workspace_id, id, conversation_id, user_id, mode, version, content, created_at, updated_at)
            values (${w.workspaceId}, gen_random_uuid(), ${conversationId}, ${d.agent.id}, 'reply', 1, '{}', now(), now())`.execute(
    w.database.db,
  )
  expect(await undo(id)).toEqual({ count: 0, left: 1 })
  expect(await conversationOf(conversationId)).not.toBeNull()
})

test('who was to be told of a mail is told nothing once it is taken back: no line and no mail; of one that stays they are', async () => {
  const { w, d, i, act, one, ann } = await office({ no_match: 'ignore' })
  const { conversation } = await d.conversation({ assigneeId: d.agent.id })
  const attach = async () => {
    const { id } = await act({ act: 'attach', target: one((await i.take(mail())).id), number: conversation.number })
    await i.worker.drain()
    w.clock.advance(1_000)
    return id
  }
  const lines = async () => {
    const { rows } = await sql<{ in_app: boolean; by_mail: boolean }>`
      select in_app, message_id is not null as by_mail from notification order by id`.execute(w.database.db)
    return rows
  }
  const id = await attach()
  expect(await lines()).toEqual([{ in_app: true, by_mail: true }])
  expect(await w.inWorkspace((tx) => undoAct(tx, i.deps, id, ann, w.clock.now()))).toEqual({ count: 1, left: 0 })
  await w.dispatch()
  expect(w.smtp.received()).toEqual([])
  expect(await lines()).toEqual([{ in_app: false, by_mail: true }])
  await attach()
  await w.dispatch()
  expect(w.smtp.received()).toEqual(['ann.agent@shop.example'])
})

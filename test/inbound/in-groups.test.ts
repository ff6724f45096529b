import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Tx } from '../../src/db/database.ts'
import { findConversation, findItems } from '../../src/helpdesk/conversations.ts'
import { type ClaimedMail, claimInbound } from '../../src/inbound/queries.ts'
import { readFor } from '../../src/inbound/take-in.ts'
import type { Ready } from '../../src/inbound/together.ts'
import { writeTogether } from '../../src/inbound/write.ts'
import type { ConversationId } from '../../src/lib/ids.ts'
import { desk } from '../helpdesk/desk.ts'
import { type World, world } from '../support/world.ts'
import { type Inlet, inlet } from './support.ts'

function mail(n: number | string, { text = 'Hello', more = '' } = {}): string {
  return `From: Customer ${n} <customer-${n}@customer.example>
To: support@example.com
Subject: About ${n}
Message-ID: <${n}@customer.example>
${more}
${text}
`
}

async function claimAll(w: World): Promise<ClaimedMail[]> {
  const now = w.clock.now()
  return await claimInbound(w.database.db, { fresh: true, limit: 64 }, new Date(now.getTime() + 60_000), now)
}

async function readAll(w: World, i: Inlet): Promise<Ready[]> {
  const read = await Promise.all((await claimAll(w)).map((claimed) => readFor(i.deps, claimed)))
  return read.flatMap((mail) => mail ?? [])
}

async function outcomes(w: World): Promise<Record<string, number>> {
  const { rows } = await sql<{ outcome: string; n: number }>`
    select outcome, count(*)::int as n from inbound_mail group by outcome`.execute(w.database.db)
  return Object.fromEntries(rows.map(({ outcome, n }) => [outcome, n]))
}

test('a mail that cannot be stored is put aside alone; the 31 of its group are taken in', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  await sql`alter table conversation_item add constraint nobody_says_this check (body_text not like '%unspeakable%')`.execute(
    w.database.db,
  )
  const ids = []
  for (let n = 0; n < 32; n += 1)
    ids.push(await i.store(mail(n, { text: n === 17 ? 'This is unspeakable.' : 'Hello' }), { inboxId: d.inbox.id }))
  await i.worker.drain()
  expect(await outcomes(w)).toEqual({ conversation_started: 31, quarantined: 1 })
  const bad = await i.outcomeOf(ids[17]!)
  expect(bad).toMatchObject({ state: 'quarantined', stage: 'write', reason: 'cannot_be_stored', attempts: 1 })
})

test('an answer that comes with what it answers goes into its conversation, and so does the answer to that', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  const first = await i.store(mail('first'), { inboxId: d.inbox.id })
  const second = await i.store(mail('second', { more: 'In-Reply-To: <first@customer.example>\n' }), { inboxId: d.inbox.id })
  const third = await i.store(mail('third', { more: 'In-Reply-To: <second@customer.example>\n' }), { inboxId: d.inbox.id })
  for (let n = 0; n < 5; n += 1) await i.store(mail(n), { inboxId: d.inbox.id })
  await i.worker.drain()
  const { conversationId } = await i.outcomeOf(first)
  expect(await i.outcomeOf(second)).toMatchObject({ outcome: 'reply_added', conversationId })
  expect(await i.outcomeOf(third)).toMatchObject({ outcome: 'reply_added', conversationId })
  expect(await findConversation(w.database.db, w.workspaceId, conversationId as ConversationId)).toMatchObject({ items: 3 })
})

test('the same mail twice at once is one message and one duplicate', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  const first = await i.store(mail('one'), { inboxId: d.inbox.id })
  const again = await i.store(`Received: by another way\n${mail('one')}`, { inboxId: d.inbox.id })
  await i.worker.drain()
  expect(await i.outcomeOf(first)).toMatchObject({ outcome: 'conversation_started' })
  expect(await i.outcomeOf(again)).toMatchObject({ outcome: 'duplicate', duplicateOf: first })
})

test('several answers to one conversation in one transaction are all there, in their order, and found', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  const { conversationId } = await i.take(mail('first'), { inboxId: d.inbox.id })
  const id = conversationId as ConversationId
  const answers = ['apples', 'pears', 'plums']
  for (const text of answers)
    await i.store(mail(text, { text: `I want ${text}.`, more: 'In-Reply-To: <first@customer.example>\n' }), {
      inboxId: d.inbox.id,
    })
  expect(await writeTogether(i.deps, await readAll(w, i))).toEqual([])
  const items = await findItems(w.database.db, w.workspaceId, id, { before: null, limit: 10 })
  expect(items.map(({ bodyText }) => bodyText)).toEqual(['I want plums.', 'I want pears.', 'I want apples.', 'Hello'])
  expect(await findConversation(w.database.db, w.workspaceId, id)).toMatchObject({ items: 4, preview: 'I want plums.' })
  const { rows } = await sql<{ all: boolean; items: number }>`
    select words @@ 'apples & pears & plums & hello'::tsquery as all, items from conversation_text`.execute(w.database.db)
  expect(rows).toEqual([{ all: true, items: 4 }])
  const heard = await sql`select from notification where event = 'customer_replied'`.execute(w.database.db)
  expect(heard.rows).toHaveLength(3)
})

test('customers who write for the first time in one group become one person each', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  for (let n = 0; n < 6; n += 1) await i.store(mail(n).replace(/customer-\d/, `customer-${n % 2}`), { inboxId: d.inbox.id })
  await i.worker.drain()
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from conversation where contact_id is not null group by contact_id`.execute(w.database.db)
  expect(rows).toEqual([{ n: 3 }, { n: 3 }])
  const people = await sql`select from contact`.execute(w.database.db)
  expect(people.rows).toHaveLength(2)
  const events = await sql`
    select data ->> 'name' as name, actor, subject_id in (select id from contact) as "isThere" from event where type = 'contact.created' order by 1`.execute(
    w.database.db,
  )
  expect(events.rows).toEqual([0, 1].map((n) => ({ name: `Customer ${n}`, actor: null, isThere: true })))
  await i.take(mail(7).replace(/customer-\d/, 'customer-0'), { inboxId: d.inbox.id })
  const more = await sql`select from event where type = 'contact.created'`.execute(w.database.db)
  expect(more.rows).toHaveLength(2)
})

test('one that is stopped ends what it began, and gives back the rest as if it had not had it', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  for (let n = 0; n < 60; n += 1) await i.store(mail(n), { inboxId: d.inbox.id })
  i.worker.start()
  await i.worker.stop()
  const { rows } = await sql<{ state: string; attempts: number; due: boolean | null }>`
    select distinct state, attempts, due_at <= ${w.clock.now()} as due from inbound_mail`.execute(w.database.db)
  expect(rows.filter(({ state }) => state === 'received')).toEqual([{ state: 'received', attempts: 0, due: true }])
  const next = inlet(w)
  await next.worker.drain()
  expect(await outcomes(w)).toEqual({ conversation_started: 60 })
})

test('it takes as many statements for 32 mails as for two, and for forty agents as for one', async () => {
  const w = await world()
  const d = await desk(w)
  const i = inlet(w)
  const file = `Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\nContent-Disposition: attachment; filename=a.bin\n\nA file\n--b--`
  const counted = async (from: number, to: number): Promise<number> => {
    for (let n = from; n < to; n += 1) await i.store(mail(n, { more: file, text: '' }), { inboxId: d.inbox.id })
    let statements = 0
    const database = {
      ...w.database,
      transaction: ((scope, work, options) =>
        w.database.transaction(
          scope,
          (tx) => work(counting(tx, () => (statements += 1))),
          options,
        )) as typeof w.database.transaction,
    }
    const ready = await readAll(w, i)
    expect(ready).toHaveLength(to - from)
    expect(await writeTogether({ ...i.deps, database }, ready)).toEqual([])
    return statements
  }
  const few = await counted(0, 2)
  for (let n = 0; n < 39; n += 1) await d.hire(`Agent ${n}`)
  expect(await counted(2, 34)).toBe(few)
  expect(few).toBeLessThan(30)
  expect(await outcomes(w)).toEqual({ conversation_started: 34 })
  const told = await sql`select from notification`.execute(w.database.db)
  expect(told.rows).toHaveLength(2 + 32 * 40)
})

function counting(inner: Tx, count: () => void): Tx {
  return new Proxy(inner, {
    get(target, name) {
      const value = Reflect.get(target, name)
      if (name !== 'getExecutor') return typeof value === 'function' ? value.bind(target) : value
      return () =>
        new Proxy(target.getExecutor(), {
          get(of, key) {
            const found = Reflect.get(of, key)
            if (key === 'executeQuery') count()
            return typeof found === 'function' ? found.bind(of) : found
          },
        })
    },
  })
}

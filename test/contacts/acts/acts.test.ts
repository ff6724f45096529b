import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { ActScope, ManyAct } from '../../../src/contacts/acts/act.ts'
import { PEOPLE_A_STEP, workOnActs } from '../../../src/contacts/acts/act-jobs.ts'
import { type ContactAct, expectAct, listActRows, readAct, startAct, stopAct, undoAct } from '../../../src/contacts/acts/acts.ts'
import { changeConsent } from '../../../src/contacts/consent/change-consent.ts'
import { findContact } from '../../../src/contacts/contacts.ts'
import { changeList } from '../../../src/contacts/lists.ts'
import type { ContactId } from '../../../src/lib/ids.ts'
import { campaignsOf } from '../../support/campaign.ts'
import { world } from '../../support/world.ts'

async function scene() {
  const w = await world()
  const c = campaignsOf(w)
  const { db } = w.database
  const work = () => workOnActs(w)
  const start = (act: ManyAct, scope: ActScope) => c.engine((tx) => startAct(tx, { act, scope }, c.actor, w.clock.now()))
  async function done(act: ManyAct, scope: ActScope): Promise<ContactAct> {
    w.clock.advance(1_000)
    const { id } = await start(act, scope)
    await work()
    return await readAct(db, w.workspaceId, id)
  }
  async function undone({ id }: ContactAct): Promise<ContactAct> {
    w.clock.advance(1_000)
    await c.engine((tx) => undoAct(tx, id, c.actor))
    await work()
    return await readAct(db, w.workspaceId, id)
  }
  const tagsOf = async (id: ContactId) => (await findContact(db, w.workspaceId, id))?.tags
  const standing = async (list: string, id: ContactId) => {
    const { rows } = await sql<{
      status: string
    }>`select status from list_member where list_id = ${list} and contact_id = ${id}`.execute(db)
    return rows[0]?.status ?? 'none'
  }
  const suppressed = async (list: string) => {
    const { rows } = await sql<{
      address: string
    }>`select address from suppression where stream = ${`list:${list}`} order by address`.execute(db)
    return rows.map(({ address }) => address)
  }

  return { w, c, db, work, start, done, undone, tagsOf, standing, suppressed }
}
const chosen = (ids: readonly ContactId[]): ActScope => ({ kind: 'contacts', ids })
/** Longer than one step. */
const MANY = PEOPLE_A_STEP + 3

test('everybody whom a filter means gets a tag, however it was written before, and the tag is taken back from whom it was given', async () => {
  const { w, c, done, undone, tagsOf } = await scene()
  const list = await c.newList('Everybody')
  const ids = await c.addPeople(
    list,
    Array.from({ length: MANY }, (_, i) => ({ address: `tag${i}@example.org` })),
  )
  const [ann, bob, cleo] = ids as [ContactId, ContactId, ContactId]
  await done({ kind: 'tag', tag: 'vip' }, chosen([ann]))
  const scope: ActScope = { kind: 'filter', list }
  const wanted: ManyAct = { kind: 'tag', tag: ' VIP ' }
  expect(await c.engine((tx) => expectAct(tx, w.workspaceId, { act: wanted, scope }, w.clock.now()))).toMatchObject({
    ...{ people: MANY, changed: MANY - 1, already: 1 },
  })
  expect(await c.engine((tx) => expectAct(tx, w.workspaceId, { act: null, scope }, w.clock.now()))).toMatchObject({
    people: MANY,
  })
  const act = await done(wanted, scope)
  expect(act).toMatchObject({ state: 'done', counts: { people: MANY, changed: MANY - 1, already: 1, refused: {}, gone: 0 } })
  expect([await tagsOf(ann), await tagsOf(bob)]).toEqual([['vip'], ['VIP']])

  // Somebody takes it away and gives it again: then it is theirs.
  await done({ kind: 'untag', tag: 'Vip' }, chosen([bob]))
  await done({ kind: 'tag', tag: 'VIP' }, chosen([bob]))
  expect(await undone(act)).toMatchObject({ state: 'undone', counts: { undone: MANY - 2, stayed: 1 } })
  expect([await tagsOf(ann), await tagsOf(bob), await tagsOf(cleo)]).toEqual([['vip'], ['VIP'], []])
})

test('an act on whom a tag means takes that very tag away from all of them, and gives it back as it was written', async () => {
  const { c, done, undone, tagsOf } = await scene()
  const list = await c.newList('Untagged')
  const ids = await c.addPeople(list, [{ address: 'u1@example.org' }, { address: 'u2@example.org' }])
  await done({ kind: 'tag', tag: 'Fair' }, chosen(ids))
  const act = await done({ kind: 'untag', tag: 'fair' }, { kind: 'filter', tag: 'Fair' })
  expect(act.counts).toMatchObject({ people: 2, changed: 2 })
  await undone(act)
  expect(await Promise.all(ids.map(tagsOf))).toEqual([['Fair'], ['Fair']])
})

test('nobody who left a list is put on it without an override, and the result says how many and why', async () => {
  const { w, c, db, done, undone, standing, suppressed } = await scene()
  const list = await c.newList('News')
  const people = await c.addPeople(await c.newList('Others'), [
    ...[{ address: 'new@example.org' }, { address: 'on@example.org' }, { address: 'left@example.org' }],
  ])
  const [fresh, on, left] = people as [ContactId, ContactId, ContactId]
  await c.join(list, [on])
  const by = { source: 'recipient' as const, actor: null }
  await c.engine((tx) =>
    changeConsent(tx, w.workspaceId, [{ contactId: left, listId: list, wants: 'unsubscribed' }], by, w.clock.now()),
  )
  const wanted: ManyAct = { kind: 'subscribe', list, reason: 'Asked at the fair', override: false }
  const expected = { people: 3, changed: 1, already: 1, refused: { unsubscribed: 1 } }
  expect(
    await c.engine((tx) => expectAct(tx, w.workspaceId, { act: wanted, scope: chosen(people) }, w.clock.now())),
  ).toMatchObject(expected)
  const act = await done(wanted, chosen(people))
  expect(act.counts).toMatchObject(expected)
  const rows = await listActRows(db, w.workspaceId, act.id, { done: 'refused', undone: null, after: null, limit: 10 })
  expect(rows).toMatchObject([{ contactId: left, reason: 'unsubscribed' }])
  expect(await standing(list, left)).toBe('unsubscribed')

  const over = await done({ ...wanted, override: true, reason: 'They asked us on the phone' }, chosen([left]))
  expect(over.counts).toMatchObject({ changed: 1, refused: {} })
  expect(await suppressed(list)).toEqual([])
  await undone(over)
  expect([await standing(list, left), await suppressed(list)]).toEqual(['unsubscribed', ['left@example.org']])
  await undone(act)
  expect([await standing(list, fresh), await standing(list, on)]).toEqual(['none', 'subscribed'])
})

test('on a list with double opt-in they wait for their confirmation, and the words of the act are the proof', async () => {
  const { w, c, db, done } = await scene()
  const list = await c.newList('Double')
  await c.engine((tx) => changeList(tx, list, { optIn: 'double' }, c.actor, w.clock.now()))
  const people = await c.addPeople(await c.newList('Elsewhere'), [{ address: 'd1@example.org' }, { address: 'd2@example.org' }])
  const act = await done({ kind: 'subscribe', list, reason: 'Signed at the fair', override: false }, chosen(people))
  expect(act.counts).toMatchObject({ changed: 2, pending: 2 })
  const again = await done({ kind: 'subscribe', list, reason: 'Signed again', override: false }, chosen(people))
  expect(again.counts).toMatchObject({ changed: 0, refused: { unconfirmed: 2 } })
  const { rows } = await sql`select wording, source, source_id from consent_event where list_id = ${list}`.execute(db)
  expect(rows).toEqual(Array.from({ length: 2 }, () => ({ wording: 'Signed at the fair', source: 'person', source_id: act.id })))
})

test('only whoever is on a list is taken off it; what they said themselves since is not taken back', async () => {
  const { w, c, done, undone, standing, suppressed } = await scene()
  const list = await c.newList('Leaving')
  const stranger = await c.addPeople(await c.newList('Strangers'), [{ address: 's@example.org' }])
  const on = await c.addPeople(list, [{ address: 'l1@example.org' }, { address: 'l2@example.org' }])
  const [ann, bob] = on as [ContactId, ContactId]
  const act = await done({ kind: 'unsubscribe', list, reason: '' }, chosen([...on, ...stranger]))
  expect(act.counts).toMatchObject({ people: 3, changed: 2, already: 1 })
  expect(await suppressed(list)).toEqual(['l1@example.org', 'l2@example.org'])
  // Bob comes back by himself, and leaves again.
  w.clock.advance(1_000)
  for (const wants of ['subscribed', 'unsubscribed'] as const)
    await c.engine((tx) =>
      changeConsent(
        tx,
        w.workspaceId,
        [{ contactId: bob, listId: list, wants }],
        { source: 'recipient', actor: null },
        w.clock.now(),
      ),
    )
  expect((await undone(act)).counts).toMatchObject({ undone: 1, stayed: 1 })
  expect([await standing(list, ann), await standing(list, bob)]).toEqual(['subscribed', 'unsubscribed'])
  expect(await suppressed(list)).toEqual(['l2@example.org'])
})

test('whom it means is decided once; whoever is erased meanwhile is gone, and no step takes longer than some hundred people', async () => {
  const { w, c, db, work, start } = await scene()
  const list = await c.newList('Steps')
  const ids = await c.addPeople(
    list,
    Array.from({ length: MANY }, (_, i) => ({ address: `step${i}@example.org` })),
  )
  const { id } = await start({ kind: 'tag', tag: 'step' }, { kind: 'filter', list })
  // One turn of a worker that dies after its first step: the rest is taken up by the next one.
  let steps = 0
  const dying = {
    ...w.database,
    transaction: (async (...args: Parameters<typeof w.database.transaction>) => {
      if (steps++ === 2) throw new Error('gone')
      return await w.database.transaction(...args)
    }) as typeof w.database.transaction,
  }
  await expect(workOnActs({ database: dying, clock: w.clock })).rejects.toThrow('gone')
  const between = await readAct(db, w.workspaceId, id)
  expect(between).toMatchObject({ state: 'running', counts: { people: MANY, changed: PEOPLE_A_STEP } })
  const last = ids.toSorted().at(-1) as ContactId
  await sql`delete from contact where id = ${last}`.execute(db)
  await c.addPeople(list, [{ address: 'late@example.org' }])
  await work()
  expect(await readAct(db, w.workspaceId, id)).toMatchObject({ state: 'done', counts: { changed: MANY - 1, gone: 1 } })
  const { rows } = await sql`select from contact_act_part`.execute(db)
  expect(rows).toHaveLength(0)
})

test('an act that is stopped leaves whom it did not come to, counts them, and is undone for the others', async () => {
  const { w, c, db, work, start, undone, tagsOf } = await scene()
  const list = await c.newList('Halfway')
  const ids = await c.addPeople(
    list,
    Array.from({ length: MANY }, (_, i) => ({ address: `half${i}@example.org` })),
  )
  const stop = (id: ContactAct['id']) => c.engine((tx) => stopAct(tx, id, c.actor, w.clock.now()))
  const { id } = await start({ kind: 'tag', tag: 'half' }, { kind: 'filter', list })
  // Between two steps of a worker that goes on: it finds nothing more to do.
  let steps = 0
  const interrupted = {
    ...w.database,
    transaction: (async (...args: Parameters<typeof w.database.transaction>) => {
      if (steps++ === 2) await stop(id)
      return await w.database.transaction(...args)
    }) as typeof w.database.transaction,
  }
  await workOnActs({ database: interrupted, clock: w.clock })
  const stopped = await readAct(db, w.workspaceId, id)
  expect(stopped).toMatchObject({ state: 'stopped', counts: { people: MANY, changed: PEOPLE_A_STEP, left: 3 } })
  await work()
  const tagged = await Promise.all(ids.toSorted().slice(-4).map(tagsOf))
  expect(tagged).toEqual([['half'], [], [], []])
  expect(await stop(id)).toEqual(stopped)
  const back = await undone(stopped)
  expect(back).toMatchObject({ state: 'undone', counts: { undone: PEOPLE_A_STEP, left: 3 } })
  expect(await tagsOf(ids.toSorted()[0] as ContactId)).toEqual([])
  await expect(stop(id)).rejects.toMatchObject({ code: 'wrong_state' })

  const early = await start({ kind: 'tag', tag: 'early' }, { kind: 'filter', list })
  expect(await stop(early.id)).toMatchObject({ state: 'stopped', counts: { people: 0, left: 0 } })
})

test('a list that is archived, a reason that is missing and a filter that is gone are refused at once', async () => {
  const { w, c, start } = await scene()
  const list = await c.newList('Closed')
  await c.engine((tx) => changeList(tx, list, { isArchived: true }, c.actor, w.clock.now()))
  const all: ActScope = { kind: 'filter' }
  await expect(start({ kind: 'subscribe', list, reason: 'x', override: false }, all)).rejects.toMatchObject({
    code: 'invalid_request',
  })
  const open = await c.newList('Open')
  await expect(start({ kind: 'subscribe', list: open, reason: ' ', override: true }, all)).rejects.toMatchObject({
    code: 'invalid_request',
  })
  const gone = '0193e0a0-0000-7abc-9def-000000000000'
  await expect(start({ kind: 'tag', tag: 'x' }, { kind: 'filter', segment: gone })).rejects.toMatchObject({ code: 'not_found' })
})

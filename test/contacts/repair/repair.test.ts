import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { countAudience } from '../../../src/campaigns/count-audience.ts'
import type { ListId } from '../../../src/contacts/consent/change-consent.ts'
import { findContact } from '../../../src/contacts/contacts.ts'
import { changeList } from '../../../src/contacts/lists.ts'
import {
  countMalformed,
  findMalformed,
  listRepairRows,
  type Repair,
  readRepair,
  startRepair,
  undoRepair,
} from '../../../src/contacts/repair/repair.ts'
import { workOnRepairs } from '../../../src/contacts/repair/repair-jobs.ts'
import { proposeSplit } from '../../../src/contacts/repair/split.ts'
import { mergePeople, partPeople } from '../../../src/helpdesk/people/merge-people.ts'
import type { ContactId } from '../../../src/lib/ids.ts'
import { campaignsOf } from '../../support/campaign.ts'
import { world } from '../../support/world.ts'

async function scene() {
  const w = await world()
  const c = campaignsOf(w)
  const deps = { database: w.database, clock: w.clock, join: mergePeople, part: partPeople }
  const { db } = w.database
  const repair = async (conflicts: Repair['conflicts'], addresses: readonly string[] | null = null) => {
    const { id } = await c.engine((tx) => startRepair(tx, { addresses, conflicts }, c.actor, w.clock.now()))
    await workOnRepairs(deps)
    return await readRepair(db, w.workspaceId, id)
  }
  const undo = async ({ id }: Repair) => {
    await c.engine((tx) => undoRepair(tx, id, c.actor))
    await workOnRepairs(deps)
    return await readRepair(db, w.workspaceId, id)
  }
  const person = async (id: ContactId) => (await findContact(db, w.workspaceId, id))!
  const standing = async (list: ListId, id: ContactId) => {
    const { rows } = await sql<{ status: string; source: string }>`
      select status, source from list_member where list_id = ${list} and contact_id = ${id}`.execute(db)
    return rows[0]
  }
  return { w, c, db, deps, repair, undo, person, standing }
}

test.for([
  ['ann@example.org;ann;smith', 'ann@example.org', 'Ann', 'Smith', []],
  ['ann@example.org;ann;smith;', 'ann@example.org', 'Ann', 'Smith', []],
  ['ann@example.org,jean-luc,o’hara,{"plan":"pro"}', 'ann@example.org', 'Jean-Luc', 'O’Hara', ['{"plan":"pro"}']],
  ['"ann@example.org;ann;smith"', 'ann@example.org', 'Ann', 'Smith', []],
  ['ann;smith;ann@example.org;berlin', 'ann@example.org', 'Ann', 'Smith', ['berlin']],
  ['ann@example.org\tann smith', 'ann@example.org', 'Ann', 'Smith', []],
  ['ann@example.org|4711', 'ann@example.org', '', '', ['4711']],
  ['ann@example.org ann smith', 'ann@example.org', 'Ann', 'Smith', []],
  ['mailto:ann@example.org', 'ann@example.org', '', '', []],
  ['ann smith <ann@example.org>', 'ann@example.org', 'Ann', 'Smith', []],
] as const)('%s is split', ([text, address, firstName, lastName, rest]) => {
  expect(proposeSplit(text)).toEqual({ ok: true, split: { address, firstName, lastName, rest } })
})

test('an address is left alone, and what holds none or two is no one’s to guess', () => {
  expect(proposeSplit('o’hara+news@bücher.example')).toBeNull()
  expect(proposeSplit('"ann smith"@example.org')).toBeNull()
  for (const other of [
    'bob@example.org',
    'Bob <bob@example.org>',
    '"bob@example.org, home"',
    'mailto:bob@example.org',
    '(bob@example.org)',
  ])
    for (const text of [`ann@example.org;${other}`, `${other};ann@example.org;Ann`])
      expect(proposeSplit(text), text).toMatchObject({ ok: false, why: expect.stringMatching(/^2 addresses/) })
  expect(proposeSplit('ann at example')).toMatchObject({ ok: false })
})

test('1,662 glued rows of 2,100 are found, split with names, and all of it is undone', { timeout: 120_000 }, async () => {
  const { w, c, db, repair, undo, person, standing } = await scene()
  const list = await c.newList('News')
  const ids = await c.addPeople(
    list,
    Array.from({ length: 2_100 }, (_, i) => ({ address: i < 1_662 ? `p${i}@example.org;first;last;` : `p${i}@example.org` })),
  )
  const reach = () => c.engine((tx) => countAudience(tx, w.workspaceId, { kind: 'lists', lists: [list] }, w.clock.now()))
  expect(await reach()).toMatchObject({ candidates: 2_100, wouldGet: 438, excluded: [{ reason: 'malformed', n: 1_662 }] })
  expect(await countMalformed(db, w.workspaceId)).toEqual({ malformed: 1_662, splittable: 1_662, isMore: false })
  const page = await findMalformed(db, w.workspaceId, { after: '', limit: 100 })
  expect(page.items).toHaveLength(100)
  const next = await findMalformed(db, w.workspaceId, { after: page.next ?? '', limit: 5_000 })
  expect(next.items).toHaveLength(1_562)

  const done = await repair('skip')
  expect(done).toMatchObject({ state: 'done', counts: { split: 1_662, merged: 0, skipped: 0 } })
  expect(await person(ids[0]!)).toMatchObject({
    addresses: ['p0@example.org'],
    name: 'First Last',
    firstName: 'First',
    lastName: 'Last',
  })
  expect(await standing(list, ids[0]!)).toMatchObject({ status: 'subscribed' })
  expect(await reach()).toMatchObject({ wouldGet: 2_100, excluded: [] })
  expect(await countMalformed(db, w.workspaceId)).toMatchObject({ malformed: 0 })

  await sql`update contact set first_name = 'Anna' where id = ${ids[1]!}`.execute(db)
  expect(await undo(done)).toMatchObject({ state: 'undone', counts: { split: 1_662, undone: 1_662, stayed: 0 } })
  expect(await person(ids[0]!)).toMatchObject({ addresses: ['p0@example.org;first;last;'], name: '', firstName: '' })
  expect(await person(ids[1]!)).toMatchObject({ addresses: ['p1@example.org;first;last;'], firstName: 'Anna' })
  expect(await reach()).toMatchObject({ wouldGet: 438 })
})

test('an address that another contact has is skipped with the reason, or the two are joined and parted again', async () => {
  const { w, c, repair, undo, person, standing } = await scene()
  const list = await c.newList('News')
  const [glued, ann] = await c.addPeople(list, [
    { address: 'ann@example.org;ann;smith' },
    { address: 'ann@example.org', status: 'unsubscribed' },
  ])
  const [twice, again] = await c.addPeople(list, [{ address: 'bob@example.org;bob' }, { address: 'bob@example.org|bob' }])
  const skipped = await repair('skip')
  expect(skipped.counts).toMatchObject({ split: 1, skipped: 2 })
  const rows = await listRepairRows(w.database.db, w.workspaceId, skipped.id, { done: 'skipped', after: '', limit: 10 })
  expect(rows.map(({ address, reason }) => [address, reason])).toEqual([
    ['ann@example.org;ann;smith', 'The address is ann@example.org’s.'],
    ['bob@example.org|bob', 'The address is Bob’s.'],
  ])
  expect((await person(twice!)).addresses).toEqual(['bob@example.org'])

  const merged = await repair('merge')
  expect(merged.counts).toMatchObject({ split: 0, merged: 2 })
  expect(await person(glued!)).toMatchObject({ id: ann, addresses: ['ann@example.org'], name: 'Ann Smith' })
  // Whoever left has left.
  expect(await standing(list, ann!)).toMatchObject({ status: 'unsubscribed' })
  expect((await person(again!)).id).toBe(twice)
  expect(await undo(merged)).toMatchObject({ counts: { undone: 2 } })
  expect(await person(glued!)).toMatchObject({ id: glued, addresses: ['ann@example.org;ann;smith'] })
  expect((await person(ann!)).addresses).toEqual(['ann@example.org'])
})

test('one that cannot be done is passed over with the reason, and those behind it are repaired; the same on the way back', async () => {
  const { w, c, deps } = await scene()
  const list = await c.newList('News')
  await c.addPeople(list, [{ address: 'ann@example.org' }, { address: 'dora@example.org' }])
  await c.addPeople(
    list,
    ['ann@example.org;ann', 'bob@example.org;bob', 'dora@example.org;dora'].map((address) => ({ address })),
  )
  let joins = 0
  const join: typeof mergePeople = async (...asked) => {
    joins += 1
    if (joins <= 2) throw new Error('that did not fit')
    return await mergePeople(...asked)
  }
  const { id } = await c.engine((tx) => startRepair(tx, { addresses: null, conflicts: 'merge' }, c.actor, w.clock.now()))
  await workOnRepairs({ ...deps, join })
  const done = await readRepair(w.database.db, w.workspaceId, id)
  expect(done).toMatchObject({ state: 'done', counts: { split: 1, merged: 1, skipped: 1 } })
  const rows = await listRepairRows(w.database.db, w.workspaceId, id, { done: 'skipped', after: '', limit: 10 })
  expect(rows).toMatchObject([{ address: 'ann@example.org;ann', reason: 'It could not be done: that did not fit' }])
  const part = () => Promise.reject(new Error('that did not fit'))
  await c.engine((tx) => undoRepair(tx, id, c.actor))
  await workOnRepairs({ ...deps, part })
  expect(await readRepair(w.database.db, w.workspaceId, id)).toMatchObject({ state: 'undone', counts: { undone: 1, stayed: 1 } })
})

test('nobody confirmed a list by an address that never was one: with double opt-in it is to be confirmed anew, and undone it is as before', async () => {
  const { w, c, repair, undo, standing } = await scene()
  const [single, double] = [await c.newList('Single'), await c.newList('Double')]
  await c.engine((tx) => changeList(tx, double, { optIn: 'double' }, c.actor, w.clock.now()))
  const [ann, bob] = await c.addPeople(single, [{ address: 'ann@example.org;ann' }, { address: 'bob@example.org;bob' }])
  await c.join(double, [ann!, bob!], ['subscribed', 'unsubscribed'])
  const done = await repair('skip', ['ann@example.org;ann', 'bob@example.org;bob'])
  expect(await standing(single, ann!)).toMatchObject({ status: 'subscribed' })
  expect(await standing(double, ann!)).toMatchObject({ status: 'pending', source: 'address' })
  expect(await standing(double, bob!)).toMatchObject({ status: 'unsubscribed' })
  const { rows } = await sql<{ stream: string }>`select stream from suppression where address = 'bob@example.org'`.execute(
    w.database.db,
  )
  expect(rows).toEqual([{ stream: `list:${double}` }])
  await undo(done)
  expect(await standing(double, ann!)).toMatchObject({ status: 'subscribed', source: 'undo' })
})

test('only chosen ones are repaired, a second address of somebody too, and a process may die between any two steps', async () => {
  const { w, c, deps, repair, undo, person } = await scene()
  const list = await c.newList('News')
  const ids = await c.addPeople(list, [{ address: 'ann@example.org' }, { address: 'bob@example.org;bob' }])
  await sql`
    insert into contact_address (workspace_id, address, contact_id, is_primary, created_at)
    values (${w.workspaceId}, 'ann@home.example,ann', ${ids[0]!}, false, now()), (${w.workspaceId}, 'ann@example.org;ann', ${ids[0]!}, false, now())`.execute(
    w.database.db,
  )
  const chosen = await repair('skip', ['ann@home.example,ann', 'ann@example.org;ann'])
  expect(chosen.counts).toMatchObject({ split: 2, skipped: 0 })
  expect((await person(ids[0]!)).addresses.toSorted()).toEqual(['ann@example.org', 'ann@home.example'])
  expect((await person(ids[1]!)).addresses).toEqual(['bob@example.org;bob'])
  expect((await undo(chosen)).counts).toMatchObject({ undone: 2 })
  const before = ['ann@example.org', 'ann@example.org;ann', 'ann@home.example,ann']
  expect((await person(ids[0]!)).addresses.toSorted()).toEqual(before)

  await c.addPeople(
    list,
    Array.from({ length: 250 }, (_, i) => ({ address: `q${i}@example.org;q` })),
  )
  const { id } = await c.engine((tx) => startRepair(tx, { addresses: null, conflicts: 'skip' }, c.actor, w.clock.now()))
  let transactions = 0
  const dying = {
    ...w.database,
    transaction: (async (...args: Parameters<typeof w.database.transaction>) => {
      if (++transactions % 2 === 0) throw new Error('killed')
      return await w.database.transaction(...args)
    }) as typeof w.database.transaction,
  }
  for (let k = 0; (await readRepair(w.database.db, w.workspaceId, id)).state === 'running'; k++) {
    expect(k).toBeLessThan(10)
    await workOnRepairs({ ...deps, database: dying }).catch((error: Error) => expect(error.message).toBe('killed'))
  }
  expect(await readRepair(w.database.db, w.workspaceId, id)).toMatchObject({ counts: { split: 253, skipped: 0 } })
})

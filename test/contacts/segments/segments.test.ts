import * as fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Actor } from '../../../src/accounts/actor.ts'
import { ACTIVITY_KINDS } from '../../../src/contacts/activity/activity.ts'
import type { ListId } from '../../../src/contacts/consent/change-consent.ts'
import { createContact } from '../../../src/contacts/contacts.ts'
import { createList } from '../../../src/contacts/lists.ts'
import { type Condition, fits, sentenceOf, type Tree } from '../../../src/contacts/segments/segment.ts'
import {
  changeSegment,
  createSegment,
  knownPeople,
  lookAtSegment,
  lookAtTree,
  resolveTree,
  whyInSegment,
  whyInTree,
} from '../../../src/contacts/segments/segments.ts'
import { ENGINE } from '../../../src/db/database.ts'
import { type ContactId, newId, type UserId } from '../../../src/lib/ids.ts'
import { type World, world } from '../../support/world.ts'

const CAMPAIGNS = ['0193e0a0-0000-7abc-9def-0123456789a1', '0193e0a0-0000-7abc-9def-0123456789a2']
const LISTS = ['0193e0a0-1111-7abc-9def-0123456789a1', '0193e0a0-1111-7abc-9def-0123456789a2'] as ListId[]
const WORDS = ['', 'a', 'Ab', 'b%_', 'ß', '10']
const KEYS = ['plan', 'age', 'born', 'likes', 'ok']
const DAY = 86_400_000

const since = fc.oneof(
  fc.record({ days: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ at: fc.integer({ min: -4, max: 1 }).map((days) => new Date(NOW + days * DAY).toISOString()) }),
)
const NOW = Date.parse('2026-11-22T12:00:00.000Z')
const word = fc.constantFrom(...WORDS)
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant('field' as const),
    field: fc.constantFrom('name', 'company', 'external_id', 'language'),
    op: fc.constantFrom('is', 'is_not', 'contains', 'starts_with', 'is_empty', 'is_not_empty'),
    value: word,
  }),
  fc.record({
    kind: fc.constant('data' as const),
    key: fc.constantFrom(...KEYS),
    type: fc.constantFrom('text', 'number', 'date', 'choices', 'boolean'),
    op: fc.constantFrom(
      'is',
      'is_not',
      'contains',
      'starts_with',
      'less',
      'more',
      'last_days',
      'next_days',
      'has',
      'is_empty',
      'is_not_empty',
    ),
    value: fc.oneof(word, fc.constantFrom(5, 10, 10.5, 326), fc.boolean(), fc.constant('2026-01-02')),
  }),
  fc.record({
    kind: fc.constant('address' as const),
    op: fc.constantFrom('domain_is', 'contains', 'none'),
    value: fc.constantFrom('x.example', 'y.example', 'p1', ''),
  }),
  fc.record({ kind: fc.constant('tag' as const), tag: fc.constantFrom('vip', 'fair') }),
  fc.record({
    kind: fc.constant('list' as const),
    list: fc.constantFrom(...LISTS),
    status: fc.constantFrom('subscribed', 'pending', 'unsubscribed', 'none'),
    since: fc.option(since),
  }),
  fc.record({ kind: fc.constant('created' as const), when: fc.constantFrom('before', 'after'), since }),
  fc.record({
    kind: fc.constant('activity' as const),
    activity: fc.constantFrom('opened', 'sent', 'wrote'),
    campaign: fc.option(fc.constantFrom(...CAMPAIGNS)),
    since: fc.option(since),
  }),
)
const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    condition,
    fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ not: tie('tree') }),
  ),
})).tree

async function people(w: World): Promise<ContactId[]> {
  const { workspaceId } = w
  const pick = <T>(list: readonly T[], i: number) => list[i % list.length] as T
  for (const list of LISTS)
    await sql`insert into contact_list (workspace_id, id, name, slug, created_at, updated_at) values (${workspaceId}, ${list}, ${list}, ${`l${LISTS.indexOf(list)}`}, now(), now())`.execute(
      w.database.db,
    )
  const ids = Array.from({ length: 60 }, () => newId<ContactId>())
  for (const [i, id] of ids.entries()) {
    const data = {
      ...(i % 2 && { plan: pick(WORDS.slice(1), i) }),
      ...(i % 3 && { age: pick([5, 10, 10.5, 11], i) }),
      ...(i % 4 === 1 && { born: pick(['2026-01-01', '2026-01-02', '2026-01-03'], i) }),
      ...(i % 5 === 1 && { likes: ['a', pick(WORDS.slice(1), i)] }),
      ...(i % 5 === 2 && { ok: i % 2 === 0 }),
    }
    await sql`insert into contact (workspace_id, id, name, company, external_id, language, data, created_at, updated_at)
              values (${workspaceId}, ${id}, ${pick(WORDS, i)}, ${pick(WORDS, i + 2)}, ${i % 7 ? null : `b%_${i}`}, ${pick(['', 'bb', 'de'], i)}, ${JSON.stringify(data)}::jsonb,
                      ${new Date(NOW - (i % 6) * DAY)}, now())`.execute(w.database.db)
    if (i % 8)
      await sql`insert into contact_address (workspace_id, address, contact_id, is_primary, created_at)
                values (${workspaceId}, ${`p${i}@${i % 2 ? 'x' : 'y'}.example`}, ${id}, true, now())`.execute(w.database.db)
    if (i % 3 === 0)
      await sql`insert into contact_tag (workspace_id, tag, contact_id, tagged_at) values (${workspaceId}, ${pick(['vip', 'fair'], i)}, ${id}, now())`.execute(
        w.database.db,
      )
    if (i % 4)
      await sql`insert into list_member (workspace_id, list_id, contact_id, status, source, since)
                values (${workspaceId}, ${pick(LISTS, i)}, ${id}, ${pick(['subscribed', 'pending', 'unsubscribed'], i)}, 'import',
                        ${new Date(NOW - (i % 5) * DAY)})`.execute(w.database.db)
    if (i % 2)
      await sql`insert into contact_activity (workspace_id, contact_id, kind, subject_id, campaign_id, address, at)
                values (${workspaceId}, ${id}, ${pick(['opened', 'sent', 'wrote', 'opened'], i)}, ${newId()}, ${pick([...CAMPAIGNS, null], i)}, '', ${new Date(NOW - (i % 5) * DAY)})`.execute(
        w.database.db,
      )
  }
  return ids
}

test('whatever the tree, the database and one look at each person agree on who is meant', { timeout: 120_000 }, async () => {
  const w = await world()
  const ids = await people(w)
  const now = new Date(NOW)
  const known = await knownPeople(w.database.db, w.workspaceId, ids)
  await w.database.transaction(ENGINE, async (tx) => {
    await fc.assert(
      fc.asyncProperty(tree, async (one) => {
        const { rows } = await sql<{
          id: ContactId
        }>`select id from (${resolveTree(one, w.workspaceId, now)}) as meant order by id`.execute(tx)
        expect(rows.map(({ id }) => id)).toEqual(
          ids.filter((id) => fits(one, known.get(id) as NonNullable<ReturnType<typeof known.get>>, now)).sort(),
        )
      }),
      { numRuns: 150 },
    )
  })
})

test('every condition has a sentence, and says why somebody is in or out', async () => {
  const w = await world()
  const now = w.clock.now()
  const actor: Actor = { kind: 'user', id: newId<UserId>(), name: 'Ann', workspaceId: w.workspaceId, role: 'owner' }
  const list = await w.inWorkspace((tx) => createList(tx, { name: 'News' }, actor, now))
  const ann = await w.inWorkspace((tx) =>
    createContact(tx, { addresses: ['ann@x.example'], company: 'X', tags: ['vip'] }, actor, now),
  )
  const wanted: Tree = {
    all: [
      { kind: 'field', field: 'company', op: 'is', value: 'x' },
      { not: { kind: 'list', list: list.id, status: 'subscribed' } },
      {
        any: [
          { kind: 'tag', tag: 'fair' },
          { kind: 'activity', activity: 'opened', campaign: null, since: { days: 30 } },
          { kind: 'tag', tag: 'vip' },
        ],
      },
    ],
  }
  const why = await whyInTree(w.database.db, w.workspaceId, wanted, ann.id, now)
  const names = { list: () => 'News', campaign: () => 'November', field: (key: string) => key, import: () => 'Fair' }
  expect(why.isIn).toBe(true)
  expect(why.conditions.map(({ condition: one, holds, seen }) => [sentenceOf(one, names), holds, seen])).toEqual([
    ['company is “x”', true, 'X'],
    ['is subscribed to News', false, 'never on it'],
    ['is tagged “fair”', false, 'vip'],
    ['opened a mail since 30 days ago', false, 'never'],
    ['is tagged “vip”', true, 'vip'],
  ])
  const live = await w.inWorkspace((tx) => createSegment(tx, { name: 'Xs', tree: wanted }, actor, now))
  const kept = await w.inWorkspace((tx) => createSegment(tx, { name: 'Xs then', tree: wanted, kind: 'snapshot' }, actor, now))
  await w.inWorkspace((tx) => createContact(tx, { addresses: ['bob@x.example'], company: 'X', tags: ['vip'] }, actor, now))
  const look = (id: typeof live.id) => w.database.transaction(ENGINE, (tx) => lookAtSegment(tx, w.workspaceId, id, now))
  expect(await look(live.id)).toMatchObject({ count: 2, sample: [{ address: 'bob@x.example' }, { address: 'ann@x.example' }] })
  expect(await look(kept.id)).toMatchObject({ count: 1 })
  await w.inWorkspace((tx) => changeSegment(tx, kept.id, { kind: 'snapshot' }, null, actor, now))
  expect(await look(kept.id)).toMatchObject({ count: 2 })
  await expect(
    w.database.transaction(ENGINE, (tx) =>
      lookAtTree(tx, w.workspaceId, { all: Array.from({ length: 101 }, () => ({ kind: 'tag' as const, tag: 'x' })) }, now),
    ),
  ).rejects.toThrow('at most 100 conditions')
  expect(ACTIVITY_KINDS.length).toBeGreaterThan(5)
})

test('a snapshot of very many is a row for twenty thousand of them: each is in it once, until they are removed', async () => {
  const w = await world()
  const now = w.clock.now()
  const actor = { kind: 'user' as const, id: newId<UserId>(), name: 'Ada', workspaceId: w.workspaceId, role: 'owner' as const }
  const { db } = w.database
  await sql`insert into contact (workspace_id, id, company, created_at, updated_at)
            select ${w.workspaceId}::uuid, gen_random_uuid(), case when n % 25 = 0 then 'Other' else 'X' end, ${now}::timestamptz, ${now}::timestamptz
              from generate_series(1, 25000) as n`.execute(db)
  const tree: Tree = { kind: 'field', field: 'company', op: 'is', value: 'x' }
  const kept = await w.inWorkspace((tx) => createSegment(tx, { name: 'Xs', tree, kind: 'snapshot' }, actor, now))
  const { rows: pieces } = await sql<{ n: number }>`
    select cardinality(contact_ids) as n from segment_people where segment_id = ${kept.id} order by last_id`.execute(db)
  expect(pieces.map(({ n }) => n)).toEqual([20_000, 4_000])
  const look = () => w.database.transaction(ENGINE, (tx) => lookAtSegment(tx, w.workspaceId, kept.id, now))
  expect(await look()).toMatchObject({ count: 24_000 })
  const isIn = async (id: ContactId) => (await whyInSegment(db, w.workspaceId, kept, id, now)).isIn
  const some = async (company: string) =>
    (await sql<{ id: ContactId }>`select id from contact where company = ${company} order by id limit 1`.execute(db)).rows[0]
      ?.id ?? ('' as ContactId)
  const [inside, outside] = [await some('X'), await some('Other')]
  expect([await isIn(inside), await isIn(outside)]).toEqual([true, false])
  await sql`update contact set company = 'X' where id = ${outside}`.execute(db)
  await sql`delete from contact where id = ${inside}`.execute(db)
  expect(await isIn(outside)).toBe(false)
  expect(await look()).toMatchObject({ count: 23_999 })
})

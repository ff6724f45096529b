import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { contentOf, readExport, startExport, writeExports } from '../../../src/contacts/exports/exports.ts'
import { type ContactFilter, listFiltered } from '../../../src/contacts/filter/filter.ts'
import type { ContactSort } from '../../../src/contacts/filter/sorts.ts'
import { createSegment } from '../../../src/contacts/segments/segments.ts'
import { campaignsOf } from '../../support/campaign.ts'
import { world } from '../../support/world.ts'

test('a list of contacts is narrowed down and sorted as its file is', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const now = w.clock.now()
  const list = await c.newList('News')
  const ids = await c.addPeople(list, [
    { address: 'c@x.example', firstName: 'Cara', data: { plan: 'Pro', seats: 5 } },
    { address: 'a@x.example', firstName: 'Ann', data: { plan: 'Free' }, status: 'unsubscribed' },
    { address: 'b@y.example', firstName: 'bob', data: { plan: 'Pro', likes: ['tea'] } },
  ])
  await sql`delete from list_member where contact_id = ${ids[2]!}`.execute(w.database.db)
  await sql`insert into contact_tag (workspace_id, tag, contact_id, tagged_at) values (${w.workspaceId}, 'vip', ${ids[0]!}, now())`.execute(
    w.database.db,
  )
  const tree = { kind: 'address' as const, op: 'domain_is' as const, value: 'x.example' }
  const { id: segment } = await c.engine((tx) => createSegment(tx, { name: 'X', tree }, c.actor, now))
  const names = async (
    filter: ContactFilter,
    sort: ContactSort = 'name',
    after: readonly [string, string] | null = null,
    limit = 10,
  ) => (await c.engine((tx) => listFiltered(tx, w.workspaceId, filter, { sort, after, limit }, now))).map(({ name }) => name)
  expect(await names({})).toEqual(['ann', 'bob', 'cara'])
  expect(await names({}, 'oldest')).toEqual(['cara', 'ann', 'bob'])
  expect(await names({}, 'newest', null, 1)).toEqual(['bob'])
  expect(await names({}, 'name', ['ann', ids[1]!])).toEqual(['bob', 'cara'])
  expect(await names({ list })).toEqual(['ann', 'cara'])
  expect(await names({ segment })).toEqual(['ann', 'cara'])
  expect(await names({ segment, tag: 'vip' })).toEqual(['cara'])
  expect(await names({ field: 'plan', value: 'pro' })).toEqual(['bob', 'cara'])
  expect(await names({ field: 'seats', value: '5' })).toEqual(['cara'])
  expect(await names({ field: 'likes', value: 'tea' })).toEqual(['bob'])
  expect(await names({ field: 'likes' })).toEqual(['bob'])
  expect(await names({ field: 'first_name', value: 'an' })).toEqual(['ann'])
  await expect(names({ list: segment })).rejects.toMatchObject({ code: 'not_found' })

  const scope = { kind: 'filter' as const, segment, field: 'plan', value: 'free' }
  const { id } = await c.engine((tx) => startExport(tx, { format: 'csv', scope }, c.actor, now))
  await writeExports({ database: w.database, clock: w.clock })
  const written = await readExport(w.database.db, w.workspaceId, id)
  expect(written).toMatchObject({ state: 'done', rows: 1 })
  let text = ''
  for await (const part of contentOf(w.database.db, written)) text += Buffer.from(part).toString()
  expect(text).toContain('a@x.example')
})

import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { activityFollower } from '../../src/contacts/activity/follow.ts'
import { writeExports } from '../../src/contacts/exports/exports.ts'
import { followAll } from '../../src/events/follow.ts'
import { newId } from '../../src/lib/ids.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const bob = await memberOf(api, ann, 'Bob', 'agent')
const { db } = api.deps.database

async function made(path: string, body: object) {
  const answer = await ask(api, 'POST', path, { ...ann, body })
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body
}
const follow = () => followAll(api.deps.database, [activityFollower], () => api.clock.now())

test('lists and fields are an administrator’s to make, and an agent says who wants what, with the proof', async () => {
  expect((await ask(api, 'POST', '/v1/lists', { ...bob, body: { name: 'News' } })).status).toBe(403)
  const list = await made('/v1/lists', { name: 'Monthly news', opt_in: 'double', visibility: 'public' })
  expect(list).toMatchObject({ slug: 'monthly-news', pending: 0, subscribed: 0 })
  expect((await ask(api, 'POST', '/v1/lists', { ...ann, body: { name: 'Monthly News' } })).body.code).toBe('list_name_taken')
  await made('/v1/contact-fields', { key: 'plan', label: 'Plan', type: 'choice', options: ['Free', 'Pro'] })
  const person = await made('/v1/contacts', {
    first_name: 'Carla',
    addresses: ['carla@example.org'],
    data: { plan: 'pro' },
    tags: ['vip', 'VIP'],
  })
  expect(person).toMatchObject({ name: 'Carla', data: { plan: 'Pro' }, tags: ['vip'] })
  const standing = (body: object) => ask(api, 'PUT', `/v1/contacts/${person.id}/lists/${list.id}`, { ...bob, body })
  expect((await standing({ status: 'subscribed', reason: 'At the fair' })).body.status).toBe('pending')
  expect((await standing({ status: 'subscribed' })).body.code).toBe('consent_refused')
  expect((await standing({ status: 'subscribed', override: true, reason: 'Signed on paper' })).body.status).toBe('subscribed')
  const detail = (await ask(api, 'GET', `/v1/contacts/${person.id}`, bob)).body
  expect(detail.lists).toMatchObject([{ list: 'Monthly news', status: 'subscribed', source: 'person' }])
  const { items } = (await ask(api, 'GET', `/v1/contacts/${person.id}/timeline`, bob)).body
  expect(
    items.map((one: { became: string; wording: string; is_override: boolean }) => [one.became, one.wording, one.is_override]),
  ).toContainEqual(['subscribed', 'Signed on paper', true])
  expect((await ask(api, 'GET', '/v1/contact-tags', bob)).body.items).toEqual([{ tag: 'vip', contacts: 1 }])
})

test('lists of one name made at the same moment are one, and changes made at the same moment are all kept', async () => {
  const many = await Promise.all(
    ['a', 'b', 'c', 'd'].map(() => ask(api, 'POST', '/v1/lists', { ...ann, body: { name: 'At once' } })),
  )
  expect(many.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409])
  expect(many.flatMap(({ body }) => body.code ?? []).sort()).toEqual(Array(3).fill('list_name_taken'))
  const { id } = many.find(({ status }) => status === 201)?.body ?? {}
  const changes = [{ description: 'News' }, { visibility: 'public' }, { opt_in: 'double' }, { name: 'Later' }]
  await Promise.all(changes.map((body) => ask(api, 'PATCH', `/v1/lists/${id}`, { ...ann, body })))
  expect((await ask(api, 'GET', `/v1/lists/${id}`, ann)).body).toMatchObject(Object.assign({}, ...changes))
})

test('a field has one type, also when it is added several times at the same moment', async () => {
  const add = (key: string, type: string) =>
    ask(api, 'POST', '/v1/contact-fields', { ...ann, body: { key, label: 'Moment', type } })
  for (const key of ['moment_a', 'moment_b', 'moment_c']) {
    const added = await Promise.all(['text', 'number', 'date', 'boolean'].map((type) => add(key, type)))
    expect(added.map(({ status }) => status).sort()).toEqual([201, 422, 422, 422])
  }
})

test('of segments of one name made at the same moment one is kept, and changes made at the same moment are all kept', async () => {
  const tree = { kind: 'tag', tag: 'vip' }
  const many = await Promise.all(
    [1, 2, 3].map(() => ask(api, 'POST', '/v1/segments', { ...ann, body: { name: 'At once', tree } })),
  )
  expect(many.map(({ status }) => status).sort()).toEqual([201, 422, 422])
  expect(many.flatMap(({ body }) => body.pointer ?? body.errors?.[0]?.pointer ?? [])).toEqual(['/name', '/name'])
  const { id } = many.find(({ status }) => status === 201)?.body ?? {}
  const changes = [{ name: 'Later' }, { kind: 'snapshot' }, { tree: { not: tree } }]
  await Promise.all(changes.map((body) => ask(api, 'PATCH', `/v1/segments/${id}`, { ...ann, body })))
  expect((await ask(api, 'GET', `/v1/segments/${id}`, ann)).body).toMatchObject(Object.assign({}, ...changes))
})

test('of two saves of a segment that had read the same one is kept, and the other is told, also at the same moment', async () => {
  const { id, version } = await made('/v1/segments', { name: 'Written by two', tree: { kind: 'tag', tag: 'vip' } })
  const save = (name: string, read: number) => ask(api, 'PATCH', `/v1/segments/${id}`, { ...ann, body: { name, version: read } })
  const both = await Promise.all([save('By Ann', version), save('By Bob', version)])
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
  expect(both.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'changed_meanwhile' })
  const kept = both.find(({ status }) => status === 200)?.body
  expect((await ask(api, 'GET', `/v1/segments/${id}`, ann)).body).toMatchObject({ name: kept.name, version: version + 1 })
  expect((await save('With it read again', kept.version)).status).toBe(200)
})

test('what became of mail stands beside the person it went to, and an open of a program is no act of theirs', async () => {
  const person = await made('/v1/contacts', { addresses: ['dora@example.org'] })
  const sent = await ask(api, 'POST', '/v1/messages', {
    ...ann,
    body: { from: 'shop@example.com', to: ['dora@example.org'], text: 'Hi' },
  })
  const delivery = sent.body.deliveries[0].id
  await sql`insert into event (type, workspace_id, message_id, delivery_id, at, data)
            select type, ${ann.workspaceId}, ${sent.body.id}, ${delivery}, ${api.clock.now()}, data::jsonb
              from (values ('delivery.sent', '{}'), ('message.opened', '{"who":"scanner"}'), ('message.clicked', '{"who":"human"}')) as e(type, data)`.execute(
    db,
  )
  await follow()
  const { items } = (await ask(api, 'GET', `/v1/contacts/${person.id}/timeline`, bob)).body
  expect(items.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['clicked', 'sent'])
})

test('whoever is erased is gone, told nothing more, and cannot be mailed by accident again', async () => {
  const person = await made('/v1/contacts', { name: 'Eve', addresses: ['eve@example.org'], tags: ['secret'] })
  const told = await ask(api, 'GET', `/v1/contacts/${person.id}/export`, bob)
  expect(JSON.parse(told.text)).toMatchObject({ contact: { name: 'Eve', addresses: ['eve@example.org'], tags: ['secret'] } })
  expect((await ask(api, 'DELETE', `/v1/contacts/${person.id}`, bob)).status).toBe(403)
  expect((await ask(api, 'DELETE', `/v1/contacts/${person.id}`, ann)).status).toBe(204)
  expect((await ask(api, 'GET', `/v1/contacts/${person.id}`, ann)).body.code).toBe('not_found')
  const { rows } = await sql`select stream, note from suppression where address = 'eve@example.org'`.execute(db)
  expect(rows).toEqual([{ stream: 'bulk', note: 'Erased' }])
  expect((await ask(api, 'DELETE', `/v1/contacts/${newId()}`, ann)).body.code).toBe('not_found')
})

test('people go out as a file that comes in again: all of them, those of a list, a segment, or a choice', async () => {
  const list = await made('/v1/lists', { name: 'Export me' })
  const ids: string[] = []
  for (const name of ['Fay', '=cmd()', 'Hal'])
    ids.push((await made('/v1/contacts', { first_name: name, addresses: [`e${ids.length}@export.example`], tags: ['out'] })).id)
  await ask(api, 'PUT', `/v1/contacts/${ids[0]}/lists/${list.id}`, { ...ann, body: { status: 'subscribed' } })
  const segment = await made('/v1/segments', {
    name: 'Out',
    tree: { all: [{ kind: 'tag', tag: 'out' }, { not: { kind: 'list', list: list.id, status: 'subscribed' } }] },
  })
  const names = async (scope: object, format = 'jsonl') => {
    const begun = await ask(api, 'POST', '/v1/contact-exports', { ...ann, body: { format, scope } })
    expect((await ask(api, 'GET', `/v1/contact-exports/${begun.body.id}/file`, ann)).body.code).toBe('wrong_state')
    await writeExports(api.deps)
    return (await ask(api, 'GET', `/v1/contact-exports/${begun.body.id}/file`, ann)).text
  }
  const firstNames = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).first_name)
  expect(firstNames(await names({ kind: 'list', id: list.id }))).toEqual(['Fay'])
  expect(firstNames(await names({ kind: 'segment', id: segment.id }))).toEqual(['=cmd()', 'Hal'])
  expect(firstNames(await names({ kind: 'contacts', ids: [ids[2]] }))).toEqual(['Hal'])
  const csv = await names({ kind: 'all' }, 'csv')
  expect(csv.split('\r\n')[0]).toContain('id,address,other_addresses,name,first_name')
  expect(csv).toContain("'=cmd()")
  expect(csv).toContain('export-me: subscribed')
  expect(
    (await ask(api, 'POST', '/v1/contact-exports', { ...bob, body: { format: 'csv', scope: { kind: 'all' } } })).status,
  ).toBe(403)
})

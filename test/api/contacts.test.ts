import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { suppress } from '../../src/delivery/suppression/suppress.ts'
import { peopleJobs } from '../../src/helpdesk/people/people-jobs.ts'
import { type ConversationId, type InboxId, type ItemId, newId, type WorkspaceId } from '../../src/lib/ids.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const bob = await memberOf(api, ann, 'Bob', 'agent')
const vera = await memberOf(api, ann, 'Vera', 'viewer')
const { db } = api.deps.database
const T0 = api.clock.now()
const inboxId = newId<InboxId>()
await sql`insert into inbox (workspace_id, id, name, slug, address, created_at, updated_at)
          values (${ann.workspaceId}, ${inboxId}, 'Support', 'support', 'help@shop.example', ${T0}, ${T0})`.execute(db)

async function aContact(body: object): Promise<{ id: string; addresses: string[] }> {
  const made = await ask(api, 'POST', '/v1/contacts', { ...bob, body })
  if (made.status !== 201) throw new Error(made.text)
  return made.body
}
const get = async (id: string) => (await ask(api, 'GET', `/v1/contacts/${id}`, bob)).body
const search = async (text: string) =>
  (await ask(api, 'GET', `/v1/contacts?search=${encodeURIComponent(text)}`, bob)).body.items.map(
    (item: { name: string }) => item.name,
  )

let number = 0
/** A conversation that somebody asked in, with what they wrote. */
async function asked(contactId: string, address: string): Promise<ConversationId> {
  const id = newId<ConversationId>()
  number += 1
  await sql`insert into conversation (workspace_id, id, number, inbox_id, subject, channel, status, contact_id, requester, last_at, created_at, updated_at)
            values (${ann.workspaceId}, ${id}, ${number}, ${inboxId}, 'Hello', 'email', 'open', ${contactId}, ${address}, ${T0}, ${T0}, ${T0})`.execute(
    db,
  )
  await sql`insert into conversation_item (workspace_id, conversation_id, id, kind, contact_id, from_address, created_at)
            values (${ann.workspaceId}, ${id}, ${newId<ItemId>()}, 'customer', ${contactId}, ${address}, ${T0})`.execute(db)
  await sql`insert into conversation_participant (workspace_id, conversation_id, address, contact_id, added_at)
            values (${ann.workspaceId}, ${id}, ${address}, ${contactId}, ${T0})`.execute(db)
  return id
}

/** Whose each conversation is, what was written in it, and who takes part. */
async function ownersOf(...ids: ConversationId[]): Promise<string[][]> {
  const { rows } = await sql<{ owners: string[] }>`
    select array[c.contact_id, i.contact_id, p.contact_id]::text[] as owners
      from conversation c join conversation_item i on i.conversation_id = c.id join conversation_participant p on p.conversation_id = c.id
     where c.id = any (${ids}::uuid[]) order by c.id`.execute(db)
  return rows.map(({ owners }) => owners)
}

test('people are found by the beginning of a name or an address, by domain, and by what stands anywhere in them', async () => {
  await aContact({ name: 'Zoë Lindqvist', company: 'Nordic Lamps', addresses: ['zoe@lamps.example'] })
  await aContact({ name: 'Per Lamp', addresses: ['per_100%@elsewhere.example'] })
  expect(await search('zoë l')).toEqual(['Zoë Lindqvist'])
  expect(await search('ZOE@lamps.example')).toEqual(['Zoë Lindqvist'])
  expect(await search('lamps.ex')).toEqual(['Zoë Lindqvist'])
  expect(await search('ordic')).toEqual(['Zoë Lindqvist'])
  expect(await search('lamp')).toEqual(expect.arrayContaining(['Zoë Lindqvist', 'Per Lamp']))
  expect(await search('lindqvist nordic')).toEqual(['Zoë Lindqvist'])
  expect(await search('100%')).toEqual(['Per Lamp'])
  expect(await search('_')).toEqual([])
})

test('the list is paged newest first', async () => {
  const first = (await ask(api, 'GET', '/v1/contacts?limit=1', bob)).body
  const second = (await ask(api, 'GET', `/v1/contacts?limit=1&after=${first.next}`, bob)).body
  expect([first.items[0].name, second.items[0].name]).toEqual(['Per Lamp', 'Zoë Lindqvist'])
})

test('the first address is where mail goes; an address of another contact is refused, or comes over', async () => {
  const one = await aContact({ name: 'One', addresses: ['One@A.example', 'shared@a.example'] })
  const two = await aContact({ name: 'Two', addresses: ['two@b.example'] })
  const body = { addresses: ['shared@a.example', 'two@b.example'] }
  const refused = await ask(api, 'PATCH', `/v1/contacts/${two.id}`, { ...bob, body })
  expect([refused.status, refused.body.code, refused.body.pointer]).toEqual([409, 'address_in_use', '/addresses/0'])
  expect(refused.body.detail).toContain('One')
  const taken = await ask(api, 'PATCH', `/v1/contacts/${two.id}`, {
    ...bob,
    body: { addresses: ['one@a.example'], take_addresses: true },
  })
  expect(taken.body.addresses).toEqual(['one@a.example'])
  expect((await get(one.id)).addresses).toEqual(['shared@a.example'])
})

test('an address is one person’s, and so is an external id, also when several contacts are made with it at the same moment', async () => {
  const made = async (body: (n: number) => object) =>
    await Promise.all([0, 1, 2, 3].map((n) => ask(api, 'POST', '/v1/contacts', { ...bob, body: body(n) })))
  const addresses = ['once@moment.example', 'twice@moment.example']
  const all = [
    await made((n) => ({ name: `Twin ${n}`, addresses: n % 2 ? addresses : addresses.toReversed() })),
    await made((n) => ({ name: `Key ${n}`, external_id: 'moment' })),
  ]
  for (const answers of all) {
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409])
    expect(answers.flatMap(({ body }) => body.code ?? [])).toEqual(Array(3).fill('address_in_use'))
  }
  const winner = all[0]?.find(({ status }) => status === 201)?.body
  expect((await get(winner.id)).addresses.toSorted()).toEqual(addresses)
})

test('two contacts that are one person are joined once, with all that is theirs, and parted again', async () => {
  const home = await aContact({ name: 'Ann Home', company: 'Home Ltd', phones: ['1'], addresses: ['ann@home.example'] })
  const work = await aContact({ name: 'Ann Work', phones: ['2', '1'], note: 'Likes tea', addresses: ['ann@work.example'] })
  const atHome = await asked(home.id, 'ann@home.example')
  const atWork = await asked(work.id, 'ann@work.example')
  const both = await Promise.all(
    [1, 2].map(() => ask(api, 'POST', `/v1/contacts/${home.id}/merge`, { ...bob, body: { into: work.id } })),
  )
  expect(both.map(({ status }) => status)).toEqual([200, 200])
  const whole = await get(work.id)
  expect(whole).toMatchObject({
    name: 'Ann Work',
    company: 'Home Ltd',
    phones: ['2', '1'],
    note: 'Likes tea',
    addresses: ['ann@work.example', 'ann@home.example'],
  })
  expect(whole.merges).toEqual([expect.objectContaining({ id: home.id, name: 'Ann Home', addresses: ['ann@home.example'] })])
  expect(await get(home.id)).toMatchObject({ id: work.id })
  expect(await ownersOf(atHome, atWork)).toEqual([Array(3).fill(work.id), Array(3).fill(work.id)])
  const { rows } = await sql`select from event where type = 'contact.merged' and subject_id = ${home.id}`.execute(db)
  expect(rows).toHaveLength(1)

  const later = await asked(work.id, 'ann@home.example')
  const parted = await ask(api, 'POST', `/v1/contacts/${home.id}/part`, bob)
  expect(parted.body).toMatchObject({ id: home.id, merged_into: null, addresses: ['ann@home.example'] })
  expect((await get(work.id)).addresses).toEqual(['ann@work.example'])
  // What was asked since stays with whom it was asked as; what was written from the address goes with it.
  expect(await ownersOf(atHome, atWork, later)).toEqual([
    Array(3).fill(home.id),
    Array(3).fill(work.id),
    [work.id, home.id, home.id],
  ])
  expect((await ask(api, 'POST', `/v1/contacts/${home.id}/part`, bob)).body.code).toBe('contacts_not_joined')
})

test('whoever is parted again goes without the external id that another person got meanwhile', async () => {
  const [one, two] = [
    await aContact({ name: 'One', external_id: 'old-1' }),
    await aContact({ name: 'Two', external_id: 'old-2' }),
  ]
  const joined = await ask(api, 'POST', `/v1/contacts/${one.id}/merge`, { ...bob, body: { into: two.id } })
  expect([joined.status, joined.body.external_id]).toEqual([200, 'old-2'])
  const third = await aContact({ name: 'Three', external_id: 'old-1' })
  expect((await ask(api, 'POST', `/v1/contacts/${one.id}/part`, bob)).status).toBe(200)
  expect([await get(one.id), await get(third.id)]).toMatchObject([{ external_id: null }, { external_id: 'old-1' }])
})

test('what a mail began for somebody who was being joined with another follows, and goes back with them', async () => {
  const gone = await aContact({ name: 'Gone', addresses: ['gone@late.example'] })
  const here = await aContact({ name: 'Here', addresses: ['here@late.example'] })
  await ask(api, 'POST', `/v1/contacts/${gone.id}/merge`, { ...bob, body: { into: here.id } })
  const late = await asked(gone.id, 'gone@late.example')
  for (const job of peopleJobs(api.deps.database)) await job.run(api.clock.now())
  expect(await ownersOf(late)).toEqual([Array(3).fill(here.id)])
  await ask(api, 'POST', `/v1/contacts/${gone.id}/part`, bob)
  expect(await ownersOf(late)).toEqual([Array(3).fill(gone.id)])
})

test('whoever was joined with a third stays so until they are parted; nobody is joined with themself', async () => {
  const [a, b, c] = [await aContact({ name: 'A' }), await aContact({ name: 'B' }), await aContact({ name: 'C' })]
  const merge = (from: string, into: string) => ask(api, 'POST', `/v1/contacts/${from}/merge`, { ...bob, body: { into } })
  expect((await merge(a.id, a.id)).body.code).toBe('contacts_not_joined')
  await merge(a.id, b.id)
  expect((await merge(a.id, c.id)).body.detail).toContain('joined with another')
  await merge(b.id, c.id)
  expect(await get(a.id)).toMatchObject({ id: c.id })
  expect((await ask(api, 'POST', `/v1/contacts/${a.id}/part`, bob)).body.detail).toContain('Part those two first')
})

test('a contact shows what keeps mail from it, and others at its domain, unless strangers share that', async () => {
  const eve = await aContact({ name: 'Eve', addresses: ['eve@acme.example'] })
  await aContact({ name: 'Fay', addresses: ['fay@acme.example'] })
  const gus = await aContact({ name: 'Gus', addresses: ['gus@gmail.com'] })
  await aContact({ name: 'Hal', addresses: ['hal@gmail.com'] })
  const told = { address: 'eve@acme.example', stream: 'all', reason: 'complaint', note: '', reply: '', deliveryId: null } as const
  const workspaceId = ann.workspaceId as WorkspaceId
  await api.deps.database.transaction({ as: 'api', workspaceId }, (tx) => suppress(tx, workspaceId, [told], null, T0))
  expect(await get(eve.id)).toMatchObject({
    suppressions: [{ address: 'eve@acme.example', stream: 'all', reason: 'complaint', expires_at: null }],
    others: { domain: 'acme.example', people: [{ name: 'Fay', address: 'fay@acme.example' }] },
  })
  expect(await get(gus.id)).toMatchObject({ suppressions: [], others: null })
})

test('viewers read contacts and change none', async () => {
  const { id } = await aContact({ name: 'Ida' })
  expect((await ask(api, 'GET', `/v1/contacts/${id}`, vera)).status).toBe(200)
  expect((await ask(api, 'PATCH', `/v1/contacts/${id}`, { ...vera, body: { name: 'Eda' } })).status).toBe(403)
  expect((await ask(api, 'POST', `/v1/contacts/${id}/merge`, { ...vera, body: { into: newId() } })).status).toBe(403)
})

import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { type ConversationId, newId } from '../../src/lib/ids.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const bob = await memberOf(api, ann, 'Bob', 'agent')
const vera = await memberOf(api, ann, 'Vera', 'viewer')
const T0 = api.clock.now()

async function anInbox(name: string, more: object = {}): Promise<{ id: string; slug: string }> {
  const address = `${name.toLowerCase().replaceAll(' ', '-')}@shop.example`
  const made = await ask(api, 'POST', '/v1/inboxes', { ...ann, body: { name, address, ...more } })
  if (made.status !== 201) throw new Error(made.text)
  return made.body
}

async function conversationsIn(inboxId: string, count: number, from: number): Promise<void> {
  await sql`
    insert into conversation (workspace_id, id, number, inbox_id, subject, channel, status, last_at, created_at, updated_at)
    select ${ann.workspaceId}::uuid, c.id, c.n, ${inboxId}::uuid, 'Hello', 'email', 'open', ${T0}::timestamptz, ${T0}::timestamptz, ${T0}::timestamptz
      from unnest(${Array.from({ length: count }, () => newId<ConversationId>())}::uuid[], ${Array.from({ length: count }, (_, i) => from + i)}::int[]) as c(id, n)`.execute(
    api.deps.database.db,
  )
}

test('an inbox is made of a name and an address, and begins with settings that do no harm', async () => {
  const made = await anInbox('Büro Süd')
  expect(made).toMatchObject({
    slug: 'buro-sud',
    address: 'büro-süd@shop.example',
    addresses: [{ address: 'büro-süd@shop.example', may_send: true }],
    status_after_reply: 'pending',
    no_match: 'start',
    auto_reply: null,
    restricted: false,
    open: 0,
  })
  expect(await anInbox('Buro sud')).toMatchObject({ slug: 'buro-sud-2' })
})

test('a name is taken once, and an address belongs to one inbox', async () => {
  await anInbox('Sales', { addresses: [{ address: 'Offers@Shop.example', may_send: true }] })
  const named = await ask(api, 'POST', '/v1/inboxes', { ...ann, body: { name: 'SALES', address: 'other@shop.example' } })
  expect([named.status, named.body.code, named.body.pointer]).toEqual([409, 'inbox_name_taken', '/name'])
  const addressed = await ask(api, 'POST', '/v1/inboxes', { ...ann, body: { name: 'Offers', address: 'offers@shop.example' } })
  expect([addressed.status, addressed.body.code]).toEqual([409, 'address_in_use'])
  expect(addressed.body.detail).toContain('Sales')
})

test('a change keeps what it does not name; the own address stays among the addresses, and a former one remains an alias', async () => {
  const { id } = await anInbox('Repairs', { undo_seconds: 30 })
  const changed = await ask(api, 'PATCH', `/v1/inboxes/${id}`, {
    ...ann,
    body: { address: 'fix@shop.example', subject_tag: true },
  })
  expect(changed.body).toMatchObject({ undo_seconds: 30, subject_tag: true, address: 'fix@shop.example' })
  expect(changed.body.addresses).toEqual([
    { address: 'fix@shop.example', may_send: true },
    { address: 'repairs@shop.example', may_send: true },
  ])
  const less = await ask(api, 'PATCH', `/v1/inboxes/${id}`, { ...ann, body: { addresses: [] } })
  expect(less.body.addresses).toEqual([{ address: 'fix@shop.example', may_send: true }])
})

test('texts are cleaned before they are stored; a variable that stands for nothing is refused, with the one that was meant', async () => {
  const { id } = await anInbox('Texts')
  const signature =
    '<p onclick="x()">{{agent.name}}<script>alert(1)</script> <a href="https://shop.example/{{ conversation.number }}">here</a></p>'
  const signed = await ask(api, 'PATCH', `/v1/inboxes/${id}`, { ...ann, body: { signature } })
  expect(signed.body.signature).not.toMatch(/script|onclick|%7B/)
  expect(signed.body.signature).toContain('href="https://shop.example/{{ conversation.number }}"')
  const misspelt = await ask(api, 'PATCH', `/v1/inboxes/${id}`, { ...ann, body: { signature: '{{ agent.nmae }}' } })
  expect([misspelt.status, misspelt.body.code, misspelt.body.pointer]).toEqual([422, 'unknown_variable', '/signature'])
  expect(misspelt.body.detail).toContain('agent.name')
  const nobody = { auto_reply: { subject: 'Thanks', html: '<p>Yours, {{ agent.name }}</p>' } }
  expect((await ask(api, 'PATCH', `/v1/inboxes/${id}`, { ...ann, body: nobody })).body.pointer).toBe('/auto_reply/html')
  const empty = { auto_reply: { subject: 'Thanks', html: '<p>&nbsp;</p>' } }
  expect((await ask(api, 'PATCH', `/v1/inboxes/${id}`, { ...ann, body: empty })).status).toBe(422)
})

test('a blind copy to an inbox of ours would come in again, so it is refused', async () => {
  const { id } = await anInbox('Copies')
  const refused = await ask(api, 'PATCH', `/v1/inboxes/${id}`, { ...ann, body: { auto_bcc: ['Copies@shop.example'] } })
  expect([refused.status, refused.body.code, refused.body.pointer]).toEqual([409, 'address_in_use', '/auto_bcc'])
})

test('agents and viewers see the inboxes they may reach, and change none', async () => {
  const open = await anInbox('For all')
  const secret = await anInbox('Board')
  const access = { restricted: true, people: [{ user_id: bob.userId, level: 'assigned_only' }] }
  expect((await ask(api, 'PUT', `/v1/inboxes/${secret.id}/access`, { ...ann, body: access })).body).toEqual(access)
  const idsFor = async (asker: object) =>
    (await ask(api, 'GET', '/v1/inboxes', asker)).body.items.map((inbox: { id: string }) => inbox.id)
  expect(await idsFor(bob)).toEqual(expect.arrayContaining([open.id, secret.id]))
  expect(await idsFor(vera)).toContain(open.id)
  expect(await idsFor(vera)).not.toContain(secret.id)
  expect((await ask(api, 'GET', `/v1/inboxes/${secret.id}`, vera)).status).toBe(404)
  expect((await ask(api, 'GET', `/v1/agents?inbox_id=${secret.id}`, vera)).status).toBe(404)
  const agents = (await ask(api, 'GET', `/v1/agents?inbox_id=${secret.id}`, bob)).body.items
  expect(agents.map((agent: { name: string }) => agent.name)).toEqual(['Ann', 'Bob'])
  const inOpen = (await ask(api, 'GET', `/v1/agents?inbox_id=${open.id}`, vera)).body.items
  expect(inOpen.map((agent: { name: string }) => agent.name)).toEqual(['Ann', 'Bob'])
  for (const [method, path, body] of [
    ['PATCH', `/v1/inboxes/${open.id}`, { name: 'Mine' }],
    ['POST', '/v1/inboxes', { name: 'Mine', address: 'mine@shop.example' }],
    ['POST', `/v1/inboxes/${open.id}/close`, undefined],
    ['POST', `/v1/inboxes/${open.id}/remove`, {}],
    ['GET', `/v1/inboxes/${open.id}/access`, undefined],
  ] as const)
    expect((await ask(api, method, path, { ...bob, body })).status).toBe(403)
})

test('an inbox with conversations is removed only when they move; its addresses go with them, and every one says so', async () => {
  const old = await anInbox('Old', { addresses: [{ address: 'ancient@shop.example', may_send: true }] })
  const next = await anInbox('Next')
  await conversationsIn(old.id, 3, 100)
  await sql`update conversation set deleted_at = ${T0} where number = 102`.execute(api.deps.database.db)
  const refused = await ask(api, 'POST', `/v1/inboxes/${old.id}/remove`, { ...ann, body: {} })
  expect([refused.status, refused.body.code]).toEqual([409, 'inbox_in_use'])
  expect(refused.body.detail).toContain('3 conversations')
  const itself = await ask(api, 'POST', `/v1/inboxes/${old.id}/remove`, { ...ann, body: { move_to: old.id } })
  expect([itself.status, itself.body.pointer]).toEqual([422, '/move_to'])
  const removed = await ask(api, 'POST', `/v1/inboxes/${old.id}/remove`, { ...ann, body: { move_to: next.id } })
  expect(removed.body).toEqual({ removed: true, moved: 3 })
  expect((await ask(api, 'GET', `/v1/inboxes/${old.id}`, ann)).status).toBe(404)
  const after = (await ask(api, 'GET', `/v1/inboxes/${next.id}`, ann)).body
  expect(after).toMatchObject({ open: 2, unassigned: 2 })
  expect(after.addresses).toContainEqual({ address: 'ancient@shop.example', may_send: false })
  const { rows } = await sql<{ activity: unknown }>`
    select i.activity from conversation_item i join conversation c on c.id = i.conversation_id where c.number between 100 and 102`.execute(
    api.deps.database.db,
  )
  expect(rows.map(({ activity }) => activity)).toEqual(Array(3).fill({ what: 'moved', from: 'Old', to: 'Next' }))
  const again = await ask(api, 'POST', `/v1/inboxes/${old.id}/remove`, { ...ann, body: {} })
  expect(again.status).toBe(404)
})

test('an inbox that starts no conversations by mail says how much of it belonged to none today', async () => {
  const { id } = await anInbox('Answers only', { no_match: 'ignore' })
  await sql`
    insert into inbound_count (workspace_id, inbox_id, day, outcome, n)
    select ${ann.workspaceId}::uuid, ${id}::uuid, (${T0}::timestamptz at time zone 'UTC')::date - d.ago, 'ignored:update_only_no_match', d.n
      from (values (0, 2), (0, 1), (1, 40)) as d(ago, n)`.execute(api.deps.database.db)
  expect((await ask(api, 'GET', `/v1/inboxes/${id}`, ann)).body).toMatchObject({ no_match_today: 3 })
})

test('a closed inbox says that it is closed, and can be opened again', async () => {
  const { id } = await anInbox('Seasonal')
  const closed = await ask(api, 'POST', `/v1/inboxes/${id}/close`, ann)
  expect([closed.body.closed_at, closed.body.problems[0].code]).toEqual([T0.toISOString(), 'closed'])
  expect((await ask(api, 'POST', `/v1/inboxes/${id}/reopen`, ann)).body.closed_at).toBeNull()
})

test('a team has members; its name is taken once, and whoever leaves the workspace leaves it', async () => {
  const carl = await memberOf(api, ann, 'Carl', 'agent')
  const made = await ask(api, 'POST', '/v1/teams', { ...ann, body: { name: 'Second level', members: [carl.userId, bob.userId] } })
  expect([made.status, made.body.members]).toEqual([201, [bob.userId, carl.userId].sort()])
  expect((await ask(api, 'POST', '/v1/teams', { ...ann, body: { name: 'second LEVEL' } })).body.code).toBe('team_name_taken')
  const stranger = { members: [newId()] }
  expect((await ask(api, 'PATCH', `/v1/teams/${made.body.id}`, { ...ann, body: stranger })).body.pointer).toBe('/members/0')
  expect((await ask(api, 'POST', '/v1/teams', { ...bob, body: { name: 'Mine' } })).status).toBe(403)
  await ask(api, 'DELETE', `/v1/members/${carl.userId}`, ann)
  expect((await ask(api, 'GET', '/v1/teams', bob)).body.items[0].members).toEqual([bob.userId])
  expect((await ask(api, 'DELETE', `/v1/teams/${made.body.id}`, ann)).status).toBe(204)
})

test('an agent has other addresses of their own; those of inboxes and of other agents are refused, with why', async () => {
  const added = await ask(api, 'POST', `/v1/agents/${bob.userId}/addresses`, { ...bob, body: { address: 'Bob@Home.example' } })
  expect(added.body.addresses).toEqual(['bob@home.example'])
  await anInbox('Taken')
  const refusedFor = async (asker: object, userId: string, address: string) =>
    (await ask(api, 'POST', `/v1/agents/${userId}/addresses`, { ...asker, body: { address } })).body
  expect((await refusedFor(bob, bob.userId, 'taken@shop.example')).detail).toContain('the inbox Taken')
  expect((await refusedFor(bob, bob.userId, 'ann@example.com')).detail).toContain('Ann’s')
  expect((await refusedFor(ann, ann.userId, 'bob@home.example')).detail).toContain('Bob’s')
  expect((await refusedFor(bob, ann.userId, 'me@home.example')).code).toBe('forbidden')
  const removed = await ask(api, 'DELETE', `/v1/agents/${bob.userId}/addresses/bob%40home.example`, bob)
  expect(removed.body.addresses).toEqual([])
})

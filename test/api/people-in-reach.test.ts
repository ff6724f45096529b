import { expect, test } from 'vitest'
import { anApi, ask, keyOf, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const eva = await memberOf(api, ann, 'Eva', 'agent')
const { key } = await keyOf(api, ann)
const inboxOf = async (name: string) =>
  (await ask(api, 'POST', '/v1/inboxes', { ...ann, body: { name, address: `${name.toLowerCase()}@example.com` } })).body
    .id as string
const [support, board] = [await inboxOf('Support'), await inboxOf('Board')]
await ask(api, 'PUT', `/v1/inboxes/${board}/access`, { ...ann, body: { restricted: true, people: [] } })

async function begin(customer: string, inbox: string): Promise<{ id: string; number: number; contact: string }> {
  api.clock.advance(60_000)
  const body = { inbox_id: inbox, channel: 'phone', customer, subject: 'A question', html: '<p>Hello.</p>' }
  const { id, number } = (await ask(api, 'POST', '/v1/conversations', { ...ann, body })).body
  const contact = (await ask(api, 'GET', `/v1/conversations/${number}`, ann)).body.contact_id
  return { id, number, contact }
}
const bob = await begin('Bob <bob@customer.example>', support)
const secret = await begin('Sid <sid@customer.example>', board)
const new_ = (
  await ask(api, 'POST', '/v1/contacts', { ...ann, body: { name: 'Nobody Yet', addresses: ['new@customer.example'] } })
).body

test('a contact who only asked where somebody may not go is not there for them', async () => {
  const ids = async (who: object, url = '/v1/contacts') =>
    (await ask(api, 'GET', url, who)).body.items.map(({ id }: { id: string }) => id)
  expect(new Set(await ids(ann))).toEqual(new Set([bob.contact, secret.contact, new_.id]))
  expect(new Set(await ids({ key }))).toEqual(new Set([bob.contact, secret.contact, new_.id]))
  // Who never asked anything stands in no inbox.
  expect(new Set(await ids(eva))).toEqual(new Set([bob.contact, new_.id]))
  expect(await ids(eva, '/v1/contacts?search=sid')).toEqual([])
  expect(await ids(eva, '/v1/contacts?search=bob')).toEqual([bob.contact])
  for (const [method, url, body] of [
    ['GET', `/v1/contacts/${secret.contact}`, undefined],
    ['GET', `/v1/contacts/${secret.contact}/timeline`, undefined],
    ['PATCH', `/v1/contacts/${secret.contact}`, { note: 'x' }],
    ['POST', `/v1/contacts/${secret.contact}/merge`, { into: bob.contact }],
    ['POST', `/v1/contacts/${bob.contact}/merge`, { into: secret.contact }],
  ] as const)
    expect((await ask(api, method, url, { ...eva, ...(body && { body }) })).status, `${method} ${url}`).toBe(404)
  const { others } = (await ask(api, 'GET', `/v1/contacts/${bob.contact}`, eva)).body
  expect((others?.people ?? []).map(({ id }: { id: string }) => id)).not.toContain(secret.contact)
  expect((await ask(api, 'GET', `/v1/contacts/${secret.contact}`, ann)).status).toBe(200)
})

test('a segment shows whoever looks those of its people whom they may see, and explains nobody else', async () => {
  const tree = { all: [{ not: { kind: 'activity', activity: 'opened', campaign: null, since: { days: 30 } } }] }
  const made = await ask(api, 'POST', '/v1/segments', { ...ann, body: { name: 'Everybody', tree } })
  expect(made.status, made.text).toBe(201)
  const people = async (who: object) =>
    (await ask(api, 'GET', `/v1/segments/${made.body.id}/people`, who)).body.sample.map(({ id }: { id: string }) => id)
  expect(new Set(await people(ann))).toEqual(new Set([bob.contact, secret.contact, new_.id]))
  expect(new Set(await people(eva))).toEqual(new Set([bob.contact, new_.id]))
  const why = async (contact: string) =>
    (await ask(api, 'GET', `/v1/segments/${made.body.id}/why?contact_id=${contact}`, eva)).status
  expect([await why(bob.contact), await why(secret.contact)]).toEqual([200, 404])
})

test('mail out of a conversation that somebody may not reach is not there for them where delivery is looked at', async () => {
  const ids = async (who: object): Promise<string[]> =>
    (await ask(api, 'GET', '/v1/messages', who)).body.items.map(({ id }: { id: string }) => id)
  const answer = async (number: number, to: string) => {
    api.clock.advance(60_000)
    const body = { html: '<p>An answer.</p>', to: [to] }
    const said = await ask(api, 'POST', `/v1/conversations/${number}/replies`, { ...ann, body })
    expect(said.status, said.text).toBe(201)
    return (await ids(ann))[0] as string
  }
  const [open, closed] = [await answer(bob.number, 'bob@customer.example'), await answer(secret.number, 'sid@customer.example')]
  expect(await ids(eva)).toContain(open)
  expect(await ids(eva)).not.toContain(closed)
  const ofDeliveries = async (who: object) =>
    (await ask(api, 'GET', '/v1/deliveries?recipient=sid@customer.example', who)).body.items as { id: string }[]
  const [delivery] = await ofDeliveries(ann)
  expect(await ofDeliveries(eva)).toEqual([])
  for (const [method, path] of [
    ['GET', `/v1/messages/${closed}`],
    ['GET', `/v1/messages/${closed}/raw`],
    ['PUT', `/v1/messages/${closed}/cancel`],
    ['PUT', `/v1/messages/${closed}/resend`],
    ['PUT', `/v1/deliveries/${delivery?.id}/cancel`],
  ] as const)
    expect((await ask(api, method, path, eva)).status, `${method} ${path}`).toBe(404)
  expect((await ask(api, 'GET', `/v1/messages/${open}/raw`, eva)).status).toBe(200)
  expect((await ask(api, 'GET', `/v1/messages/${closed}/raw`, { key })).status).toBe(200)
})

test('what a member had in hand is nobody’s when they leave; what is closed keeps their name', async () => {
  const [leo] = [await memberOf(api, ann, 'Leo', 'agent')]
  const members = (await ask(api, 'GET', '/v1/members', ann)).body.items
  const id = members.find(({ name }: { name: string }) => name === 'Leo').id
  const [open, closed] = [await begin('Bob <bob@customer.example>', support), await begin('Bob <bob@customer.example>', support)]
  const bulk = (ids: string[], set: object) => ask(api, 'POST', '/v1/conversations/bulk', { ...ann, body: { ids, set } })
  await bulk([open.id, closed.id], { assignee_id: id })
  await bulk([closed.id], { status: 'closed' })
  expect((await ask(api, 'GET', '/v1/conversations?assignee=me', leo)).body.items).toHaveLength(2)
  expect((await ask(api, 'DELETE', `/v1/members/${id}`, ann)).status).toBe(204)
  const one = async (number: number) => (await ask(api, 'GET', `/v1/conversations/${number}`, ann)).body
  expect((await one(open.number)).assignee).toBeNull()
  expect((await one(open.number)).items.at(-1).activity).toMatchObject({ what: 'assignee', from: 'Leo', to: null })
  expect((await one(closed.number)).assignee).toMatchObject({ id })
})

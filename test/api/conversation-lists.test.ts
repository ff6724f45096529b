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

async function begin(subject: string, inbox = support): Promise<{ id: string; number: number }> {
  api.clock.advance(60_000)
  const body = {
    inbox_id: inbox,
    channel: 'phone',
    customer: 'Bob <bob@customer.example>',
    subject,
    html: `<p>About ${subject}.</p>`,
  }
  const answer = await ask(api, 'POST', '/v1/conversations', { ...ann, body })
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body
}
const [parcel, invoice, secret] = [await begin('the parcel'), await begin('an invoice'), await begin('a secret', board)]
const numbers = (answer: { body: { items: { number: number }[] } }) => answer.body.items.map(({ number }) => number)
const get = (url: string, who: object = eva) => ask(api, 'GET', url, who)
const bulk = (body: unknown, who: object = eva) => ask(api, 'POST', '/v1/conversations/bulk', { ...who, body })

test('a list comes page by page and holds what one may see', async () => {
  const first = await get('/v1/conversations?limit=1')
  expect(numbers(first)).toEqual([invoice.number])
  expect(first.body.items[0]).toMatchObject({
    subject: 'an invoice',
    customer: { name: 'Bob', address: 'bob@customer.example' },
    status: 'open',
    drafts: [],
  })
  const second = await get(`/v1/conversations?limit=1&after=${first.body.next}`)
  expect(numbers(second)).toEqual([parcel.number])
  expect(second.body.next).toBeNull()
  expect(numbers(await get('/v1/conversations', { key }))).toEqual([secret.number, invoice.number, parcel.number])
  expect((await get('/v1/conversations?status=lost')).status).toBe(422)
  expect((await get('/v1/conversations?fields=%7B')).status).toBe(422)
  expect((await get('/v1/conversations?sort=newest&after=eA')).body.code).toBe('invalid_cursor')
})

test('what is new to somebody is told to them alone, until they say that they saw it', async () => {
  const unread = async (who: object = eva) =>
    (await get('/v1/conversations?unread=1', who)).body.items.map((row: { number: number }) => row.number)
  expect(await unread()).toEqual([invoice.number, parcel.number])
  const { last_at } = (await get('/v1/conversations')).body.items[0]
  expect((await ask(api, 'PUT', `/v1/conversations/${invoice.number}/read`, { ...eva, body: { through: last_at } })).status).toBe(
    204,
  )
  expect(await unread()).toEqual([parcel.number])
  expect((await get('/v1/conversations/counts')).body.unread).toMatchObject({
    all: { open: 1 },
    inboxes: [{ id: support, open: 1 }],
  })
  expect((await bulk({ ids: [parcel.id, secret.id], act: 'read' })).body.changed).toEqual([parcel.id])
  expect(await unread()).toEqual([])
  expect((await ask(api, 'DELETE', `/v1/conversations/${parcel.id}/read`, eva)).status).toBe(204)
  expect((await get('/v1/conversations')).body.items.map((row: { unread: boolean }) => row.unread)).toEqual([false, true])
  expect((await ask(api, 'POST', '/v1/conversations/read-all', eva)).status).toBe(204)
  expect(await unread()).toEqual([])
  expect((await ask(api, 'PUT', `/v1/conversations/${secret.id}/read`, { ...eva, body: {} })).status).toBe(404)
  expect((await ask(api, 'PUT', `/v1/conversations/${parcel.id}/read`, { key, body: {} })).body.code).toBe('person_needed')
})

test('counts are of what one may see', async () => {
  expect((await get('/v1/conversations/counts')).body).toMatchObject({
    all: { open: 2, unassigned: 2, mine: 0 },
    inboxes: [{ name: 'Support', open: 2 }],
  })
  expect((await get('/v1/conversations/counts', ann)).body).toMatchObject({ all: { open: 3 } })
})

test('a search says where it found something, and what it did not understand', async () => {
  const { body } = await get('/v1/search?q=parcel%20is:lost%20')
  expect(body.strange).toEqual(['is:lost'])
  const found = (await get('/v1/search?q=parc%20is:open')).body.items[0]
  expect(found.subject_pieces).toEqual([
    { text: 'the ', is_hit: false },
    { text: 'parcel', is_hit: true },
  ])
  expect(found.snippet.pieces).toContainEqual({ text: 'parcel', is_hit: true })
  expect((await get('/v1/search?q=secret')).body.items).toEqual([])
})

test('views are private or shared, and changed by whom they belong to', async () => {
  const make = (who: object, body: object) =>
    ask(api, 'POST', '/v1/views', { ...who, body: { filter: { status: ['open'] }, sort: 'latest', ...body } })
  const own = (await make(eva, { name: 'Mine alone' })).body
  const shared = (await make(ann, { name: 'Ours', shared: true, filter: { inbox: board } })).body
  expect(own).toMatchObject({ shared: false, may_change: true })
  const views = async (who: object) =>
    (await get('/v1/views', who)).body.items.map(({ name, count, may_change }: Record<string, unknown>) => [
      name,
      count,
      may_change,
    ])
  expect(await views(eva)).toEqual([
    ['Ours', 0, false],
    ['Mine alone', 2, true],
  ])
  expect(await views(ann)).toEqual([['Ours', 1, true]])
  expect(numbers(await get(`/v1/conversations?view=${own.id}&limit=1`))).toEqual([invoice.number])
  expect((await get(`/v1/conversations?view=${own.id}`, ann)).status).toBe(404)

  const change = (who: object, id: string, body: object) => ask(api, 'PATCH', `/v1/views/${id}`, { ...who, body })
  expect((await change(eva, shared.id, { name: 'Hers' })).body.code).toBe('not_your_view')
  expect((await change(ann, own.id, { name: 'Hers' })).status).toBe(404)
  expect((await change(eva, own.id, { name: 'For all', shared: true })).body).toMatchObject({ name: 'For all', shared: true })
  const order = await ask(api, 'PUT', '/v1/views/order', { ...ann, body: { ids: [own.id, shared.id] } })
  expect(order.body.items.map(({ name }: { name: string }) => name)).toEqual(['For all', 'Ours'])
  expect((await ask(api, 'DELETE', `/v1/views/${shared.id}`, eva)).status).toBe(403)
  expect((await ask(api, 'DELETE', `/v1/views/${own.id}`, eva)).status).toBe(204)
  expect(await views(eva)).toEqual([['Ours', 0, false]])
})

test('many are changed at once, as far as one may', async () => {
  const ids = [parcel.id, invoice.id, secret.id]
  const done = await bulk({ ids, set: { assignee_id: eva.userId, add_tags: ['Checked'], priority: 'high' } })
  expect(done.body).toMatchObject({ refused: [], missing: [secret.id] })
  expect(done.body.changed.sort()).toEqual([parcel.id, invoice.id].sort())
  expect(numbers(await get('/v1/conversations?assignee=me&tag=checked&priority=high'))).toHaveLength(2)
  await ask(api, 'POST', '/v1/conversations/undo', { ...eva, body: { acts: done.body.undo } })
  expect(numbers(await get('/v1/conversations?assignee=none&priority=normal'))).toHaveLength(2)
  expect((await bulk({ ids, act: 'star' })).body.changed).toHaveLength(2)
  expect(numbers(await get('/v1/conversations?starred=1'))).toHaveLength(2)
  await bulk({ ids: [parcel.id], set: { status: 'closed' } })
  const sleep = await bulk({
    ids: [parcel.id, invoice.id],
    set: { snoozed_until: new Date(api.clock.now().getTime() + 3_600_000).toISOString() },
  })
  expect(sleep.body).toMatchObject({ changed: [invoice.id], refused: [{ number: parcel.number, code: 'cannot_sleep' }] })
  await bulk({ ids: [parcel.id], act: 'delete' })
  expect(numbers(await get('/v1/conversations?deleted=1'))).toEqual([parcel.number])
  expect((await get('/v1/conversations/counts')).body.all).toMatchObject({ open: 0, snoozed: 1, deleted: 1 })
  await bulk({ ids: [parcel.id], act: 'restore' })
  expect(numbers(await get('/v1/conversations?status=closed'))).toEqual([parcel.number])
  expect((await bulk({ ids })).status).toBe(422)
  expect((await bulk({ ids, act: 'star' }, { key })).status).toBe(422)
})

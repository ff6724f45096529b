import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { anApi, ask, keyOf, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const ben = await memberOf(api, ann, 'Ben', 'agent')
const vera = await memberOf(api, ann, 'Vera', 'viewer')
const { key } = await keyOf(api, ann)

const inboxes = { support: await inboxOf('Support'), secret: await inboxOf('Secret') }
await sql`update inbox set restricted = true where id = ${inboxes.secret}`.execute(api.deps.database.db)

async function inboxOf(name: string): Promise<string> {
  const made = await ask(api, 'POST', '/v1/inboxes', { ...ann, body: { name, address: `${name.toLowerCase()}@example.com` } })
  return made.body.id
}

async function conversation(inbox = inboxes.support): Promise<{ id: string; number: number }> {
  const body = {
    inbox_id: inbox,
    channel: 'phone',
    customer: 'Bob <bob@customer.example>',
    subject: 'Parcel',
    html: '<p>Where is it?</p>',
  }
  const made = await ask(api, 'POST', '/v1/conversations', { ...ann, body })
  if (made.status >= 300) throw new Error(made.text)
  const shown = await ask(api, 'GET', `/v1/conversations/${made.body.number}`, ann)
  return shown.body
}
const patch = (by: { cookie: string } | { key: string }, id: string, body: object) =>
  ask(api, 'PATCH', `/v1/conversations/${id}`, { ...by, body })

test('an act answers with its undo; by an old page it is refused, and the answer says who was quicker', async () => {
  const { id } = await conversation()
  const assigned = await patch(ben, id, { assignee_id: ben.userId, if: { assignee_id: null } })
  expect(assigned.status).toBe(200)
  const late = await patch(ann, id, { assignee_id: ann.userId, if: { assignee_id: null } })
  expect(late.body).toMatchObject({ status: 409, code: 'changed_meanwhile', pointer: '/if/assignee_id' })
  expect(late.body.detail).toContain('Ben changed the assignee to “Ben”')

  const undone = await ask(api, 'POST', '/v1/conversations/undo', { ...ben, body: { acts: assigned.body.undo } })
  expect(undone.status).toBe(200)
  expect((await ask(api, 'GET', `/v1/conversations/${id}`, ann)).body.assignee).toBeNull()
  // What was taken back is not taken back twice; somebody else's act stays.
  await patch(ann, id, { assignee_id: ann.userId })
  expect((await ask(api, 'POST', '/v1/conversations/undo', { ...ben, body: { acts: undone.body.undo } })).status).toBe(409)
})

test('what may not be reached is not there: not to change, merge, link or choose from', async () => {
  const hidden = await conversation(inboxes.secret)
  const open = await conversation()
  expect((await patch(ben, hidden.id, { priority: 'high' })).status).toBe(404)
  expect((await patch(ben, open.id, { inbox_id: inboxes.secret })).status).toBe(404)
  expect((await ask(api, 'POST', '/v1/conversations/merge', { ...ben, body: { ids: [hidden.id, open.id] } })).status).toBe(404)
  expect((await ask(api, 'PUT', `/v1/conversations/${open.id}/links/${hidden.id}`, ben)).status).toBe(404)
  expect((await ask(api, 'PUT', `/v1/conversations/${hidden.id}/star`, ben)).status).toBe(404)
  const choices = await ask(api, 'GET', `/v1/conversations/${open.id}/choices`, ben)
  expect(choices.body.inboxes).toEqual([{ id: inboxes.support, name: 'Support' }])
  expect(choices.body.agents.map(({ name }: { name: string }) => name).sort()).toEqual(['Ann', 'Ben'])
})

test('a viewer looks and changes nothing; a key acts under its own name and has no stars', async () => {
  const { id, number } = await conversation()
  expect((await patch(vera, id, { priority: 'high' })).status).toBe(403)
  expect((await patch({ key }, id, { priority: 'high', fields: {} })).status).toBe(200)
  expect((await ask(api, 'PUT', `/v1/conversations/${id}/star`, { key })).body.code).toBe('person_needed')
  const { items } = (await ask(api, 'GET', `/v1/conversations/${number}`, ann)).body
  expect(items.at(-1).activity).toMatchObject({ what: 'priority', to: 'high', by: 'For full' })
})

test('labels, fields and tags are set up by whoever manages inboxes, each name once', async () => {
  const field = { type: 'choice', name: 'Product', options: ['Red', 'Blue'], is_required: false }
  expect((await ask(api, 'POST', '/v1/custom-fields', { ...ben, body: field })).status).toBe(403)
  const made = await ask(api, 'POST', '/v1/custom-fields', { ...ann, body: field })
  expect(made.status).toBe(201)
  expect((await ask(api, 'POST', '/v1/custom-fields', { ...ann, body: { ...field, name: 'product' } })).body.code).toBe(
    'setting_name_taken',
  )
  const { id } = await conversation()
  const wrong = await patch(ann, id, { fields: { [made.body.id]: 'Green' } })
  expect(wrong.body).toMatchObject({ code: 'field_wrong', detail: '"Product" must be one of: Red, Blue.' })
  const tagged = await patch(ann, id, { add_tags: ['VIP'], fields: { [made.body.id]: 'Red' } })
  expect(tagged.status).toBe(200)
  const tags = await ask(api, 'GET', '/v1/tags?counted=1', ben)
  expect(tags.body.items).toEqual([{ name: 'vip', color: 'grey', conversations: 1 }])
  await ask(api, 'PATCH', '/v1/tags/vip', { ...ann, body: { name: 'important' } })
  expect((await ask(api, 'GET', `/v1/conversations/${id}`, ann)).body.tags).toEqual(['important'])
})

test('labels stand in the order they are put into, and new ones come last', async () => {
  const add = async (name: string) =>
    (await ask(api, 'POST', '/v1/status-labels', { ...ann, body: { name, status: 'pending' } })).body.id as string
  const [one, two, three] = [await add('Order one'), await add('Order two'), await add('Order three')]
  const names = async () =>
    (await ask(api, 'GET', '/v1/status-labels', ann)).body.items
      .map(({ name }: { name: string }) => name)
      .filter((name: string) => name.startsWith('Order'))
  expect(await names()).toEqual(['Order one', 'Order two', 'Order three'])
  const put = (ids: string[], who: object = ann) => ask(api, 'PUT', '/v1/status-labels', { ...who, body: { ids } })
  expect((await put([three, one, two])).status).toBe(200)
  expect(await names()).toEqual(['Order three', 'Order one', 'Order two'])
  await add('Order four')
  expect(await names()).toEqual(['Order three', 'Order one', 'Order two', 'Order four'])
  expect((await put([one, two, three], ben)).status).toBe(403)
  const unknown = '01a202ef-3a6e-77c8-ac5e-754677f61267'
  expect((await put([two, unknown, one, three])).status).toBe(200)
  expect((await names()).filter((name: string) => name !== 'Order four')).toEqual(['Order two', 'Order one', 'Order three'])
})

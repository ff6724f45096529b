import { expect, test } from 'vitest'
import { collisionJobs } from '../../src/helpdesk/collisions/collisions.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const bob = await memberOf(api, ann, 'Bob', 'agent')
const post = (path: string, body: object, asker = ann as { cookie: string }) => ask(api, 'POST', path, { ...asker, body })
const codesOf = async () =>
  Object.fromEntries(
    (await ask(api, 'GET', '/v1/collisions', ann)).body.items.map((one: { address: string; effects: { code: string }[] }) => [
      one.address,
      one.effects.map(({ code }) => code),
    ]),
  )
const openIncidents = async () =>
  (await ask(api, 'GET', '/v1/incidents', ann)).body.items
    .filter((one: { kind: string }) => one.kind === 'address.collision')
    .map((one: { subject: { id: string } }) => one.subject.id)
const look = async () => {
  for (const job of collisionJobs(api.deps.database)) await job.run(api.clock.now())
}

test('an address that is two things is told of when it becomes so, and does not keep anybody from anything', async () => {
  const inbox = await post('/v1/inboxes', { name: 'Support', address: 'ann@example.com' })
  expect(inbox.status).toBe(201)
  expect(await codesOf()).toEqual({ 'ann@example.com': ['agent_inbox'] })
  expect(await openIncidents()).toEqual(['ann@example.com'])
})

test('a customer who is also an agent is found by the job that looks; what has ended is resolved', async () => {
  const contact = await post('/v1/contacts', { name: 'Bob', addresses: ['bob@example.com'] })
  expect(await openIncidents()).toEqual(['ann@example.com'])
  await look()
  expect((await openIncidents()).sort()).toEqual(['ann@example.com', 'bob@example.com'])
  await ask(api, 'PATCH', `/v1/contacts/${contact.body.id}`, { ...ann, body: { addresses: [] } })
  await look()
  expect(await openIncidents()).toEqual(['ann@example.com'])
})

test('who knows is left in peace, until the address becomes one thing more', async () => {
  const known = await post('/v1/collisions/quiet', { address: 'ann@example.com' })
  expect([known.status, known.body.known_since]).toEqual([200, api.clock.now().toISOString()])
  await look()
  expect(await openIncidents()).toEqual([])
  await post('/v1/contacts', { name: 'Ann', addresses: ['ann@example.com'] })
  await look()
  expect(await codesOf()).toEqual({ 'ann@example.com': ['agent_customer', 'agent_inbox', 'inbox_customer'] })
  expect(await openIncidents()).toEqual(['ann@example.com'])
  expect((await post('/v1/collisions/quiet', { address: 'nobody@example.com' })).status).toBe(404)
})

test('agents are not shown who collides', async () => {
  expect((await ask(api, 'GET', '/v1/collisions', bob)).status).toBe(403)
  expect((await post('/v1/collisions/quiet', { address: 'ann@example.com' }, bob)).status).toBe(403)
})

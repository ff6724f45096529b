import { expect, test } from 'vitest'
import { ENGINE } from '../../src/db/database.ts'
import { raiseIncident } from '../../src/incidents/incidents.ts'
import type { WorkspaceId } from '../../src/lib/ids.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const vera = await memberOf(api, ann, 'Vera', 'viewer')

async function raise(key: string): Promise<string> {
  const incident = {
    workspaceId: ann.workspaceId as WorkspaceId,
    key,
    kind: 'route.stopped',
    severity: 'critical' as const,
    title: 'Route Relay has stopped',
    sentence: 'The relay refuses our password.',
    hint: 'Correct it.',
    subject: { kind: 'route', id: 'relay' },
    evidence: { waiting: 3 },
  }
  return (await api.deps.database.transaction(ENGINE, (tx) => raiseIncident(tx, incident, api.clock.now()))).id
}

test('an incident is listed, taken note of, resolved, and then stands in the history with who did it', async () => {
  const id = await raise('route.stopped:a')
  const listed = await ask(api, 'GET', '/v1/incidents', ann)
  expect(listed.body).toMatchObject({ items: [{ id, state: 'open', times: 1, evidence: { waiting: 3 } }], next: null })

  const noted = await ask(api, 'POST', `/v1/incidents/${id}/acknowledge`, ann)
  expect(noted.body).toMatchObject({ state: 'acknowledged', acknowledged_by: { kind: 'user', name: 'Ann' } })
  const resolved = await ask(api, 'POST', `/v1/incidents/${id}/resolve`, ann)
  expect(resolved.body).toMatchObject({ state: 'resolved', resolved_by: { name: 'Ann' } })
  expect((await ask(api, 'GET', '/v1/incidents', ann)).body.items).toEqual([])
  expect((await ask(api, 'GET', '/v1/incidents?state=resolved', ann)).body.items).toMatchObject([{ id, state: 'resolved' }])
  expect((await ask(api, 'GET', `/v1/incidents/${id}`, ann)).body.id).toBe(id)
  expect((await ask(api, 'POST', `/v1/incidents/${id}/resolve`, ann)).body).toMatchObject({ status: 409, code: 'wrong_state' })
})

test('the history comes page by page', async () => {
  for (const key of ['p1', 'p2', 'p3']) await ask(api, 'POST', `/v1/incidents/${await raise(key)}/resolve`, ann)
  const first = await ask(api, 'GET', '/v1/incidents?state=resolved&limit=2', ann)
  expect(first.body.items.map(({ key }: { key: string }) => key)).toEqual(['p3', 'p2'])
  const second = await ask(api, 'GET', `/v1/incidents?state=resolved&limit=1&after=${first.body.next}`, ann)
  expect(second.body.items.map(({ key }: { key: string }) => key)).toEqual(['p1'])
})

test('who only looks may not resolve', async () => {
  const id = await raise('route.stopped:b')
  expect((await ask(api, 'GET', '/v1/incidents', vera)).body.items).toHaveLength(1)
  expect((await ask(api, 'POST', `/v1/incidents/${id}/resolve`, vera)).status).toBe(403)
})

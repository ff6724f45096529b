import { expect, test } from 'vitest'
import { suppressUnknownAddresses } from '../../src/delivery/suppression/suppress.ts'
import { newId, type WorkspaceId } from '../../src/lib/ids.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const vera = await memberOf(api, ann, 'Vera', 'viewer')

const addresses = async (query = '') => {
  const { body } = await ask(api, 'GET', `/v1/suppressions${query}`, ann)
  return body.items.map(({ address }: { address: string }) => address).sort()
}
const importList = (raw: string, type = 'text/csv') =>
  ask(api, 'POST', '/v1/suppressions/import', { ...ann, raw, headers: { 'content-type': type } })

test('a list is read in line by line, and comes out again as a file', async () => {
  const list =
    'address,reason,note\r\none@list.example,bounce,old\r\nnobody,,\r\none@list.example,bounce,twice\r\ntwo@list.example,manual,=1+1\r\n'
  const answer = await importList(list)
  expect(answer.status, answer.text).toBe(200)
  expect(answer.body).toMatchObject({
    lines: 4,
    added: 2,
    unchanged: 1,
    refused: 1,
    problems: [{ line: 3, problem: 'This is not an email address.' }],
    ended_at: null,
  })
  expect((await importList('"two@list.example"\n"three@list.example"', 'application/x-ndjson')).body).toMatchObject({
    added: 1,
    unchanged: 1,
  })
  expect(await addresses('?domain=list.example')).toEqual(['one@list.example', 'three@list.example', 'two@list.example'])

  const csv = await ask(api, 'GET', '/v1/suppressions/export?domain=list.example', ann)
  expect(csv.headers['content-disposition']).toContain('suppressions-2026-11-21.csv')
  expect(csv.text).toContain("two@list.example,all,manual,import,'=1+1,")
  const lines = (await ask(api, 'GET', '/v1/suppressions/export?format=jsonl&domain=list.example', ann)).text.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).address)).toHaveLength(3)
})

test('a list is refused where JSON is sent, and JSON endpoints take no lists', async () => {
  expect((await ask(api, 'POST', '/v1/suppressions/import', { ...ann, body: { address: 'a@b.example' } })).body.code).toBe(
    'list_type_needed',
  )
  const wrong = await ask(api, 'POST', '/v1/suppressions', {
    ...ann,
    raw: 'a@b.example',
    headers: { 'content-type': 'text/csv' },
  })
  expect(wrong.body.code).toBe('unsupported_media_type')
})

test('an entry may end by itself, and is found by what it is', async () => {
  const body = { address: 'short@time.example', note: 'on holiday', expires_at: '2026-11-22T12:00:00.000Z', stream: 'bulk' }
  expect((await ask(api, 'POST', '/v1/suppressions', { ...ann, body })).status).toBe(201)
  expect(await addresses('?text=HOLIDAY&stream=bulk&reason=manual&source=person')).toEqual(['short@time.example'])
  api.clock.advance(2 * 86_400_000)
  expect(await addresses('?text=holiday')).toEqual([])
  const past = { ...body, address: 'b@time.example' }
  expect((await ask(api, 'POST', '/v1/suppressions', { ...ann, body: past })).body).toMatchObject({
    status: 422,
    pointer: '/expires_at',
  })
})

test('an undo says first how many it would be, and needs to know which', async () => {
  await importList('email,note\na@undo.example,wave 7\nb@undo.example,wave 7\nc@undo.example,wave 8\n')
  const undo = (body: object) => ask(api, 'POST', '/v1/suppressions/undo', { ...ann, body })
  expect((await undo({ preview: true })).status).toBe(422)
  expect((await undo({ text: 'wave 7', preview: true })).body).toEqual({ count: 2, more: false })
  expect(await addresses('?domain=undo.example')).toHaveLength(3)
  expect((await undo({ text: 'wave 7', preview: false })).body).toEqual({ count: 2, more: false })
  expect(await addresses('?domain=undo.example')).toEqual(['c@undo.example'])
})

test('what a storm held back waits for one decision', async () => {
  const evidence = Array.from({ length: 12 }, (_, i) => ({
    address: `r${i}@storm.example`,
    deliveryId: newId(),
    note: 'unknown',
  }))
  const workspaceId = ann.workspaceId as WorkspaceId
  await api.deps.database.transaction({ as: 'engine' }, (tx) =>
    suppressUnknownAddresses(tx, workspaceId, evidence, api.clock.now()),
  )
  expect(await addresses('?domain=storm.example')).toEqual([])
  const held = await ask(api, 'GET', '/v1/suppressions/held', ann)
  expect(held.body.items).toMatchObject([{ domain: 'storm.example', addresses: 12, reply: 'unknown' }])
  const decide = (asker: { cookie: string }) =>
    ask(api, 'POST', '/v1/suppressions/held/storm.example', { ...asker, body: { decision: 'suppress' } })
  expect((await decide(vera)).status).toBe(403)
  expect((await decide(ann)).body).toEqual({ addresses: 12, taken_off: 0 })
  expect(await addresses('?domain=storm.example')).toHaveLength(12)
  expect((await decide(ann)).status).toBe(404)
})

test('the list comes page by page, none twice and none left out', async () => {
  const names = Array.from({ length: 7 }, (_, i) => `p${i}@page.example`)
  await importList(names.join('\n'))
  const seen: string[] = []
  let next: string | null = ''
  while (next !== null) {
    const { body } = await ask(api, 'GET', `/v1/suppressions?domain=page.example&limit=3${next && `&after=${next}`}`, ann)
    seen.push(...body.items.map(({ address }: { address: string }) => address))
    next = body.next
  }
  expect(seen.sort()).toEqual(names)
})

import { expect, test } from 'vitest'
import { workOnImports } from '../../src/contacts/imports/import-jobs.ts'
import { namersOfList } from '../../src/namers-of-list.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const bob = await memberOf(api, ann, 'Bob', 'agent')
const CSV = { 'content-type': 'text/csv' }
const work = () => workOnImports({ ...api.deps, namersOfList })

test('a file goes from its first look to people and back again over the API', async () => {
  const list = (await ask(api, 'POST', '/v1/lists', { ...ann, body: { name: 'News' } })).body
  const file = [
    'Email;Name',
    'ann@example.org;Ann',
    'bob;Bob',
    ...Array.from({ length: 98 }, (_, i) => `p${i}@example.org;P`),
  ].join('\n')
  expect((await ask(api, 'POST', '/v1/imports?name=a.csv', { ...bob, raw: file, headers: CSV })).status).toBe(403)
  const taken = (await ask(api, 'POST', '/v1/imports?name=a.csv', { ...ann, raw: file, headers: CSV })).body
  expect(taken).toMatchObject({ state: 'mapping', shape: { delimiter: ';', guesses: ['address', 'name'] } })
  const { delimiter, encoding, has_header, guesses: columns } = taken.shape
  const settings = {
    delimiter,
    encoding,
    has_header,
    columns,
    policy: 'fill',
    lists: [list.id],
    tags: ['fair'],
    confirmed: false,
    split_glued: false,
  }
  const checking = await ask(api, 'POST', `/v1/imports/${taken.id}/check`, {
    ...ann,
    body: { ...settings, consent: 'At the fair' },
  })
  expect([checking.status, checking.body.state]).toEqual([202, 'checking'])
  await work()
  const checked = (await ask(api, 'GET', `/v1/imports/${taken.id}`, ann)).body
  expect(checked).toMatchObject({ state: 'checked', counts: { rows: 100, new: 99, refused: 1 }, objection: null })
  const { items } = (await ask(api, 'GET', `/v1/imports/${taken.id}/rows?kind=refused`, ann)).body
  expect(items).toMatchObject([{ line: 3, raw: 'bob;Bob', reason: expect.stringContaining('bob is no address') }])
  expect((await ask(api, 'POST', `/v1/imports/${taken.id}/run`, { ...ann, body: {} })).status).toBe(202)
  await work()
  expect((await ask(api, 'GET', '/v1/lists', ann)).body.items[0].subscribed).toBe(99)
  const result = await ask(api, 'GET', `/v1/imports/${taken.id}/result`, ann)
  expect(result.text.split('\r\n').slice(0, 2)).toEqual([
    'file,line,verdict,became,repaired,address,reason,row',
    ',2,new,added,,ann@example.org,,',
  ])
  expect((await ask(api, 'DELETE', `/v1/imports/${taken.id}`, ann)).body.code).toBe('wrong_state')
  expect((await ask(api, 'POST', `/v1/imports/${taken.id}/undo`, ann)).status).toBe(202)
  await work()
  expect((await ask(api, 'GET', `/v1/imports/${taken.id}`, ann)).body).toMatchObject({
    state: 'undone',
    counts: { undone: 99, stayed: 0 },
  })
  expect((await ask(api, 'GET', '/v1/contacts', ann)).body.items).toEqual([])
})

test('a file that is no list says what to do', async () => {
  const excel = await ask(api, 'POST', '/v1/imports?name=a.xls', {
    ...ann,
    raw: Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    headers: { 'content-type': 'application/octet-stream' },
  })
  expect([excel.status, excel.body.code]).toEqual([422, 'import_refused'])
  expect(excel.body.detail).toContain('Save as')
})

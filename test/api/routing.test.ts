import { expect, test } from 'vitest'
import { anApi, ask, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)

test('after a rule is removed, the first of those left can still be moved behind the next', async () => {
  const ids: string[] = []
  for (const name of ['one', 'two', 'three']) {
    const { body } = await ask(api, 'POST', '/v1/rules', { ...ann, body: { name, conditions: {}, targets: [] } })
    ids.push(body.id)
  }
  await ask(api, 'DELETE', `/v1/rules/${ids[0]}`, ann)
  await ask(api, 'PATCH', `/v1/rules/${ids[1]}`, { ...ann, body: { position: 1 } })
  const { body } = await ask(api, 'GET', '/v1/rules', ann)
  expect(body.items.map(({ name, position }: { name: string; position: number }) => [name, position])).toEqual([
    ['three', 0],
    ['two', 1],
  ])
})

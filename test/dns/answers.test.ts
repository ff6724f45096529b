import { expect, test } from 'vitest'
import { createAnswers } from '../../src/dns/answers.ts'

test('of more answers than are kept, those learned longest ago are forgotten', async () => {
  const asked: string[] = []
  const answers = createAnswers<string>(
    () => 60,
    () => 0,
    2,
  )
  const get = (name: string) =>
    answers.get(name, async () => {
      asked.push(name)
      return { ok: true, found: name }
    })
  for (const name of ['a', 'b', 'c']) await get(name)
  await get('b')
  await get('c')
  await get('a')
  expect(asked).toEqual(['a', 'b', 'c', 'a'])
})

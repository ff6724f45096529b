import { expect, test } from 'vitest'
import { z } from 'zod'
import { NODE_TYPES } from '../../../src/workflows/definition/catalogue.ts'
import { check } from '../../../src/workflows/definition/check.ts'

const NOW = new Date('2026-03-02T09:00:00Z')

function said(type: string, config: object): readonly { sentence: string; field: string | null; fix: string }[] {
  const graph = { schema: 'workflow/1', name: 'Test', subject: 'conversation', nodes: { a: { type, config } } }
  return check(graph, { now: NOW }).problems.filter(({ code }) => code === 'config')
}

test('a setting that no step has is named, with those there are', () => {
  expect(said('conversation.subject@1', { subject: 'Hello', subjct: 'x' })).toMatchObject([
    {
      sentence: 'There is no setting “subjct” here.',
      field: 'subjct',
      fix: 'Remove it, or correct its name. There are: subject.',
    },
  ])
})

test('whatever is wrong with the settings of a step is said without words of a library', () => {
  const wrong = ['zzz', 5, -1, 1e9, true, [], [5], { a: 1 }, { who: 'zzz' }, { by: 'zzz' }, 'x'.repeat(200_000)]
  const sentences = NODE_TYPES.flatMap(({ type, config }) => {
    const keys = config instanceof z.ZodObject ? Object.keys(config.shape) : ['who', 'for']
    return [{}, { zap: 1 }, ...keys.flatMap((key) => wrong.map((value) => ({ [key]: value })))].flatMap((given) =>
      said(type, given),
    )
  })
  expect(sentences.length).toBeGreaterThan(1_000)
  const odd = sentences.filter(({ sentence }) =>
    /Invalid|Unrecognized|Too (small|big)|expected|received|undefined/.test(sentence),
  )
  expect(odd).toEqual([])
})

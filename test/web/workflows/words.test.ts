import { expect, test } from 'vitest'
import { NODE_TYPES } from '../../../src/workflows/definition/catalogue.ts'
import { FIELDS } from '../../../src/workflows/definition/fields.ts'
import { t } from '../../../web/texts/texts.ts'
import { choicesOf, type Schema, schemaOf } from '../../../web/workflows/form/schema.ts'
import { choiceLabel, hintOf } from '../../../web/workflows/form/words.ts'

interface Found {
  readonly path: string
  readonly schema: Schema
}

function fieldsIn(schema: Schema, path: string): Found[] {
  if (schema.role === 'condition') return []
  const under = [
    ...Object.entries(schema.properties ?? {}).map(([key, one]) => [one, path === '' ? key : `${path}.${key}`] as const),
    ...(schema.items ? [[schema.items, `${path}.0`] as const] : []),
    ...choicesOf(schema).map((one) => [one, path] as const),
  ]
  return [{ path, schema }, ...under.flatMap(([one, at]) => fieldsIn(one, at))]
}

const fields = NODE_TYPES.flatMap((type) => fieldsIn(schemaOf(type), '').map((field) => ({ ...field, type: type.type })))

test('each choice of each step is called something, and never by what it is called in the file', () => {
  const choices = fields.flatMap(({ path, schema, type }) =>
    [...(schema.enum ?? []), ...(schema.const === undefined ? [] : [schema.const])].map((value) => ({ type, path, value })),
  )
  const ofFields = FIELDS.flatMap(({ name, options = [] }) => options.map((value) => ({ type: 'if@1', path: name, value })))
  expect(choices.length).toBeGreaterThan(100)
  const nameless = [...choices, ...ofFields].filter(
    ({ path, value }) => choiceLabel(path, value) === value && !path.endsWith('method'),
  )
  expect(nameless).toEqual([])
})

test('each field of each step has a name for people', () => {
  const nameless = fields.filter(({ path, schema, type }) => {
    if (path === '' || schema.const !== undefined || /\.0$/.test(path)) return false
    return !fields.some((other) => other.type === type && other.path === path && other.schema.title !== undefined)
  })
  expect(nameless.map(({ type, path }) => `${type} ${path}`)).toEqual([])
})

test('each hint is of a field that there is', () => {
  const lost = Object.keys(t.workflowForms.hints).filter(
    (key) => !fields.some(({ type, path }) => hintOf(type, path) === t.workflowForms.hints[key]),
  )
  expect(lost).toEqual([])
})

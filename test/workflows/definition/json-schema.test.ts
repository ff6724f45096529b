import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { NODE_TYPES } from '../../../src/workflows/definition/catalogue.ts'
import { workflowJsonSchema } from '../../../src/workflows/definition/json-schema.ts'

test('the JSON Schema of workflow/1 knows every kind of node, and says what fields are', () => {
  const text = JSON.stringify(workflowJsonSchema())
  for (const { title } of NODE_TYPES) expect(text).toContain(`"title":${JSON.stringify(title)}`)
  for (const { type } of NODE_TYPES) expect(text).toContain(`"const":"${type}"`)
  expect(text).toContain('"x-role":"expression"')
  expect(text).not.toContain('"role":')
})

test('every reference within it leads somewhere', () => {
  const schema = workflowJsonSchema()
  const defs = Object.keys(schema.$defs as object)
  const refs = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map((found) => found[1])
  expect(refs.length).toBeGreaterThan(20)
  expect(refs.filter((ref) => !defs.includes(ref ?? ''))).toEqual([])
})

test('docs/workflow.schema.json is as the kinds of nodes say (after a change: npm run codegen)', async () => {
  const written = await readFile(join(import.meta.dirname, '../../../docs/workflow.schema.json'), 'utf8')
  expect(JSON.parse(written)).toEqual(workflowJsonSchema())
})

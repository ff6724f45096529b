/**
 * Writes docs/openapi.json, docs/errors.md and docs/workflow.schema.json from endpoints, refusals and kinds of nodes. Part of `npm run codegen`; alone:
 * `node bin/api-docs.ts`. test/contract.test.ts says when it was forgotten.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorsMarkdown } from '../src/api/error-page.ts'
import { openApi } from '../src/api/openapi.ts'
import { workflowJsonSchema } from '../src/workflows/definition/json-schema.ts'

const DOCS = join(import.meta.dirname, '..', 'docs')

export async function writeApiDocs(): Promise<void> {
  await writeFile(join(DOCS, 'openapi.json'), `${JSON.stringify(openApi(), null, 2)}\n`)
  await writeFile(join(DOCS, 'errors.md'), errorsMarkdown())
  await writeFile(join(DOCS, 'workflow.schema.json'), `${JSON.stringify(workflowJsonSchema(), null, 2)}\n`)
}

if (process.argv[1] === import.meta.filename) await writeApiDocs()

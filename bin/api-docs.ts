/**
 * Writes docs/openapi.json and docs/errors.md from the endpoints and the catalogue of refusals. Part of `npm run codegen`; alone:
 * `node bin/api-docs.ts`. test/contract.test.ts says when it was forgotten.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorsMarkdown } from '../src/api/error-page.ts'
import { openApi } from '../src/api/openapi.ts'

const DOCS = join(import.meta.dirname, '..', 'docs')

export async function writeApiDocs(): Promise<void> {
  await writeFile(join(DOCS, 'openapi.json'), `${JSON.stringify(openApi(), null, 2)}\n`)
  await writeFile(join(DOCS, 'errors.md'), errorsMarkdown())
}

if (process.argv[1] === import.meta.filename) await writeApiDocs()

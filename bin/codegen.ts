/**
 * Writes what follows from other files: src/db/schema.ts from the migrations, docs/openapi.json and docs/errors.md from the endpoints,
 * the tables of README.md and docs/*.md from the code. Run it after a change of these; test/db/schema.test.ts, test/contract.test.ts and
 * test/docs.test.ts say when it was forgotten.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { ConnectionParts } from '../src/db/connection.ts'
import { startEmbeddedPostgres } from '../src/db/embedded/start.ts'
import { migrate } from '../src/db/migrate.ts'
import { createLog } from '../src/log.ts'
import { writeApiDocs } from './api-docs.ts'
import { writeDocTables } from './doc-tables.ts'

const ROOT = join(import.meta.dirname, '..')

/** The types of a migrated database, as Kysely wants them. */
export async function schemaTypes(connection: ConnectionParts): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-codegen-'))
  const out = join(folder, 'schema.ts')
  try {
    const url = `postgres://${connection.user}@localhost:${connection.port}/${connection.database}?host=${encodeURIComponent(connection.host)}`
    execFileSync(
      join(ROOT, 'node_modules/.bin/kysely-codegen'),
      ['--dialect', 'postgres', '--url', url, '--out-file', out, '--exclude-pattern', '*_20[0-9][0-9]_[0-9][0-9]'],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
    return await readFile(out, 'utf8')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename) {
  const dataDir = await mkdtemp(join(tmpdir(), 'waybill-codegen-data-'))
  const progress = () => {}
  const server = await startEmbeddedPostgres({ dataDir, log: createLog({ level: 'warn' }), progress: progress, durable: false })
  const pool = new pg.Pool({ ...server.connection, max: 2 })
  // `end` does not wait until its connections are closed, and a server that stops tells those that are not.
  pool.on('error', () => {})
  try {
    await migrate(pool, { progress: progress })
    await writeFile(join(ROOT, 'src/db/schema.ts'), await schemaTypes(server.connection))
    await writeApiDocs()
    await writeDocTables()
  } finally {
    await pool.end()
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/**
 * Our side: a file of people from its first byte to people on a list with the proof of it, on the production path: stored, every row looked at, then
 * written. And the peer, in the same database: COPY of the very rows that came of it into the same tables, emptied before, with their indexes and keys.
 */

import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sql } from 'kysely'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import type { Actor } from '../src/accounts/actor.ts'
import { workOnImports } from '../src/contacts/imports/import-jobs.ts'
import { checkImport, readImport, runImport } from '../src/contacts/imports/imports.ts'
import { takeFile } from '../src/contacts/imports/take-file.ts'
import { createList } from '../src/contacts/lists.ts'
import { ENGINE } from '../src/db/database.ts'
import { newId, type UserId, type WorkspaceId } from '../src/lib/ids.ts'
import { createLog } from '../src/log.ts'
import { namersOfList } from '../src/namers-of-list.ts'
import { openStore, type Store } from '../src/store.ts'
import { answerParent, childInput } from './child.ts'
import { COLUMNS, peopleFile } from './import-file.ts'

export interface ImportInput {
  readonly rows: number
}

export interface ImportOutput {
  readonly seconds: number
  readonly copySeconds: number
  /** Of this process, at its highest while the file was imported. */
  readonly residentMegabytes: number
  /** When a tenth of the rows was written, and at the end. */
  readonly residentThen: readonly number[]
  readonly counts: Readonly<Record<string, unknown>>
}

/** Where the rows of an import end, each before those that refer to it. */
const TABLES = ['contact', 'contact_address', 'list_member', 'consent_event'] as const

const input = childInput<ImportInput>()
const dataDir = await mkdtemp(join(tmpdir(), 'waybill-bench-'))
const store = await openStore(
  { dataDir, databaseUrl: null, secret: 'bench'.repeat(8) },
  { as: 'serve', log: createLog({ level: 'warn' }), progress: () => {} },
)
let output: ImportOutput
try {
  // Nothing but the workspace: what furnishes a server hashes passwords, and its memory would be told as that of importing.
  const workspaceId = newId<WorkspaceId>(store.clock.now().getTime())
  await sql`insert into workspace (id, name, created_at) values (${workspaceId}, 'Bench', now())`.execute(store.database.db)
  const ours = await importAll(store, workspaceId)
  output = { ...ours, copySeconds: await copyAll(store) }
} finally {
  await store.close()
  await rm(dataDir, { recursive: true, force: true })
}
answerParent(output)

async function importAll(from: Store, workspaceId: WorkspaceId): Promise<Omit<ImportOutput, 'copySeconds'>> {
  const { database, clock } = from
  const actor: Actor = { kind: 'user', id: newId<UserId>(), name: 'Bench', workspaceId, role: 'owner' }
  await sql`insert into contact_field (workspace_id, key, label, type, created_at, updated_at)
            values (${workspaceId}, 'plan', 'Plan', 'text', now(), now())`.execute(database.db)
  const list = await database.transaction(ENGINE, (tx) => createList(tx, { name: 'Everybody' }, actor, clock.now()))
  const by = { workspaceId, actor: null }
  const memory = watchMemory()
  const startedMs = performance.now()
  const content = Readable.from(peopleFile(input.rows), { objectMode: false })
  const { id, shape } = await takeFile(database, { name: 'people.csv', content }, by, () => clock.now())
  if (!shape) throw new Error('nothing was found in the file')
  const { delimiter, encoding, hasHeader } = shape
  const settings = {
    ...{ delimiter, encoding, hasHeader, columns: COLUMNS, policy: 'fill' as const, lists: [list.id], tags: [] },
    ...{ consent: 'Asked for it at the fair', confirmed: false, splitGlued: false, acceptInvalid: false },
  }
  const scope = { as: 'api', workspaceId } as const
  await database.transaction(scope, (tx) => checkImport(tx, id, settings, by, clock.now()))
  await workOnImports({ ...from, namersOfList })
  await database.transaction(scope, (tx) => runImport(tx, id, { acceptInvalid: false }, by, clock.now()))
  await workOnImports({ ...from, namersOfList })
  const seconds = (performance.now() - startedMs) / 1_000
  const { counts, state, problem } = await readImport(database.db, workspaceId, id)
  if (state !== 'done' || counts.added !== input.rows) throw new Error(`${counts.added} of ${input.rows} were added. ${problem}`)
  return { seconds, ...memory.end(), counts: { ...counts } }
}

function watchMemory(): { end(): Pick<ImportOutput, 'residentMegabytes' | 'residentThen'> } {
  const then: number[] = []
  const timer = setInterval(() => then.push(process.memoryUsage.rss() / 1_048_576), 100)
  return {
    end() {
      clearInterval(timer)
      const at = (part: number) => Math.round(then[Math.floor((then.length - 1) * part)] ?? 0)
      return { residentMegabytes: Math.max(...then), residentThen: [at(0.1), at(0.5), at(1)] }
    },
  }
}

async function copyAll({ database }: Store): Promise<number> {
  const client = await database.pool.connect()
  await client.query('set statement_timeout = 0')
  const file = (table: string) => join(dataDir, `${table}.copy`)
  const columnsOf = new Map<string, string>()
  for (const table of TABLES) {
    const { rows } = await client.query<{ columns: string }>(
      "select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
      [table],
    )
    columnsOf.set(table, rows[0]?.columns ?? '')
    const read = client.query(copyTo(`copy (select ${columnsOf.get(table)} from ${table}) to stdout`))
    await pipeline(read, createWriteStream(file(table)))
  }
  await client.query('truncate contact, import_batch cascade')
  let seconds = 0
  for (const table of TABLES) {
    const startedMs = performance.now()
    const target = client.query(copyFrom(`copy ${table} (${columnsOf.get(table)}) from stdin`))
    const finished = once(target, 'finish')
    createReadStream(file(table)).pipe(target)
    await finished
    seconds += (performance.now() - startedMs) / 1_000
    const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${table}`)
    if (rows[0]?.n !== input.rows) throw new Error(`${rows[0]?.n} rows are in ${table}`)
  }
  client.release()
  return seconds
}

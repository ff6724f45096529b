import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { createBlobStore, INLINE_BYTES } from '../../src/blobs/blob-store.ts'
import { ENGINE, openDatabase } from '../../src/db/database.ts'
import { newId, type WorkspaceId } from '../../src/lib/ids.ts'
import { testDatabase } from '../support/database.ts'

const database = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 4, applicationName: 'test' })
const folder = await mkdtemp(join(tmpdir(), 'waybill-blobs-'))
afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true, force: true })
})
const { db } = database
const blobs = createBlobStore(folder)
const NOW = new Date()

async function workspace(): Promise<WorkspaceId> {
  const id = newId<WorkspaceId>()
  await sql`insert into workspace (id, name, created_at) values (${id}, 'Shop', ${NOW})`.execute(db)
  return id
}

async function store(workspaceId: WorkspaceId, bytes: Buffer) {
  const staged = await blobs.stage(workspaceId, bytes)
  await database.transaction({ as: 'api', workspaceId }, (tx) => blobs.put(tx, [staged], NOW))
  return { ...staged, hex: staged.hash.toString('hex') }
}

async function readBack(workspaceId: WorkspaceId, hex: string): Promise<Buffer | null> {
  const content = (await blobs.read(db, workspaceId, [hex])).get(hex)
  return content === undefined ? null : Buffer.from(content, 'latin1')
}

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i))

test.each([
  ['a short ASCII text', 'ascii', Buffer.from('Hello\r\n')],
  ['nothing at all', 'ascii', Buffer.alloc(0)],
  ['quotes, braces and backslashes', 'ascii', Buffer.from(`{"a'b\\",\\x41}\r\n`)],
  ['bytes above 127', 'bytes', everyByte.subarray(1)],
  ['a NUL', 'location', everyByte],
  ['the largest ASCII that lives in its row', 'ascii', Buffer.alloc(INLINE_BYTES, 'a')],
  ['one byte more', 'location', Buffer.alloc(INLINE_BYTES + 1, 'a')],
  ['a large binary', 'location', randomBytes(1_000_000)],
] as const)('%s comes back byte by byte, kept in %s', async (_, place, bytes) => {
  const workspaceId = await workspace()
  const { hex } = await store(workspaceId, bytes)
  expect(hex).toBe(createHash('sha256').update(bytes).digest('hex'))
  expect(await readBack(workspaceId, hex)).toEqual(bytes)
  const { rows } = await sql<{ place: string }>`
    select case when ascii is not null then 'ascii' when bytes is not null then 'bytes' else 'location' end as place
      from blob where workspace_id = ${workspaceId}`.execute(db)
  expect(rows).toEqual([{ place }])
})

test('many are read at once, each under its own name', async () => {
  const workspaceId = await workspace()
  const contents = Array.from({ length: 20 }, (_, i) => (i % 5 === 0 ? randomBytes(300_000) : Buffer.from(`content ${i}`)))
  const stored = await Promise.all(contents.map((bytes) => store(workspaceId, bytes)))
  const found = await blobs.read(db, workspaceId, [...stored.map(({ hex }) => hex), '0'.repeat(64)])
  expect(found.size).toBe(20)
  stored.forEach(({ hex }, i) => void expect(Buffer.from(found.get(hex)!, 'latin1').equals(contents[i]!)).toBe(true))
})

test('the same content is kept once, however often and in however many transactions it comes', async () => {
  const workspaceId = await workspace()
  const bytes = randomBytes(300_000)
  await Promise.all(Array.from({ length: 8 }, () => store(workspaceId, bytes)))
  const { rows } = await sql<{ n: number }>`select count(*) as n from blob where workspace_id = ${workspaceId}`.execute(db)
  expect(rows[0]?.n).toBe(1)
  const files = (await readdir(join(folder, workspaceId), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  )
  expect(files.map(({ name }) => name)).toHaveLength(1)
})

test('one workspace cannot learn what another holds', async () => {
  const [ours, theirs] = [await workspace(), await workspace()]
  const { hex } = await store(ours, Buffer.from('a secret'))
  expect(await readBack(theirs, hex)).toBeNull()
  await database.transaction({ as: 'api', workspaceId: theirs }, async (tx) => {
    expect((await blobs.read(tx, ours, [hex])).size).toBe(0)
  })
})

test('a row that was rolled back leaves at most a file that nothing names', async () => {
  const workspaceId = await workspace()
  const staged = await blobs.stage(workspaceId, randomBytes(300_000))
  const undone = database.transaction(ENGINE, async (tx) => {
    await blobs.put(tx, [staged], NOW)
    throw new Error('undo')
  })
  await expect(undone).rejects.toThrow('undo')
  expect(await readBack(workspaceId, staged.hash.toString('hex'))).toBeNull()
})

test('when the file cannot be written nothing refers to it, and nothing half-written is left', async () => {
  const workspaceId = await workspace()
  await writeFile(join(folder, workspaceId), 'a file where the folder should be')
  await expect(blobs.stage(workspaceId, randomBytes(300_000))).rejects.toThrow(/EEXIST|ENOTDIR/)
  const { rows } = await sql`select from blob where workspace_id = ${workspaceId}`.execute(db)
  expect(rows).toEqual([])
  expect((await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

async function aLargeOne() {
  const workspaceId = await workspace()
  const bytes = randomBytes(300_000)
  const { hex, location } = await store(workspaceId, bytes)
  return { workspaceId, bytes, hex, path: join(folder, location!) }
}

test('a file that is gone has no content', async () => {
  const { workspaceId, hex, path } = await aLargeOne()
  await rm(path)
  expect(await readBack(workspaceId, hex)).toBeNull()
})

test('a file that became shorter has no content: half a message must not be sent', async () => {
  const { workspaceId, hex, path } = await aLargeOne()
  await truncate(path, 200_000)
  expect(await readBack(workspaceId, hex)).toBeNull()
})

test('a file of which one byte changed has no content', async () => {
  const { workspaceId, hex, path } = await aLargeOne()
  const changed = await readFile(path)
  changed[123_456]! ^= 1
  await writeFile(path, changed)
  expect(await readBack(workspaceId, hex)).toBeNull()
})

test('a file that cannot be read has no content, and the others are read', async () => {
  const { workspaceId, hex, path } = await aLargeOne()
  const other = await store(workspaceId, Buffer.from('fine'))
  await rm(path)
  // Reading a folder fails with EISDIR, as a broken disk would with EIO: an answer other than "there is no such file".
  await symlink(folder, path)
  const found = await blobs.read(db, workspaceId, [hex, other.hex])
  expect([...found.keys()]).toEqual([other.hex])
})

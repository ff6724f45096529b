/** A file comes in: it is kept in pieces in the database, whatever tool sent it, and a first look is taken at it. */
import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import type { Database, Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { newId, type WorkspaceId } from '../../lib/ids.ts'
import { type ImportFile, type ImportId, NO_COUNTS, type Shape } from './import.ts'
import { type ImportBatch, insertImport, insertPart, selectImport, selectPart, updateImport } from './queries.ts'
import { encodingOf, sniff } from './sniff.ts'
import { contentOf, readZip } from './zip.ts'

export const MAX_FILE_BYTES = 1024 * 1024 * 1024
/** An archive is unpacked from memory. */
export const MAX_ZIP_BYTES = 64 * 1024 * 1024
const MAX_UNPACKED_BYTES = 2 * MAX_FILE_BYTES
const PART_BYTES = 1024 * 1024
const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

/** Who imports. */
export interface Importer {
  readonly workspaceId: WorkspaceId
  readonly actor: string | null
}

export interface TakenFile {
  readonly name: string
  readonly content: AsyncIterable<Uint8Array>
}

/** Outside of any transaction: each piece is one. A file that breaks off leaves an import that is cleared away a day later. */
export async function takeFile(database: Database, file: TakenFile, by: Importer, now: () => Date): Promise<ImportBatch> {
  const { workspaceId } = by
  const scope = { as: 'api', workspaceId } as const
  const begun = newImport(file.name, by, now())
  await database.transaction(scope, (tx) => insertImport(tx, begun))
  const store = partStore((n, content) => database.transaction(scope, (tx) => insertPart(tx, workspaceId, begun.id, n, content)))
  try {
    const files = await storeFiles(file, store)
    const shape = await lookAt(database.db, workspaceId, begun.id, files, store.isUtf8())
    const taken = { ...begun, state: 'mapping' as const, bytes: store.bytes(), shape }
    await database.transaction(scope, (tx) => updateImport(tx, taken, now()))
    return taken
  } catch (error) {
    const problem = error instanceof Refusal ? error.message : 'The file did not come whole.'
    const failed = { ...begun, state: 'failed' as const, problem, finishedAt: now() }
    await database.transaction(scope, (tx) => updateImport(tx, failed, now())).catch(() => {})
    throw error
  }
}

export function newImport(name: string, by: Importer, now: Date): ImportBatch {
  return {
    workspaceId: by.workspaceId,
    id: newId<ImportId>(now.getTime()),
    name: name.slice(0, 200) || 'people.csv',
    state: 'uploading',
    bytes: 0,
    shape: null,
    settings: null,
    counts: NO_COUNTS,
    cursor: 0,
    problem: '',
    actor: by.actor,
    createdAt: now,
    updatedAt: now,
    finishedAt: null,
  }
}

interface PartStore {
  add(bytes: Uint8Array): Promise<void>
  /** Ends a file; answers the number of the next part. */
  endFile(): Promise<number>
  bytes(): number
  isUtf8(): boolean
}

function partStore(write: (n: number, content: Buffer) => Promise<void>): PartStore {
  let waiting: Uint8Array[] = []
  let size = 0
  let n = 0
  let total = 0
  let utf8 = true
  let checker = new TextDecoder('utf-8', { fatal: true })
  const flush = async () => {
    if (size === 0) return
    const content = await deflate(Buffer.concat(waiting), { level: 1 })
    waiting = []
    size = 0
    await write(n, content as Buffer)
    n += 1
  }
  return {
    async add(bytes) {
      total += bytes.length
      if (total > MAX_UNPACKED_BYTES) throw refusal('The file is larger than 2 GB. Split it.')
      utf8 = utf8 && isUtf8(checker, bytes)
      for (let at = 0; at < bytes.length; ) {
        const piece = bytes.subarray(at, at + PART_BYTES - size)
        waiting.push(Buffer.from(piece))
        size += piece.length
        at += piece.length
        if (size >= PART_BYTES) await flush()
      }
    },
    async endFile() {
      await flush()
      checker = new TextDecoder('utf-8', { fatal: true })
      return n
    },
    bytes: () => total,
    isUtf8: () => utf8,
  }
}

function isUtf8(checker: InstanceType<typeof TextDecoder>, bytes: Uint8Array): boolean {
  try {
    checker.decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

async function storeFiles(file: TakenFile, store: PartStore): Promise<ImportFile[]> {
  let held: Buffer | null = Buffer.alloc(0)
  let isZip: boolean | null = null
  for await (const chunk of file.content) {
    if (held === null) {
      await store.add(chunk)
      continue
    }
    held = Buffer.concat([held, chunk])
    if (isZip === null && held.length >= 8) isZip = isArchive(held)
    if (isZip && held.length > MAX_ZIP_BYTES)
      throw refusal('The archive is larger than 64 MB. Unpack it and import its files one by one.')
    if (isZip === false) {
      await store.add(held)
      held = null
    }
  }
  if (held !== null && isZip) return await storeZip(held, store)
  if (held !== null) await store.add(held)
  if (store.bytes() === 0) throw refusal('The file is empty.')
  return [{ name: file.name, from: 0, to: await store.endFile() }]
}

/** What a spreadsheet program writes by itself is no list of lines. */
const SPREADSHEET =
  'This is a spreadsheet file, which is not read. Open it, choose “Save as” or “Download”, and “CSV UTF-8” as the kind of file; then import that.'

function isArchive(start: Buffer): boolean {
  if (start.readUInt32BE(0) === 0xd0cf11e0) throw refusal(SPREADSHEET)
  return start.readUInt32BE(0) === 0x504b0304
}

async function storeZip(bytes: Buffer, store: PartStore): Promise<ImportFile[]> {
  const entries = readZip(bytes)
  if (entries === null)
    throw refusal('The archive is damaged, or not of a kind that can be read. Unpack it and import its files.')
  if (entries.some(({ name }) => /^(xl\/|content\.xml$|mimetype$|Index\/Document\.iwa$)/.test(name))) throw refusal(SPREADSHEET)
  const texts = entries.filter(({ name }) => /\.(csv|tsv|txt)$/i.test(name) && !/(^|\/)(__MACOSX\/|\.)/.test(name))
  if (texts.length === 0) throw refusal('There is no CSV or TSV file in this archive.')
  if (texts.some(({ isEncrypted }) => isEncrypted)) throw refusal('The archive has a password. Unpack it and import its files.')
  if (texts.some(({ method }) => method !== 0 && method !== 8))
    throw refusal('The archive is packed in a way that is not read here. Unpack it and import its files.')
  const files: ImportFile[] = []
  let from = 0
  for (const entry of texts) {
    try {
      for await (const piece of contentOf(entry)) await store.add(piece)
    } catch (error) {
      throw error instanceof Refusal ? error : refusal(`The file ${entry.name} in the archive is damaged.`)
    }
    const to = await store.endFile()
    if (to > from) files.push({ name: entry.name.slice(0, 200), from, to })
    from = to
  }
  if (files.length === 0) throw refusal('The files in this archive are empty.')
  return files
}

function refusal(why: string): Refusal {
  return new Refusal('import_refused', { why })
}

/** The bytes of one part. */
export async function readPart(db: Db | Tx, workspaceId: WorkspaceId, id: ImportId, n: number): Promise<Buffer> {
  const packed = await selectPart(db, workspaceId, id, n)
  if (packed === null) throw new Error(`part ${n} of import ${id} is gone`)
  return (await inflate(packed)) as Buffer
}

async function lookAt(
  db: Db,
  workspaceId: WorkspaceId,
  id: ImportId,
  files: readonly ImportFile[],
  utf8: boolean,
): Promise<Shape> {
  const start = await readPart(db, workspaceId, id, files[0]?.from ?? 0)
  const encoding = encodingOf(start, utf8)
  const found = sniff(new TextDecoder(encoding).decode(start), start.length < PART_BYTES)
  if (found.sample.length === 0) throw refusal('There is no text in this file.')
  return { files, encoding, ...found }
}

/** The sample once more, read as a person says. */
export async function startOf(
  db: Db | Tx,
  { workspaceId, id, shape }: ImportBatch,
  encoding: string,
): Promise<{ text: string; isWhole: boolean }> {
  const start = await readPart(db, workspaceId, id, shape?.files[0]?.from ?? 0)
  return { text: new TextDecoder(encoding).decode(start), isWhole: start.length < PART_BYTES }
}

export { selectImport as findImport }

/** A file comes in: it is kept in pieces in the database, whatever tool sent it, and a first look is taken at it. */
import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import type { Database, Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { newId, type WorkspaceId } from '../../lib/ids.ts'
import { type Exported, readAnswers, toCsv } from '../migration/from-json.ts'
import { MAX_SOURCE_LISTS } from '../migration/source.ts'
import { type ImportFile, type ImportId, NO_COUNTS, type Shape } from './import.ts'
import { type ImportBatch, insertImport, insertPart, selectImport, selectPart, updateImport } from './queries.ts'
import { encodingOf, sniff } from './sniff.ts'
import { contentOf, readZip, type ZipEntry } from './zip.ts'

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
    const stored = await storeFiles(file, store)
    const shape = await lookAt(database.db, workspaceId, begun.id, stored, store.isUtf8())
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

interface Stored {
  readonly files: readonly ImportFile[]
  /** Of an answer of another tool's interface: which one, and its lists. */
  readonly exported: Pick<Exported, 'source' | 'lists'> | null
}

/** How a file begins says whether it has to be held in memory: archives, and JSON. */
async function storeFiles(file: TakenFile, store: PartStore): Promise<Stored> {
  let held: Buffer | null = Buffer.alloc(0)
  let kind: 'zip' | 'json' | 'text' | null = null
  for await (const chunk of file.content) {
    if (held === null) {
      await store.add(chunk)
      continue
    }
    held = Buffer.concat([held, chunk])
    if (kind === null && held.length >= 8) kind = kindOf(held)
    if ((kind === 'zip' || kind === 'json') && held.length > MAX_ZIP_BYTES)
      throw refusal(kind === 'zip' ? TOO_LARGE.zip : TOO_LARGE.json)
    if (kind === 'text') {
      await store.add(held)
      held = null
    }
  }
  if (held !== null && kind === 'zip') return await storeZip(held, store)
  const answers = held !== null && kind === 'json' ? parseJson(held) : null
  if (answers !== null) return await storeAnswers(file.name, [answers], store)
  if (held !== null) await store.add(held)
  if (store.bytes() === 0) throw refusal('The file is empty.')
  return { files: [{ name: file.name, from: 0, to: await store.endFile() }], exported: null }
}

const TOO_LARGE = {
  zip: 'The archive is larger than 64 MB. Unpack it and import its files one by one.',
  json: 'The JSON file is larger than 64 MB. Ask for fewer people a page, and import the pages one by one.',
}

function kindOf(start: Buffer): 'zip' | 'json' | 'text' {
  if (isArchive(start)) return 'zip'
  return /^\ufeff?\s*[[{]/.test(start.toString('utf8')) ? 'json' : 'text'
}

/** Null: it only looked like JSON. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, '')) as unknown
  } catch {
    return null
  }
}

/** What another tool answered becomes a file like others. */
async function storeAnswers(name: string, answers: readonly unknown[], store: PartStore): Promise<Stored> {
  const exported = readAnswers(answers)
  if (exported === null)
    throw refusal(
      'This is JSON, and no list of contacts of Keila (GET /api/v1/contacts) or subscribers of listmonk (GET /api/subscribers). CSV is read whatever tool it comes from.',
    )
  if (exported.lists.length > MAX_SOURCE_LISTS)
    throw refusal(`These people are on more than ${MAX_SOURCE_LISTS} lists. Export fewer lists at a time.`)
  for (const lines of inBatches(toCsv(exported), LINES_AT_ONCE)) await store.add(Buffer.from(lines.join('')))
  return { files: [{ name, from: 0, to: await store.endFile() }], exported }
}

const LINES_AT_ONCE = 1_000

function* inBatches<T>(all: Iterable<T>, size: number): Generator<T[]> {
  let some: T[] = []
  for (const one of all) {
    some.push(one)
    if (some.length < size) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}

/** What a spreadsheet program writes by itself is no list of lines. */
const SPREADSHEET =
  'This is a spreadsheet file, which is not read. Open it, choose “Save as” or “Download”, and “CSV UTF-8” as the kind of file; then import that.'

function isArchive(start: Buffer): boolean {
  if (start.readUInt32BE(0) === 0xd0cf11e0) throw refusal(SPREADSHEET)
  return start.readUInt32BE(0) === 0x504b0304
}

async function storeZip(bytes: Buffer, store: PartStore): Promise<Stored> {
  const entries = readZip(bytes)
  if (entries === null)
    throw refusal('The archive is damaged, or not of a kind that can be read. Unpack it and import its files.')
  if (entries.some(({ name }) => /^(xl\/|content\.xml$|mimetype$|Index\/Document\.iwa$)/.test(name))) throw refusal(SPREADSHEET)
  const named = entries.filter(({ name }) => !/(^|\/)(__MACOSX\/|\.)/.test(name))
  const jsons = named.filter(({ name }) => /\.json$/i.test(name))
  const texts = named.filter(({ name }) => /\.(csv|tsv|txt)$/i.test(name))
  if (texts.length + jsons.length === 0) throw refusal('There is no CSV, TSV or JSON file in this archive.')
  if (texts.length > 0 && jsons.length > 0)
    throw refusal('There are CSV and JSON files in this archive: one says what the other says. Import one kind of them.')
  const wanted = [...texts, ...jsons]
  if (wanted.some(({ isEncrypted }) => isEncrypted)) throw refusal('The archive has a password. Unpack it and import its files.')
  if (wanted.some(({ method }) => method !== 0 && method !== 8))
    throw refusal('The archive is packed in a way that is not read here. Unpack it and import its files.')
  if (jsons.length > 0) return await storeAnswers(jsons[0]?.name.slice(0, 200) ?? '', await readJsons(jsons), store)
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
  return { files, exported: null }
}

async function readJsons(entries: readonly ZipEntry[]): Promise<unknown[]> {
  const answers: unknown[] = []
  let bytes = 0
  for (const entry of entries) {
    const pieces: Uint8Array[] = []
    for await (const piece of contentOf(entry)) {
      bytes += piece.length
      if (bytes > 4 * MAX_ZIP_BYTES) throw refusal('The JSON files in this archive are larger than 256 MB together.')
      pieces.push(piece)
    }
    const answer = parseJson(Buffer.concat(pieces))
    if (answer === null) throw refusal(`The file ${entry.name} in the archive is no JSON.`)
    answers.push(answer)
  }
  return answers
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
  { files, exported }: Stored,
  utf8: boolean,
): Promise<Shape> {
  const start = await readPart(db, workspaceId, id, files[0]?.from ?? 0)
  const encoding = encodingOf(start, utf8)
  const found = sniff(new TextDecoder(encoding).decode(start), start.length < PART_BYTES)
  if (found.sample.length === 0) throw refusal('There is no text in this file.')
  return { files, encoding, ...found, source: exported?.source ?? found.source, lists: exported?.lists ?? [] }
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

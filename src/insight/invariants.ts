import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Database, ENGINE, type Tx } from '../db/database.ts'
import { SECOND } from '../lib/clock.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { type Invariant, invariantsAt } from './invariants/catalogue.ts'
import { type Broken, isSmall, messagesToLookAt, type Selection, selectBroken, selectFiles } from './invariants/queries.ts'

/** Something that must not be. It is shown to people by its sentence. */
export interface Violation {
  readonly name: string
  /** Null where it concerns the whole server. */
  readonly workspaceId: WorkspaceId | null
  readonly sentence: string
  /** How many, counted up to 1,000. */
  readonly size: number
  /** The ids of some of them, or what else names them. */
  readonly samples: readonly string[]
}

export interface Findings {
  readonly at: Date
  readonly violations: readonly Violation[]
  /** Checks that could not be made, and why: they say nothing about what they look at. */
  readonly unchecked: readonly { readonly name: string; readonly why: string }[]
}

export interface InvariantOptions {
  /** Look at every row instead of a sample: for tests, after a restore, and when asked. */
  readonly thorough?: boolean
  /** Where the blob store keeps its files; without it they are not looked for. */
  readonly blobFolder?: string
}

const TIMEOUT_MS = 10 * SECOND
const THOROUGH_TIMEOUT_MS = 600 * SECOND
const FILES = 50
const THOROUGH_FILES = 100_000

/** The violated invariants; throws when one could not be checked. */
export async function checkInvariants(database: Database, now: Date, options: InvariantOptions = {}): Promise<Violation[]> {
  const { violations, unchecked } = await examineInvariants(database, now, options)
  if (unchecked.length === 0) return [...violations]
  throw new Error(`Not every invariant could be checked: ${unchecked.map(({ name, why }) => `${name} (${why})`).join(', ')}`)
}

/** Every invariant in a transaction of its own, read only and limited in time: one that cannot be checked does not hide the others. */
export async function examineInvariants(database: Database, now: Date, options: InvariantOptions = {}): Promise<Findings> {
  const thorough = options.thorough === true
  const limits = { readOnly: true, statementTimeoutMs: thorough ? THOROUGH_TIMEOUT_MS : TIMEOUT_MS }
  const read = <T>(work: (tx: Tx) => Promise<T>) => database.transaction(ENGINE, work, limits)
  const violations: Violation[] = []
  const unchecked: { name: string; why: string }[] = []
  const attempt = async (name: string, find: () => Promise<Violation[]>) => {
    try {
      violations.push(...(await find()))
    } catch (error) {
      unchecked.push({ name, why: (error as Error).message })
    }
  }
  const messages = messagesToLookAt(thorough, now)
  const everyCount = thorough || (await read(isSmall).catch(() => false))
  for (const invariant of invariantsAt({ messages, everyCount, now })) {
    await attempt(invariant.name, async () => toViolations(invariant, await read((tx) => selectBroken(tx, invariant.broken))))
  }
  const { blobFolder } = options
  if (blobFolder)
    await attempt(FILES_ARE_THERE.name, () => missingFiles(read, messages, blobFolder, thorough ? THOROUGH_FILES : FILES))
  return { at: now, violations, unchecked }
}

const FILES_ARE_THERE: Pick<Invariant, 'name' | 'one' | 'many'> = {
  name: 'files_are_there',
  one: 'The stored file of a message is missing or incomplete.',
  many: 'The stored files of {n} messages are missing or incomplete.',
}

type Read = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

async function missingFiles(read: Read, messages: Selection, folder: string, limit: number): Promise<Violation[]> {
  const missing = new Map<string, string[]>()
  for (const { workspaceId, messageId, location, sizeBytes } of await read((tx) => selectFiles(tx, messages, limit))) {
    const found = await stat(join(folder, location)).catch(() => null)
    if (found?.size !== sizeBytes) missing.set(workspaceId, [...(missing.get(workspaceId) ?? []), messageId])
  }
  const broken = [...missing].map(([workspaceId, ids]) => ({ workspaceId, size: ids.length, samples: ids.slice(0, 5) }))
  return toViolations(FILES_ARE_THERE, broken)
}

function toViolations({ name, one, many }: Pick<Invariant, 'name' | 'one' | 'many'>, broken: readonly Broken[]): Violation[] {
  return broken.map(({ workspaceId, size, samples }) => ({
    name,
    workspaceId: workspaceId as WorkspaceId | null,
    sentence: size === 1 ? one : many.replace('{n}', size >= 1_000 ? '1,000 or more' : String(size)),
    size,
    samples,
  }))
}

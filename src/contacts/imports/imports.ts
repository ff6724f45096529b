/** What people do with imports: say what the columns mean, look, run, undo, throw away. */
import type { Actor } from '../../accounts/actor.ts'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { type ListId, selectOptIns } from '../consent/queries.ts'
import { readTags } from '../contact.ts'
import { listFields } from '../fields.ts'
import { addList, slugOf } from '../lists.ts'
import { selectLists } from '../lists-queries.ts'
import { type ImportId, type ImportSettings, NO_COUNTS, objectionTo } from './import.ts'
import { deleteRows, highestRow, type ImportBatch, selectImport, updateImport } from './queries.ts'
import { sniffWith } from './sniff.ts'
import { startOf } from './take-file.ts'

export {
  type ImportBatch,
  selectAllRows as rowsOfImport,
  selectImport as findImport,
  selectImports as listImports,
  selectToldRows as toldRows,
  type ToldRow,
} from './queries.ts'

const ROWS_AT_ONCE = 20_000

async function lock(tx: Tx, workspaceId: WorkspaceId, id: ImportId): Promise<ImportBatch> {
  const batch = await selectImport(tx, workspaceId, id, { lock: true })
  if (!batch) throw new Refusal('not_found', { what: 'import' })
  return batch
}

function wrongState(state: string, action: string): Refusal {
  return new Refusal('wrong_state', { what: 'import', state, action })
}

/** The file read with another delimiter or encoding: the sample and the guesses anew. */
export async function lookAgain(
  tx: Tx,
  id: ImportId,
  wanted: Pick<ImportSettings, 'delimiter' | 'encoding'>,
  { workspaceId }: Pick<Actor, 'workspaceId'>,
  now: Date,
): Promise<ImportBatch> {
  const batch = await lock(tx, workspaceId, id)
  if (!batch.shape || !['mapping', 'checked'].includes(batch.state)) throw wrongState(batch.state, 'read anew')
  const { text, isWhole } = await startOf(tx, batch, wanted.encoding)
  const found = sniffWith(text, isWhole, wanted.delimiter)
  const shape = { ...batch.shape, encoding: wanted.encoding, ...found, source: found.source ?? batch.shape.source }
  const changed = { ...batch, state: 'mapping' as const, shape, settings: null }
  await updateImport(tx, changed, now)
  return changed
}

/** Says what the columns mean, and has every row looked at. Rows of a look before are forgotten. */
export async function checkImport(
  tx: Tx,
  id: ImportId,
  settings: ImportSettings,
  { workspaceId }: Pick<Actor, 'workspaceId'>,
  now: Date,
): Promise<ImportBatch> {
  const batch = await lock(tx, workspaceId, id)
  if (!['mapping', 'checked'].includes(batch.state)) throw wrongState(batch.state, 'checked')
  await verify(tx, workspaceId, settings)
  while ((await deleteRows(tx, workspaceId, id, ROWS_AT_ONCE)) === ROWS_AT_ONCE);
  const tags = readTags(settings.tags) ?? []
  const changed = {
    ...batch,
    state: 'checking' as const,
    settings: { ...settings, tags },
    counts: NO_COUNTS,
    cursor: 0,
    problem: '',
  }
  await updateImport(tx, changed, now)
  return changed
}

async function verify(tx: Tx, workspaceId: WorkspaceId, settings: ImportSettings): Promise<void> {
  const wrong = (why: string, pointer: string) => new Refusal('invalid_request', { why, pointer })
  const { columns, lists, tags, consent } = settings
  if (columns.filter((column) => column === 'address').length !== 1) throw wrong('One column holds the address.', '/columns')
  for (const column of new Set(columns))
    if (column !== 'ignore' && column !== 'phone' && columns.filter((one) => one === column).length > 1)
      throw wrong(`Two columns mean the same: ${column.replace('_', ' ')}.`, '/columns')
  const keys = new Set((await listFields(tx, workspaceId)).map(({ key }) => key))
  const unknown = columns.find((column) => column.startsWith('field:') && !keys.has(column.slice(6)))
  if (unknown !== undefined) throw wrong(`There is no field “${unknown.slice(6)}”.`, '/columns')
  if ((await selectOptIns(tx, workspaceId, lists)).size < new Set(lists).size)
    throw wrong('One of the lists does not exist.', '/lists')
  if (readTags(tags) === null) throw wrong('A tag has at most 60 characters.', '/tags')
  if (consent.trim() === '')
    throw wrong('Say how these people agreed to be written to: it is kept with each of them as the proof.', '/consent')
}

/** Somebody saw what would become of the rows, and says go. */
export async function runImport(
  tx: Tx,
  id: ImportId,
  { acceptInvalid }: { readonly acceptInvalid: boolean },
  { workspaceId }: Pick<Actor, 'workspaceId'>,
  now: Date,
): Promise<ImportBatch> {
  const batch = await lock(tx, workspaceId, id)
  if (batch.state === 'running' || batch.state === 'done') return batch
  if (batch.state !== 'checked' || !batch.settings) throw wrongState(batch.state, 'run')
  const settings = { ...batch.settings, acceptInvalid: batch.settings.acceptInvalid || acceptInvalid }
  const objection = objectionTo(batch.counts, settings)
  if (objection) throw new Refusal('import_refused', { why: objection.sentence })
  const { found: sourceLists, made: madeLists } = await listsOfSource(tx, batch, settings, now)
  const changed = { ...batch, state: 'running' as const, settings: { ...settings, sourceLists, madeLists }, cursor: 0 }
  await updateImport(tx, changed, now)
  return changed
}

/** The lists of another tool by their names: those that are here already, and new ones. None where that column is left out. */
async function listsOfSource(
  tx: Tx,
  { workspaceId, shape, actor: by }: ImportBatch,
  { columns }: ImportSettings,
  now: Date,
): Promise<{ readonly found: Record<string, ListId>; readonly made: readonly ListId[] }> {
  if (!shape || shape.lists.length === 0 || !columns.includes('memberships')) return { found: {}, made: [] }
  const known = await selectLists(tx, workspaceId)
  const found: Record<string, ListId> = {}
  const made: ListId[] = []
  for (const { name, isPublic, optIn } of shape.lists) {
    const same = known.find((list) => list.archivedAt === null && (list.name === name || list.slug === slugOf(name)))
    const list =
      same ?? (await addList(tx, { name, visibility: isPublic ? 'public' : 'private', optIn }, { workspaceId, by }, now))
    if (!same) {
      known.push(list)
      made.push(list.id)
    }
    found[name] = list.id
  }
  return { found, made }
}

export async function undoImport(
  tx: Tx,
  id: ImportId,
  { workspaceId }: Pick<Actor, 'workspaceId'>,
  now: Date,
): Promise<ImportBatch> {
  const batch = await lock(tx, workspaceId, id)
  if (batch.state === 'undoing' || batch.state === 'undone') return batch
  if (batch.state !== 'done' && batch.state !== 'running') throw wrongState(batch.state, 'undone')
  const cursor = (await highestRow(tx, workspaceId, id)) + 1
  const changed = { ...batch, state: 'undoing' as const, cursor, finishedAt: null }
  await updateImport(tx, changed, now)
  return changed
}

/** Before it became people it can be thrown away; its rows and its file are cleared by and by. */
export async function discardImport(tx: Tx, id: ImportId, { workspaceId }: Pick<Actor, 'workspaceId'>, now: Date): Promise<void> {
  const batch = await lock(tx, workspaceId, id)
  if (['running', 'done', 'undoing', 'undone'].includes(batch.state)) throw wrongState(batch.state, 'thrown away')
  await updateImport(tx, { ...batch, state: 'discarded', problem: '', finishedAt: now }, now)
}

export async function readImport(db: Db | Tx, workspaceId: WorkspaceId, id: ImportId): Promise<ImportBatch> {
  const batch = await selectImport(db, workspaceId, id)
  if (!batch || batch.state === 'discarded') throw new Refusal('not_found', { what: 'import' })
  return batch
}

import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { findFirstWorkspace } from '../accounts/workspaces.ts'
import { DELIMITERS, type Delimiter } from '../contacts/imports/delimited.ts'
import {
  DELIMITER_NAMES,
  type ImportSettings,
  objectionTo,
  type Policy,
  TARGETS,
  type Target,
} from '../contacts/imports/import.ts'
import { workOnImports } from '../contacts/imports/import-jobs.ts'
import { checkImport, type ImportBatch, lookAgain, readImport, runImport, toldRows } from '../contacts/imports/imports.ts'
import { takeFile } from '../contacts/imports/take-file.ts'
import { STATUS_WORDS } from '../contacts/imports/understand.ts'
import { listLists } from '../contacts/lists.ts'
import { meaningOf, SOURCE_NAMES } from '../contacts/migration/source.ts'
import { Refusal } from '../errors.ts'
import { Explained } from '../lib/explained.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { namersOfList } from '../namers-of-list.ts'
import type { Store } from '../store.ts'
import { progress, withStore } from './surroundings.ts'

export interface ImportOptions {
  readonly consent?: string
  readonly list?: readonly string[]
  readonly tag?: readonly string[]
  readonly column?: readonly string[]
  readonly policy: Policy
  readonly delimiter?: string
  readonly confirmed?: boolean
  readonly split?: boolean
  readonly acceptInvalid?: boolean
  readonly dryRun?: boolean
}

const SHOWN = 20
const LOOK_EVERY_MS = 500

/** Works by itself; beside a running server the two share it, and whoever is killed leaves the rest to the other. */
export async function importContacts(file: string, options: ImportOptions): Promise<void> {
  await withStore(async (store) => {
    const workspace = await findFirstWorkspace(store.database.db)
    if (!workspace)
      throw new Explained('There is no workspace yet. Run `npm start` and open the address it prints, then import again.')
    await refusedInWords(() => importFile(store, workspace.id, file, options))
  })
}

async function refusedInWords(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Explained('There is no such file.')
    throw error instanceof Refusal ? new Explained(error.message) : error
  }
}

async function importFile(store: Store, workspaceId: WorkspaceId, file: string, options: ImportOptions): Promise<void> {
  const { database, clock } = store
  const by = { workspaceId, actor: null }
  const scope = { as: 'api', workspaceId } as const
  let batch = await takeFile(database, { name: basename(file), content: createReadStream(file) }, by, () => clock.now())
  const delimiter = options.delimiter === undefined ? null : delimiterOf(options.delimiter)
  const encoding = batch.shape?.encoding ?? 'utf-8'
  if (delimiter !== null && delimiter !== batch.shape?.delimiter)
    batch = await database.transaction(scope, (tx) => lookAgain(tx, batch.id, { delimiter, encoding }, by, clock.now()))
  const settings = await settingsOf(store, batch, options)
  const source = batch.shape?.source
  if (source) progress(`This is an export of ${SOURCE_NAMES[source]}.`)
  progress(
    `Separated by ${DELIMITER_NAMES[settings.delimiter]}, in ${settings.encoding}. Columns: ${settings.columns.join(', ')}.`,
  )
  await database.transaction(scope, (tx) => checkImport(tx, batch.id, settings, by, clock.now()))
  const checked = await until(store, batch, ['checked'])
  await tellCheck(store, checked)
  const objection = objectionTo(checked.counts, settings)
  if (objection) throw new Explained(`Nothing was imported. ${objection.sentence}`)
  if (options.dryRun) return progress('Nothing was imported: this was the dry run.')
  await database.transaction(scope, (tx) => runImport(tx, batch.id, { acceptInvalid: settings.acceptInvalid }, by, clock.now()))
  const { counts, problem } = await until(store, checked, ['done'])
  if (problem !== '') throw new Explained(problem)
  const many = (n: number) => n.toLocaleString('en')
  progress(`${many(counts.added)} added, ${many(counts.changed)} changed, ${many(counts.kept)} left as they were.`)
  process.stdout.write(`${batch.id}\n`)
}

async function settingsOf({ database }: Store, batch: ImportBatch, options: ImportOptions): Promise<ImportSettings> {
  const { shape } = batch
  if (!shape) throw new Explained('Nothing was found in the file.')
  if (!options.consent?.trim())
    throw new Explained(
      'Say how these people agreed to be written to: --consent "Asked for the newsletter at the fair in Leipzig".',
    )
  const lists = await listLists(database.db, batch.workspaceId)
  const wanted = (options.list ?? []).map((name) => {
    const list = lists.find(({ slug, name: called }) => slug === name || called === name)
    if (!list) throw new Explained(`There is no list ${name}. Lists: ${lists.map(({ slug }) => slug).join(', ') || 'none yet'}.`)
    return list.id
  })
  return {
    ...{ delimiter: shape.delimiter, encoding: shape.encoding, hasHeader: shape.hasHeader },
    columns: options.column ? options.column.map(targetOf) : shape.guesses,
    ...{ policy: options.policy, lists: wanted, tags: options.tag ?? [], consent: options.consent },
    ...{
      confirmed: options.confirmed === true,
      splitGlued: options.split === true,
      acceptInvalid: options.acceptInvalid === true,
    },
  }
}

function delimiterOf(text: string): Delimiter {
  const named = Object.entries(DELIMITER_NAMES).find(([, name]) => name === text || name === `${text}s`)?.[0] ?? text
  const found = DELIMITERS.find((one) => one === named)
  if (!found) throw new Explained('The delimiter is one of: comma, semicolon, tab, or |.')
  return found
}

function targetOf(text: string): Target {
  const known = TARGETS.find((one) => one === text)
  if (known) return known
  if (/^field:[a-z][a-z0-9_]*$/.test(text)) return text as Target
  throw new Explained(`A column is one of ${TARGETS.join(', ')}, or field: and the key of a field.`)
}

async function until(store: Store, { workspaceId, id }: ImportBatch, states: readonly string[]): Promise<ImportBatch> {
  for (;;) {
    await workOnImports({ ...store, namersOfList })
    const batch = await readImport(store.database.db, workspaceId, id)
    if (batch.state === 'failed') throw new Explained(batch.problem)
    if (states.includes(batch.state)) return batch
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

async function tellCheck({ database }: Store, { workspaceId, id, counts, shape }: ImportBatch): Promise<void> {
  const told = Object.entries({
    'are new': counts.new,
    'are known': counts.known,
    'stand there twice': counts.repeated,
    'are on the suppression list': counts.suppressed,
    'cannot be read': counts.refused,
    'were repaired': counts.repaired,
  }).filter(([, n]) => n > 0)
  progress(
    `${counts.rows.toLocaleString('en')} rows: ${told.map(([what, n]) => `${n.toLocaleString('en')} ${what}`).join(', ')}.`,
  )
  for (const [word, n] of Object.entries(counts.statuses ?? {}))
    progress(
      `  ${word}: ${n.toLocaleString('en')}, ${meaningOf(shape?.source ?? null, word, STATUS_WORDS[word] ?? 'unsubscribed')}`,
    )
  const refused = await toldRows(database.db, workspaceId, id, { kind: 'refused', after: 0, limit: SHOWN })
  for (const { file, line, reason } of refused) progress(`  ${file && `${file}, `}line ${line}: ${reason}`)
  if (counts.refused > refused.length) progress(`  and ${(counts.refused - refused.length).toLocaleString('en')} more.`)
}

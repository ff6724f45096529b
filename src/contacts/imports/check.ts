/** The dry run: every row is read and judged, and nothing is written but what would become of it. */
import { copyWith } from '../../db/copy.ts'
import type { Database, Tx } from '../../db/database.ts'
import { suppressionsOf } from '../../delivery/suppression/suppress.ts'
import type { Clock } from '../../lib/clock.ts'
import { type ContactId, newId } from '../../lib/ids.ts'
import type { ContactField } from '../custom-data.ts'
import { listFields } from '../fields.ts'
import type { ImportCounts, ImportSettings } from './import.ts'
import {
  analyzeRows,
  COPY_ROWS,
  copyLine,
  type ImportBatch,
  type StagedRow,
  selectImport,
  selectOwners,
  selectOwnersOfIds,
  selectStaged,
  updateImport,
} from './queries.ts'
import { type NumberedRecord, recordsOf } from './records.ts'
import { understandRow } from './understand.ts'

const ROWS_A_STEP = 2_000
const MAX_RAW = 1_000
const LEARN_EVERY = 200_000
export const LEASE_MS = 30_000

/** Goes on where it stopped. Ends early when somebody else goes on with it, or stopped it. */
export async function checkRows(deps: { readonly database: Database; readonly clock: Clock }, batch: ImportBatch): Promise<void> {
  const { database, clock } = deps
  const fields = await listFields(database.db, batch.workspaceId)
  let cursor = batch.cursor
  let waiting: NumberedRecord[] = []
  const step = async (rows: NumberedRecord[]) => {
    const reached = rows.at(-1)?.n ?? cursor
    const goesOn = await checkStep(database, batch, fields, rows, { from: cursor, to: reached }, clock.now())
    cursor = reached
    return goesOn
  }
  for await (const records of recordsOf(database.db, batch)) {
    for (const record of records) if (record.n > cursor) waiting.push(record)
    while (waiting.length >= ROWS_A_STEP) {
      const rows = waiting.slice(0, ROWS_A_STEP)
      waiting = waiting.slice(ROWS_A_STEP)
      if (!(await step(rows))) return
    }
  }
  if (waiting.length > 0 && !(await step(waiting))) return
  await database.transaction({ as: 'engine' }, async (tx) => {
    const now = await selectImport(tx, batch.workspaceId, batch.id, { lock: true })
    if (now?.state === 'checking' && now.cursor === cursor)
      await updateImport(tx, { ...now, state: 'checked', cursor: 0 }, clock.now())
  })
}

async function checkStep(
  database: Database,
  { workspaceId, id, settings }: ImportBatch,
  fields: readonly ContactField[],
  records: readonly NumberedRecord[],
  reach: { readonly from: number; readonly to: number },
  now: Date,
): Promise<boolean> {
  if (!settings) return false
  let current: ImportBatch | null = null
  let counts: ImportCounts | null = null
  return await copyWith(
    database,
    COPY_ROWS,
    async (tx) => {
      current = await selectImport(tx, workspaceId, id, { lock: true })
      if (current?.state !== 'checking' || current.cursor !== reach.from) return null
      const judged = await judge(tx, current, settings, fields, records, now)
      counts = addUp(current.counts, judged)
      return lines(judged, current)
    },
    async (tx) => {
      if (!current || !counts) return
      await updateImport(tx, { ...current, counts, cursor: reach.to }, now, new Date(now.getTime() + LEASE_MS))
      const isDue = reach.from === 0 || Math.floor(reach.from / LEARN_EVERY) !== Math.floor(reach.to / LEARN_EVERY)
      if (isDue) await analyzeRows(tx)
    },
  )
}

function* lines(judged: readonly Judged[], { workspaceId, id }: ImportBatch): Generator<string> {
  for (const { row } of judged) yield copyLine(workspaceId, id, row)
}

interface Judged {
  readonly row: StagedRow
  readonly glued: string | null
}

async function judge(
  tx: Tx,
  { workspaceId, id }: ImportBatch,
  settings: ImportSettings,
  fields: readonly ContactField[],
  records: readonly NumberedRecord[],
  now: Date,
): Promise<Judged[]> {
  const terms = { ...settings, fields }
  const read = records.map((record) => ({ record, understood: understandRow(record.cells, terms) }))
  const addresses = [...new Set(read.flatMap(({ understood }) => (understood.ok ? [understood.address] : [])))]
  const ids = read.flatMap(({ understood }) =>
    understood.ok && understood.person.externalId ? [understood.person.externalId] : [],
  )
  const known = await selectOwners(tx, workspaceId, addresses)
  const owners = ids.length === 0 ? new Map<string, ContactId>() : await selectOwnersOfIds(tx, workspaceId, [...new Set(ids)])
  const said = new Map(await selectStaged(tx, workspaceId, id, addresses))
  const kept = await suppressionsOf(tx, workspaceId, addresses, now)
  const suppressed = new Map(
    kept.filter(({ stream }) => stream === 'all' || stream === 'bulk').map(({ address, reason }) => [address, reason]),
  )
  const saidIds = new Set<string>()
  return read.map(({ record, understood }) => {
    const base = {
      n: record.n,
      line: record.line,
      file: record.file,
      contactId: null,
      person: null,
      address: null,
      repaired: false,
    }
    const raw = record.raw.slice(0, MAX_RAW)
    const refused = (reason: string, glued: string | null = null): Judged => ({
      row: { ...base, verdict: 'refused', reason, raw },
      glued,
    })
    if (!understood.ok) return refused(understood.reason, understood.glued)
    const { address, person, repaired } = understood
    const before = said.get(address)
    if (before !== undefined)
      return {
        row: { ...base, address, verdict: 'repeated', reason: `The address is in line ${before} already.`, raw },
        glued: null,
      }
    const contactId = known.get(address) ?? null
    const taken = person.externalId === undefined ? null : idTaken(person.externalId, contactId, owners, saidIds)
    if (taken !== null) return refused(taken)
    said.set(address, record.line)
    if (person.externalId !== undefined) saidIds.add(person.externalId)
    const reason = suppressed.get(address)
    const row = {
      ...base,
      address,
      person,
      contactId: contactId ?? newId<ContactId>(now.getTime()),
      repaired: repaired !== null,
      raw: repaired === null && reason === undefined ? '' : raw,
    }
    const verdict = reason !== undefined ? ('suppressed' as const) : contactId ? ('known' as const) : ('new' as const)
    const kept = reason === undefined ? '' : `On the suppression list (${reason.replaceAll('_', ' ')}): imported, and not mailed.`
    return { row: { ...row, verdict, reason: [repaired ?? '', kept].filter(Boolean).join(' ') }, glued: null }
  })
}

function idTaken(
  externalId: string,
  contactId: ContactId | null,
  owners: ReadonlyMap<string, ContactId>,
  said: ReadonlySet<string>,
): string | null {
  const owner = owners.get(externalId)
  if (owner !== undefined && owner !== contactId) return `The external id ${externalId} is that of another contact.`
  return said.has(externalId) ? `The external id ${externalId} is in this file already.` : null
}

function addUp(counts: ImportCounts, judged: readonly Judged[]): ImportCounts {
  const glued: Record<string, number> = { ...counts.glued }
  const sum = {
    rows: counts.rows,
    new: counts.new,
    known: counts.known,
    repeated: counts.repeated,
    suppressed: counts.suppressed,
  }
  let { refused, repaired } = counts
  const statuses: Record<string, number> = { ...counts.statuses }
  for (const { row, glued: delimiter } of judged) {
    sum.rows += 1
    if (row.verdict === 'refused') refused += 1
    else sum[row.verdict] += 1
    if (row.repaired) repaired += 1
    const status = row.person?.status
    if (status !== undefined) statuses[status] = (statuses[status] ?? 0) + 1
    if (delimiter !== null) glued[delimiter] = (glued[delimiter] ?? 0) + 1
  }
  return { ...counts, ...sum, refused, repaired, glued, statuses }
}

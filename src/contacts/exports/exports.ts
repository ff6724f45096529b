/** People as a file: written part by part by a job, each part in the transaction of its cursor, and fetched as one. */
import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { type Actor, actorReference } from '../../accounts/actor.ts'
import { type Database, type Db, ENGINE, type Tx } from '../../db/database.ts'
import { csvLine } from '../../delivery/suppression/lists/csv.ts'
import { Refusal } from '../../errors.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { type Clock, DAY, HOUR, SECOND } from '../../lib/clock.ts'
import { newId, type WorkspaceId } from '../../lib/ids.ts'
import type { ListId } from '../consent/queries.ts'
import { listFields } from '../fields.ts'
import { peopleIn } from '../filter/filter.ts'
import { findList } from '../lists.ts'
import { resolveSegment, type SegmentId } from '../segments/segments.ts'
import {
  type ContactExport,
  deleteOld,
  type ExportedPerson,
  type ExportId,
  type ExportScope,
  idsOf,
  insertExport,
  insertPart,
  lockRunning,
  selectExport,
  selectPart,
  selectPeople,
  updateExport,
} from './queries.ts'

export { type ContactExport, type ExportId, type ExportScope, selectExports as listExports } from './queries.ts'

export const MAX_CHOSEN = 10_000
export const EXPORTS_ARE_KEPT_DAYS = 7
const PEOPLE_A_PART = 2_000
const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

export async function startExport(
  tx: Tx,
  { format, scope }: Pick<ContactExport, 'format' | 'scope'>,
  actor: Actor,
  now: Date,
): Promise<ContactExport> {
  const { workspaceId } = actor
  if (scope.kind === 'list' && !(await findList(tx, workspaceId, scope.id as ListId)))
    throw new Refusal('not_found', { what: 'list' })
  if (scope.kind === 'segment') await resolveSegment(tx, workspaceId, scope.id as SegmentId, now)
  if (scope.kind === 'filter') await peopleIn(tx, workspaceId, scope, now)
  const begun = { rows: 0, bytes: 0, problem: '', cursor: null, finishedAt: null }
  const wanted: ContactExport = {
    ...begun,
    workspaceId,
    id: newId<ExportId>(now.getTime()),
    format,
    scope,
    state: 'running',
    actor: actorReference(actor),
    createdAt: now,
  }
  await insertExport(tx, wanted)
  return wanted
}

export async function readExport(db: Db | Tx, workspaceId: WorkspaceId, id: ExportId): Promise<ContactExport> {
  const found = await selectExport(db, workspaceId, id)
  if (!found) throw new Refusal('not_found', { what: 'export' })
  return found
}

/** The finished file, part by part. */
export async function* contentOf(db: Db, wanted: ContactExport): AsyncGenerator<Uint8Array> {
  for (let n = 0; ; n++) {
    const packed = await selectPart(db, wanted, n)
    if (packed === null) return
    yield (await inflate(packed)) as Buffer
  }
}

/** True while there is more to write. A segment that is gone ends its export with that reason. */
async function writePart(tx: Tx, now: Date): Promise<boolean> {
  const running = await lockRunning(tx)
  if (!running) return false
  const { workspaceId, scope, cursor } = running
  const among = await amongOf(tx, workspaceId, scope, now)
  if (among === 'gone') {
    await updateExport(tx, { ...running, state: 'failed', problem: 'The list or the segment is gone.', finishedAt: now })
    return true
  }
  const fields = await listFields(tx, workspaceId)
  const people = await selectPeople(tx, workspaceId, among, cursor, PEOPLE_A_PART)
  const keys = fields.map(({ key }) => key)
  const head = cursor === null && running.format === 'csv' ? csvLine([...COLUMNS, ...keys]) : ''
  const text = head + people.map((person) => (running.format === 'csv' ? toCsv(person, keys) : toJson(person))).join('')
  if (text !== '') await insertPart(tx, running, (await deflate(Buffer.from(text))) as Buffer)
  const isOver = people.length < PEOPLE_A_PART
  await updateExport(tx, {
    ...running,
    cursor: people.at(-1)?.id ?? cursor,
    rows: running.rows + people.length,
    bytes: running.bytes + Buffer.byteLength(text),
    ...(isOver && { state: 'done' as const, finishedAt: now }),
  })
  return true
}

async function amongOf(tx: Tx, workspaceId: WorkspaceId, scope: ExportScope, now: Date) {
  if (scope.kind !== 'segment' && scope.kind !== 'filter') return idsOf(scope, workspaceId)
  try {
    if (scope.kind === 'filter') return await peopleIn(tx, workspaceId, scope, now)
    return await resolveSegment(tx, workspaceId, scope.id as SegmentId, now)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not_found') return 'gone' as const
    throw error
  }
}

const COLUMNS = [
  ...['id', 'address', 'other_addresses', 'name', 'first_name', 'last_name', 'company', 'job_title', 'phones', 'language'],
  ...['time_zone', 'external_id', 'note', 'tags', 'lists', 'created_at'],
] as const

function toCsv(p: ExportedPerson, keys: readonly string[]): string {
  const lists = Object.entries(p.lists ?? {}).map(([slug, status]) => `${slug}: ${status}`)
  const known = keys.map((key) => {
    const value = p.data[key]
    return value === undefined ? '' : Array.isArray(value) ? value.join(', ') : String(value)
  })
  const {
    id,
    address,
    addresses,
    name,
    firstName,
    lastName,
    company,
    jobTitle,
    phones,
    language,
    timeZone,
    externalId,
    note,
    tags,
  } = p
  const others = addresses.slice(1).join(' ')
  return csvLine([
    ...[id, address, others, name, firstName, lastName, company, jobTitle, phones.join(', '), language, timeZone],
    ...[externalId ?? '', note, tags.join(', '), lists.join(', '), p.createdAt.toISOString(), ...known],
  ])
}

function toJson({
  address: _,
  lists,
  firstName,
  lastName,
  jobTitle,
  timeZone,
  externalId,
  createdAt,
  ...rest
}: ExportedPerson): string {
  const named = { first_name: firstName, last_name: lastName, job_title: jobTitle, time_zone: timeZone, external_id: externalId }
  return `${JSON.stringify({ ...rest, ...named, lists: lists ?? {}, created_at: createdAt })}\n`
}

export async function writeExports({ database, clock }: { readonly database: Database; readonly clock: Clock }): Promise<void> {
  while (await database.transaction(ENGINE, (tx) => writePart(tx, clock.now())));
}

export function exportJobs(deps: { readonly database: Database; readonly clock: Clock }): PeriodicJob[] {
  return [
    { name: 'contacts.export', everyMs: SECOND, run: () => writeExports(deps) },
    {
      name: 'contacts.forget_exports',
      everyMs: HOUR,
      run: (now) => inChunks(deps.database, 10, (tx) => deleteOld(tx, new Date(now.getTime() - EXPORTS_ARE_KEPT_DAYS * DAY), 10)),
    },
  ]
}

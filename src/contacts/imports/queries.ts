import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import type { ListId } from '../consent/queries.ts'
import type { ImportCounts, ImportId, ImportSettings, ImportState, Shape } from './import.ts'
import type { Person } from './understand.ts'

export interface ImportBatch {
  readonly workspaceId: WorkspaceId
  readonly id: ImportId
  readonly name: string
  readonly state: ImportState
  readonly bytes: number
  readonly shape: Shape | null
  readonly settings: ImportSettings | null
  readonly counts: ImportCounts
  readonly cursor: number
  readonly problem: string
  readonly actor: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly finishedAt: Date | null
}

const BATCH = sql.raw(
  `workspace_id as "workspaceId", id, name, state, bytes, shape, settings, counts, cursor, problem, actor, created_at as "createdAt",
   updated_at as "updatedAt", finished_at as "finishedAt"`,
)

export async function insertImport(tx: Tx, b: ImportBatch): Promise<void> {
  await sql`
    insert into import_batch (workspace_id, id, name, state, bytes, shape, settings, counts, actor, created_at, updated_at)
    values (${b.workspaceId}, ${b.id}, ${b.name}, ${b.state}, ${b.bytes}, ${json(b.shape)}::jsonb, ${json(b.settings)}::jsonb,
            ${json(b.counts)}::jsonb, ${b.actor}, ${b.createdAt}, ${b.updatedAt})`.execute(tx)
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value)
}

export async function selectImport(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ImportId,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<ImportBatch | null> {
  const { rows } = await sql<ImportBatch>`
    select ${BATCH} from import_batch where workspace_id = ${workspaceId} and id = ${id} ${lock ? sql`for update` : sql``}`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function selectImports(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<ImportBatch[]> {
  const { rows } = await sql<ImportBatch>`
    select ${BATCH} from import_batch
     where workspace_id = ${workspaceId} and (${after}::uuid is null or id < ${after}::uuid) and state <> 'discarded'
     order by id desc limit ${limit}`.execute(db)
  return rows
}

/** Something to do, that nobody does at this moment: the oldest first, and its next stretch. */
export async function leaseImport(tx: Tx, now: Date, until: Date): Promise<ImportBatch | null> {
  const { rows } = await sql<ImportBatch>`
    update import_batch set lease_until = ${until}
     where (workspace_id, id) = (
       select workspace_id, id from import_batch
        where state in ('reading', 'checking', 'running', 'undoing') and (lease_until is null or lease_until < ${now})
        order by created_at limit 1 for update skip locked)
    returning ${BATCH}`.execute(tx)
  return rows[0] ?? null
}

export async function updateImport(
  tx: Tx,
  b: Pick<
    ImportBatch,
    'workspaceId' | 'id' | 'state' | 'bytes' | 'shape' | 'settings' | 'counts' | 'cursor' | 'problem' | 'finishedAt'
  >,
  now: Date,
  lease: Date | null = null,
): Promise<void> {
  await sql`
    update import_batch
       set state = ${b.state}, bytes = ${b.bytes}, shape = ${json(b.shape)}::jsonb, settings = ${json(b.settings)}::jsonb, counts = ${json(b.counts)}::jsonb,
           cursor = ${b.cursor}, problem = ${b.problem}, finished_at = ${b.finishedAt}, updated_at = ${now}, lease_until = ${lease}
     where workspace_id = ${b.workspaceId} and id = ${b.id}`.execute(tx)
}

export async function insertPart(tx: Tx, workspaceId: WorkspaceId, id: ImportId, n: number, content: Buffer): Promise<void> {
  await sql`insert into import_part (workspace_id, import_id, n, content) values (${workspaceId}, ${id}, ${n}, ${content})`.execute(
    tx,
  )
}

export async function selectPart(db: Db | Tx, workspaceId: WorkspaceId, id: ImportId, n: number): Promise<Buffer | null> {
  const { rows } = await sql<{ content: Buffer }>`
    select content from import_part where workspace_id = ${workspaceId} and import_id = ${id} and n = ${n}`.execute(db)
  return rows[0]?.content ?? null
}

/** Rows go in pieces, so that no statement takes long. */
export async function deleteRows(tx: Tx, workspaceId: WorkspaceId, id: ImportId, limit: number): Promise<number> {
  const { rows } = await sql`
    delete from import_row where workspace_id = ${workspaceId} and import_id = ${id}
       and n in (select n from import_row where workspace_id = ${workspaceId} and import_id = ${id} limit ${limit}) returning n`.execute(
    tx,
  )
  return rows.length
}

export async function deleteParts(tx: Tx, workspaceId: WorkspaceId, id: ImportId): Promise<void> {
  await sql`delete from import_part where workspace_id = ${workspaceId} and import_id = ${id}`.execute(tx)
}

export interface StagedRow {
  readonly n: number
  readonly line: number
  readonly file: string
  readonly verdict: 'new' | 'known' | 'repeated' | 'suppressed' | 'refused'
  readonly repaired: boolean
  readonly reason: string
  readonly raw: string
  readonly address: string | null
  readonly contactId: ContactId | null
  readonly person: Person | null
}

/** Text as COPY reads it (PostgreSQL, "COPY: Text Format"). */
const SPECIAL = /[\\\n\r\t]/
function cell(value: string | number | null): string {
  if (value === null) return '\\N'
  const text = String(value)
  return SPECIAL.test(text) ? text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t') : text
}

export const COPY_ROWS =
  'copy import_row (workspace_id, import_id, n, line, file, verdict, repaired, reason, raw, address, contact_id, person) from stdin'

export function copyLine(workspaceId: WorkspaceId, id: ImportId, row: StagedRow): string {
  const { n, line, file, verdict, repaired, reason, raw, address, contactId, person } = row
  const values = [workspaceId, id, n, line, file, verdict, repaired ? 't' : 'f', reason, raw, address, contactId, json(person)]
  return `${values.map((value) => cell(value === null ? null : String(value).replaceAll('\0', ''))).join('\t')}\n`
}

/** The planner learns what came: knowing nothing of a new import, it would search all of its rows for each address. */
export async function analyzeRows(tx: Tx): Promise<void> {
  await sql`analyze import_row`.execute(tx)
}

/** Whose these addresses are, and which of them no newsletter may go to: everywhere, or one of these lists. */
export async function selectOwners(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  addresses: readonly string[],
): Promise<Map<string, ContactId>> {
  const { rows } = await sql<{ address: string; id: ContactId }>`
    select address, contact_id as id from contact_address where workspace_id = ${workspaceId} and address = any (${textArray(addresses)}::text[])`.execute(
    db,
  )
  return new Map(rows.map(({ address, id }) => [address, id]))
}

export async function selectOwnersOfIds(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  externalIds: readonly string[],
): Promise<Map<string, ContactId>> {
  const { rows } = await sql<{ key: string; id: ContactId }>`
    select external_id as key, id from contact
     where workspace_id = ${workspaceId} and external_id = any (${textArray(externalIds)}::text[]) and merged_into is null`.execute(
    db,
  )
  return new Map(rows.map(({ key, id }) => [key, id]))
}

/** Rows of this import that have one of these addresses or ids already: the file says them twice. */
export async function selectStaged(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ImportId,
  addresses: readonly string[],
): Promise<Map<string, number>> {
  // One look by index for each.
  const { rows } = await sql<{ address: string; line: number }>`
    select w.address, r.line
      from unnest(${textArray(addresses)}::text[]) as w (address)
     cross join lateral (
       select line from import_row
        where workspace_id = ${workspaceId} and import_id = ${id} and address = w.address and verdict in ('new', 'known', 'suppressed') limit 1) as r`.execute(
    db,
  )
  return new Map(rows.map(({ address, line }) => [address, line]))
}

export interface ToldRow {
  readonly n: number
  readonly line: number
  readonly file: string
  readonly verdict: StagedRow['verdict']
  readonly repaired: boolean
  readonly reason: string
  readonly raw: string
  readonly address: string | null
  readonly done: string | null
}

/** What a person should look at: refused, repeated, suppressed or repaired rows. Index: import_row_told. */
export async function selectToldRows(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ImportId,
  {
    kind,
    after,
    limit,
  }: { readonly kind: StagedRow['verdict'] | 'repaired' | null; readonly after: number; readonly limit: number },
): Promise<ToldRow[]> {
  const { rows } = await sql<ToldRow>`
    select n, line, file, verdict, repaired, reason, raw, address, done from import_row
     where workspace_id = ${workspaceId} and import_id = ${id} and n > ${after}
       and (verdict in ('refused', 'repeated', 'suppressed') or repaired)
       and (${kind}::text is null or case when ${kind} = 'repaired' then repaired else verdict = ${kind} end)
     order by n limit ${limit}`.execute(db)
  return rows
}

/** Every row, for the file of results. */
export async function selectAllRows(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ImportId,
  after: number,
  limit: number,
): Promise<ToldRow[]> {
  const { rows } = await sql<ToldRow>`
    select n, line, file, verdict, repaired, reason, raw, address, done from import_row
     where workspace_id = ${workspaceId} and import_id = ${id} and n > ${after} order by n limit ${limit}`.execute(db)
  return rows
}

export interface PlannedRow {
  readonly n: number
  readonly verdict: 'new' | 'known' | 'suppressed'
  readonly address: string
  readonly contactId: ContactId
  readonly isKnown: boolean
  readonly person: Person
}

/** The next rows that become people, with whose address it is at this moment; those people are locked. Also how far the stretch goes. */
export async function takePlanned(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ImportId,
  after: number,
  limit: number,
): Promise<PlannedRow[]> {
  const { rows } = await sql<PlannedRow>`
    select r.n, r.verdict, r.address, coalesce(a.contact_id, r.contact_id) as "contactId", a.contact_id is not null as "isKnown", r.person
      from import_row as r left join contact_address as a on a.workspace_id = r.workspace_id and a.address = r.address
     where r.workspace_id = ${workspaceId} and r.import_id = ${id} and r.n > ${after} and r.verdict in ('new', 'known', 'suppressed')
     order by r.n limit ${limit}`.execute(tx)
  return rows
}

/** People who were nobody's yet, straight from the staged rows. No joins between what is written: nothing is known yet of how much that is. */
export async function insertNewPeople(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ImportId,
  ns: readonly number[],
  now: Date,
): Promise<void> {
  if (ns.length === 0) return
  await sql`
    with wanted as materialized (
      select r.n, r.address, r.contact_id, r.person from import_row as r
       where r.workspace_id = ${workspaceId} and r.import_id = ${id} and r.n = any (${plainArray(ns)}::bigint[])
    ), placed as (
      insert into contact (workspace_id, id, name, first_name, last_name, external_id, language, time_zone, data, company, job_title, phones, note,
                           created_at, updated_at)
      select ${workspaceId}::uuid, w.contact_id, coalesce(p.name, ''), coalesce(p."firstName", ''), coalesce(p."lastName", ''), p."externalId",
             coalesce(p.language, ''), coalesce(p."timeZone", ''), coalesce(p.data, '{}'), coalesce(p.company, ''), coalesce(p."jobTitle", ''),
             coalesce(p.phones, '{}'), coalesce(p.note, ''), ${now}::timestamptz, ${now}::timestamptz
        from wanted as w, jsonb_to_record(w.person) as p (name text, "firstName" text, "lastName" text, "externalId" text, language text, "timeZone" text,
             data jsonb, company text, "jobTitle" text, phones text[], note text)
    ), addressed as (
      insert into contact_address (workspace_id, address, contact_id, is_primary, created_at)
      select ${workspaceId}::uuid, w.address, w.contact_id, true, ${now}::timestamptz from wanted as w
    )
    update import_row set done = 'added'
     where workspace_id = ${workspaceId} and import_id = ${id} and n = any (${plainArray(ns)}::bigint[])`.execute(tx)
}

export interface RowEnd {
  readonly n: number
  readonly contactId: ContactId
  readonly done: 'changed' | 'kept'
  /** What was there before, for undoing. */
  readonly before: unknown
}

export async function markRows(tx: Tx, workspaceId: WorkspaceId, id: ImportId, ends: readonly RowEnd[]): Promise<void> {
  await sql`
    update import_row as r set done = w.done, before = w.before, contact_id = w.contact
      from unnest(${plainArray(ends.map((e) => e.n))}::bigint[], ${plainArray(ends.map((e) => e.contactId))}::uuid[],
                  ${plainArray(ends.map((e) => e.done))}::text[], ${textArray(ends.map((e) => json(e.before)))}::jsonb[]) as w (n, contact, done, before)
     where r.workspace_id = ${workspaceId} and r.import_id = ${id} and r.n = w.n`.execute(tx)
}

/** Tags people; answers who got which anew. */
export async function insertTags(
  tx: Tx,
  workspaceId: WorkspaceId,
  tagged: readonly { readonly contactId: ContactId; readonly tag: string }[],
  now: Date,
): Promise<{ contactId: ContactId; tag: string }[]> {
  const { rows } = await sql<{ contactId: ContactId; tag: string }>`
    insert into contact_tag (workspace_id, tag, contact_id, tagged_at)
    select ${workspaceId}::uuid, w.tag, w.contact, ${now}::timestamptz
      from unnest(${textArray(tagged.map((t) => t.tag))}::text[], ${plainArray(tagged.map((t) => t.contactId))}::uuid[]) as w (tag, contact)
    on conflict do nothing returning contact_id as "contactId", tag`.execute(tx)
  return rows
}

export async function deleteTags(
  tx: Tx,
  workspaceId: WorkspaceId,
  tagged: readonly { readonly contactId: ContactId; readonly tag: string }[],
): Promise<void> {
  await sql`
    delete from contact_tag as t
     using unnest(${textArray(tagged.map((t) => t.tag))}::text[], ${plainArray(tagged.map((t) => t.contactId))}::uuid[]) as w (tag, contact)
     where t.workspace_id = ${workspaceId} and t.tag = w.tag and t.contact_id = w.contact`.execute(tx)
}

export interface UndoRow {
  readonly n: number
  readonly done: 'added' | 'changed' | 'kept'
  readonly contactId: ContactId
  readonly address: string | null
  /** It keeps them from newsletters: by this row, or as something else did already. */
  readonly barred: 'made' | 'asked' | null
  readonly barredAt: Date | null
  readonly before: {
    readonly fields?: Readonly<Record<string, readonly [unknown, unknown]>>
    readonly tags?: readonly string[]
  } | null
}

/** What was done, from the end. */
export async function selectDone(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ImportId,
  before: number,
  limit: number,
): Promise<UndoRow[]> {
  const { rows } = await sql<UndoRow>`
    select n, done, contact_id as "contactId", before, address, barred, barred_at as "barredAt" from import_row
     where workspace_id = ${workspaceId} and import_id = ${id} and n < ${before} and done is not null order by n desc limit ${limit}`.execute(
    tx,
  )
  return rows
}

/** Which rows keep somebody from newsletters, and which of them by their own word. */
export async function markBarred(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ImportId,
  rows: readonly { readonly n: number; readonly isMade: boolean }[],
  now: Date,
): Promise<void> {
  await sql`
    update import_row as r set barred = case when w.made then 'made' else 'asked' end, barred_at = case when w.made then ${now}::timestamptz end
      from unnest(${plainArray(rows.map(({ n }) => n))}::bigint[], ${plainArray(rows.map(({ isMade }) => String(isMade)))}::boolean[]) as w (n, made)
     where r.workspace_id = ${workspaceId} and r.import_id = ${id} and r.n = w.n`.execute(tx)
}

/**
 * What these rows made and another import asks for as well goes over to one row of that: its undo lifts it then. Answers whose that are. The rows
 * themselves hold nobody any more. Index: import_row_barred.
 */
export async function handBarsOver(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ImportId,
  rows: readonly { readonly n: number; readonly address: string; readonly barredAt: Date }[],
): Promise<Set<string>> {
  const { rows: kept } = await sql<{ address: string }>`
    with own as (
      select * from unnest(${textArray(rows.map(({ address }) => address))}::text[],
                           ${textArray(rows.map(({ barredAt }) => barredAt.toISOString()))}::timestamptz[]) as w (address, at)
    ), heir as (
      select distinct on (r.address) r.import_id, r.n, r.address, own.at
        from own
        join import_row as r on r.workspace_id = ${workspaceId} and r.address = own.address and r.barred is not null and r.import_id <> ${id}
        join import_batch as b on b.workspace_id = r.workspace_id and b.id = r.import_id and b.state not in ('undoing', 'undone')
       order by r.address, r.import_id, r.n
    )
    update import_row as r set barred = 'made', barred_at = heir.at
      from heir
     where r.workspace_id = ${workspaceId} and r.import_id = heir.import_id and r.n = heir.n
    returning r.address`.execute(tx)
  return new Set(kept.map(({ address }) => address))
}

export async function forgetBars(tx: Tx, workspaceId: WorkspaceId, id: ImportId, ns: readonly number[]): Promise<void> {
  await sql`
    update import_row set barred = null, barred_at = null
     where workspace_id = ${workspaceId} and import_id = ${id} and n = any (${plainArray(ns)}::bigint[])`.execute(tx)
}

/** Lists that somebody left by this import's word alone, for the address it was said of. */
export async function selectLeftBy(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ImportId,
  ids: readonly ContactId[],
): Promise<{ contactId: ContactId; listId: ListId; address: string; at: Date }[]> {
  const { rows } = await sql<{ contactId: ContactId; listId: ListId; address: string; at: Date }>`
    select contact_id as "contactId", list_id as "listId", address, at from consent_event
     where workspace_id = ${workspaceId} and contact_id = any (${plainArray(ids)}::uuid[]) and source = 'import' and source_id = ${id}
       and became = 'unsubscribed'`.execute(tx)
  return rows
}

export async function highestRow(db: Db | Tx, workspaceId: WorkspaceId, id: ImportId): Promise<number> {
  const { rows } = await sql<{
    n: number | null
  }>`select max(n) as n from import_row where workspace_id = ${workspaceId} and import_id = ${id}`.execute(db)
  return rows[0]?.n ?? 0
}

/** Of people this import added: those who are as it left them, and have done nothing since. */
export async function selectUntouched(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly ContactId[],
  importId: ImportId,
): Promise<ContactId[]> {
  const { rows } = await sql<{ id: ContactId }>`
    select c.id from contact as c
     where c.workspace_id = ${workspaceId} and c.id = any (${plainArray(ids)}::uuid[]) and c.updated_at = c.created_at and c.merged_into is null
       and not exists (select from contact_activity as a where a.workspace_id = c.workspace_id and a.contact_id = c.id)
       and not exists (select from consent_event as e where e.workspace_id = c.workspace_id and e.contact_id = c.id
                          and (e.source <> 'import' or e.source_id is distinct from ${importId}))
       and not exists (select from contact as m where m.workspace_id = c.workspace_id and m.merged_into = c.id)
     for update`.execute(tx)
  return rows.map((row) => row.id)
}

export async function deletePeople(tx: Tx, workspaceId: WorkspaceId, ids: readonly ContactId[]): Promise<void> {
  await sql`delete from contact where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(tx)
}

export async function savepoint(tx: Tx, act: 'set' | 'back' | 'forget'): Promise<void> {
  const statement = {
    set: sql`savepoint one_person`,
    back: sql`rollback to savepoint one_person`,
    forget: sql`release savepoint one_person`,
  }
  await statement[act].execute(tx)
}

export interface GivenConsent {
  readonly contactId: ContactId
  readonly listId: ListId
  readonly was: 'none' | 'pending' | 'subscribed' | 'unsubscribed'
  readonly became: 'pending' | 'subscribed' | 'unsubscribed'
  readonly wasSource: string | null
}

/** What this import changed about consent and nobody since: the standing is still its word. */
export async function selectGivenConsent(
  tx: Tx,
  workspaceId: WorkspaceId,
  importId: ImportId,
  ids: readonly ContactId[],
): Promise<GivenConsent[]> {
  const { rows } = await sql<GivenConsent>`
    select e.contact_id as "contactId", e.list_id as "listId", e.was, e.became
      from consent_event as e
      join list_member as m on m.workspace_id = e.workspace_id and m.contact_id = e.contact_id and m.list_id = e.list_id
     where e.workspace_id = ${workspaceId} and e.contact_id = any (${plainArray(ids)}::uuid[]) and e.source = 'import' and e.source_id = ${importId}
       and m.source = 'import' and m.status = e.became and m.since = e.at
     order by e.list_id, e.contact_id for update of m`.execute(tx)
  return rows
}

export async function deleteMembers(
  tx: Tx,
  workspaceId: WorkspaceId,
  members: readonly { readonly contactId: ContactId; readonly listId: ListId }[],
): Promise<void> {
  await sql`
    delete from list_member as m
     using unnest(${plainArray(members.map((m) => m.listId))}::uuid[], ${plainArray(members.map((m) => m.contactId))}::uuid[]) as w (list, contact)
     where m.workspace_id = ${workspaceId} and m.list_id = w.list and m.contact_id = w.contact`.execute(tx)
}

export async function refuseRows(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ImportId,
  rows: readonly (readonly [number, string])[],
): Promise<void> {
  await sql`
    update import_row as r set verdict = 'refused', reason = w.reason
      from unnest(${plainArray(rows.map(([n]) => n))}::bigint[], ${textArray(rows.map(([, reason]) => reason))}::text[]) as w (n, reason)
     where r.workspace_id = ${workspaceId} and r.import_id = ${id} and r.n = w.n`.execute(tx)
}

/** Imports whose file or rows are not needed any more. */
export async function selectOutlived(
  db: Db | Tx,
  { uploadingBefore, finishedBefore }: { readonly uploadingBefore: Date; readonly finishedBefore: Date },
  limit: number,
): Promise<{ workspaceId: WorkspaceId; id: ImportId; state: ImportState }[]> {
  const { rows } = await sql<{ workspaceId: WorkspaceId; id: ImportId; state: ImportState }>`
    select workspace_id as "workspaceId", id, state from import_batch as b
     where (state in ('uploading', 'mapping', 'checked') and updated_at < ${uploadingBefore})
        or (state in ('done', 'undone', 'failed', 'discarded')
            and exists (select from import_part as p where p.workspace_id = b.workspace_id and p.import_id = b.id))
        or (state in ('done', 'undone', 'failed', 'discarded') and finished_at < ${finishedBefore}
            and exists (select from import_row as r where r.workspace_id = b.workspace_id and r.import_id = b.id))
     limit ${limit}`.execute(db)
  return rows
}

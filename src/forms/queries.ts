import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import { isSuppressedIn } from '../delivery/suppression/suppress.ts'
import type { ContactId, WorkspaceId } from '../lib/ids.ts'
import type { ConsentText, Form, FormId, FormSettings } from './form.ts'
import type { Submission, SubmissionId } from './submission.ts'

const FORM = sql.raw(
  `f.workspace_id as "workspaceId", f.id, f.name, f.slug, f.settings, f.revision, f.state, f.version, f.captcha_secret as "sealedSecret",
   f.created_at as "createdAt", f.updated_at as "updatedAt", f.published_at as "publishedAt"`,
)
const SUBMISSION = sql.raw(
  `s.workspace_id as "workspaceId", s.id, s.form_id as "formId", s.version, s.state, s.reason, s.address, s.answers, s.lists, s.consents, host(s.ip) as ip, s.page,
   s.at, s.confirm_by as "confirmBy", s.settled_at as "settledAt", host(s.settled_ip) as "settledIp", s.contact_id as "contactId", s.message_id as "messageId"`,
)

export async function insertForm(tx: Tx, f: Form): Promise<void> {
  await sql`
    insert into form (workspace_id, id, name, slug, settings, revision, state, version, captcha_secret, created_at, updated_at, published_at)
    values (${f.workspaceId}, ${f.id}, ${f.name}, ${f.slug}, ${JSON.stringify(f.settings)}::jsonb, ${f.revision}, ${f.state}, ${f.version},
            ${f.sealedSecret}, ${f.createdAt}, ${f.updatedAt}, ${f.publishedAt})`.execute(tx)
}

export async function updateForm(tx: Tx, f: Form): Promise<void> {
  await sql`
    update form
       set name = ${f.name}, slug = ${f.slug}, settings = ${JSON.stringify(f.settings)}::jsonb, revision = ${f.revision}, state = ${f.state},
           version = ${f.version}, captcha_secret = ${f.sealedSecret}, updated_at = ${f.updatedAt}, published_at = ${f.publishedAt}
     where workspace_id = ${f.workspaceId} and id = ${f.id}`.execute(tx)
}

export async function deleteForm(tx: Tx, workspaceId: WorkspaceId, id: FormId): Promise<void> {
  await sql`delete from form where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export async function selectForm(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: FormId,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<Form | null> {
  const { rows } = await sql<Form>`
    select ${FORM} from form as f where f.workspace_id = ${workspaceId} and f.id = ${id} ${lock ? sql`for update` : sql``}`.execute(
    db,
  )
  return rows[0] ?? null
}

/** By what its public address says: the slug, or the id, which stays when the slug is changed. Of whatever workspace. */
export async function selectFormAt(db: Db, key: { readonly slug: string } | { readonly id: FormId }): Promise<Form | null> {
  const { rows } = await sql<Form>`
    select ${FORM} from form as f where ${'slug' in key ? sql`f.slug = ${key.slug}` : sql`f.id = ${key.id}`} limit 1`.execute(db)
  return rows[0] ?? null
}

/** Newest first. */
export async function selectForms(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  page: { readonly after: string | null; readonly limit: number },
): Promise<Form[]> {
  const { rows } = await sql<Form>`
    select ${FORM} from form as f
     where f.workspace_id = ${workspaceId} and (${page.after}::uuid is null or f.id < ${page.after}::uuid)
     order by f.id desc limit ${page.limit}`.execute(db)
  return rows
}

export async function insertVersion(tx: Tx, form: Form, by: string, now: Date): Promise<void> {
  await sql`
    insert into form_version (workspace_id, form_id, version, settings, published_at, published_by)
    values (${form.workspaceId}, ${form.id}, ${form.version}, ${JSON.stringify(form.settings)}::jsonb, ${now}, ${by})`.execute(tx)
}

export async function selectVersion(
  db: Db | Tx,
  { workspaceId, id, version }: Pick<Form, 'workspaceId' | 'id' | 'version'>,
): Promise<FormSettings | null> {
  const { rows } = await sql<{ settings: FormSettings }>`
    select settings from form_version where workspace_id = ${workspaceId} and form_id = ${id} and version = ${version}`.execute(
    db,
  )
  return rows[0]?.settings ?? null
}

/** Every version of every box, the newest of each first. */
export async function selectConsents(db: Db | Tx, { workspaceId, id }: Pick<Form, 'workspaceId' | 'id'>): Promise<ConsentText[]> {
  const { rows } = await sql<ConsentText>`
    select key, version, text, hash from form_consent where workspace_id = ${workspaceId} and form_id = ${id} order by key, version desc`.execute(
    db,
  )
  return rows
}

export async function insertConsent(
  tx: Tx,
  { workspaceId, id }: Pick<Form, 'workspaceId' | 'id'>,
  one: ConsentText,
  now: Date,
): Promise<void> {
  await sql`
    insert into form_consent (workspace_id, form_id, key, version, text, hash, published_at)
    values (${workspaceId}, ${id}, ${one.key}, ${one.version}, ${one.text}, ${one.hash}, ${now})`.execute(tx)
}

export async function insertSubmission(tx: Tx, s: Submission): Promise<void> {
  await sql`
    insert into form_submission (workspace_id, id, form_id, version, state, reason, address, answers, lists, consents, ip, page, at, confirm_by,
                                 settled_at, settled_ip, contact_id, message_id)
    values (${s.workspaceId}, ${s.id}, ${s.formId}, ${s.version}, ${s.state}, ${s.reason}, ${s.address}, ${JSON.stringify(s.answers)}::jsonb,
            ${plainArray(s.lists)}::uuid[], ${JSON.stringify(s.consents)}::jsonb, ${s.ip}::inet, ${s.page}, ${s.at}, ${s.confirmBy}, ${s.settledAt},
            ${s.settledIp}::inet, ${s.contactId}, ${s.messageId})`.execute(tx)
}

export async function settleSubmission(
  tx: Tx,
  s: Pick<Submission, 'workspaceId' | 'id' | 'state' | 'settledAt' | 'settledIp' | 'contactId'>,
): Promise<void> {
  await sql`
    update form_submission set state = ${s.state}, settled_at = ${s.settledAt}, settled_ip = ${s.settledIp}::inet, contact_id = ${s.contactId}
     where workspace_id = ${s.workspaceId} and id = ${s.id}`.execute(tx)
}

/** Of whatever workspace: the token says that it is ours. */
export async function selectSubmissionAt(db: Db, id: SubmissionId): Promise<Submission | null> {
  const { rows } = await sql<Submission>`select ${SUBMISSION} from form_submission as s where s.id = ${id} limit 1`.execute(db)
  return rows[0] ?? null
}

export async function lockSubmission(tx: Tx, workspaceId: WorkspaceId, id: SubmissionId): Promise<Submission | null> {
  const { rows } = await sql<Submission>`
    select ${SUBMISSION} from form_submission as s where s.workspace_id = ${workspaceId} and s.id = ${id} for update`.execute(tx)
  return rows[0] ?? null
}

/** Newest first. */
export async function selectSubmissions(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  filter: { readonly formId: FormId; readonly state: string | null; readonly after: string | null; readonly limit: number },
): Promise<Submission[]> {
  const { rows } = await sql<Submission>`
    select ${SUBMISSION} from form_submission as s
     where s.workspace_id = ${workspaceId} and s.form_id = ${filter.formId} and (${filter.state}::text is null or s.state = ${filter.state})
       and (${filter.after}::uuid is null or s.id < ${filter.after}::uuid)
     order by s.id desc limit ${filter.limit}`.execute(db)
  return rows
}

export interface StateCount {
  readonly formId: FormId
  readonly state: Submission['state']
  readonly n: number
}

/** Of the last `since`: what a list of forms shows. */
export async function countSubmissions(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly FormId[],
  since: Date,
): Promise<StateCount[]> {
  const { rows } = await sql<StateCount>`
    select form_id as "formId", state, count(*)::int as n from form_submission
     where workspace_id = ${workspaceId} and form_id = any (${plainArray(ids)}::uuid[]) and at >= ${since} group by 1, 2`.execute(
    db,
  )
  return rows
}

/** Whether whoever has this address said within this time that it was not them. */
export async function wasDenied(tx: Tx, workspaceId: WorkspaceId, address: string, since: Date): Promise<boolean> {
  const { rows } = await sql`
    select from form_submission where workspace_id = ${workspaceId} and address = ${address} and at >= ${since} and state = 'denied' limit 1`.execute(
    tx,
  )
  return rows.length > 0
}

/** True for a proof that nobody used before. */
export async function insertChallenge(tx: Tx, workspaceId: WorkspaceId, hash: Buffer, expiresAt: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into form_challenge (workspace_id, hash, expires_at) values (${workspaceId}, ${hash}, ${expiresAt}) on conflict do nothing`.execute(
    tx,
  )
  return numAffectedRows === 1n
}

/** How many they are within the window that began at `since`, this one included. The row stays locked, so that those at the same time are counted one by one. */
export async function countTry(
  tx: Tx,
  workspaceId: WorkspaceId,
  { kind, subject, since, by }: { readonly kind: string; readonly subject: Buffer; readonly since: Date; readonly by: 0 | 1 },
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    insert into form_try as t (workspace_id, kind, subject, since, n) values (${workspaceId}, ${kind}, ${subject}, ${since}, ${by})
    on conflict (workspace_id, kind, subject, since) do update set n = t.n + excluded.n
    returning n`.execute(tx)
  return rows[0]?.n ?? 0
}

export async function expireWaiting(tx: Tx, limit: number, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    update form_submission set state = 'expired', settled_at = ${now}
     where (workspace_id, id) in (select workspace_id, id from form_submission where state = 'waiting' and confirm_by <= ${now}
                                   limit ${limit} for update skip locked)`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** What came to nothing is not kept for ever: it has addresses of people who never agreed to anything. */
export async function deleteOld(tx: Tx, limit: number, before: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from form_submission
     where (workspace_id, id) in (select workspace_id, id from form_submission where state in ('refused', 'expired', 'denied') and at < ${before}
                                   limit ${limit} for update skip locked)`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

export async function deleteUsed(tx: Tx, limit: number, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from form_challenge
     where (workspace_id, hash) in (select workspace_id, hash from form_challenge where expires_at < ${now} limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}

export async function deleteTries(tx: Tx, limit: number, before: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from form_try
     where (workspace_id, kind, subject, since) in (select workspace_id, kind, subject, since from form_try where since < ${before} limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}

/** What they typed into forms goes with them. */
export async function deleteSubmissionsOf(
  tx: Tx,
  workspaceId: WorkspaceId,
  { ids, addresses }: { readonly ids: readonly ContactId[]; readonly addresses: readonly string[] },
): Promise<void> {
  await sql`
    delete from form_submission
     where workspace_id = ${workspaceId} and (contact_id = any (${plainArray(ids)}::uuid[]) or address = any (${addresses as string[]}::text[]))`.execute(
    tx,
  )
}

/** Whether one of these lists is not to be sent to this address: somebody left it, who need not be a contact any more. */
export async function hasLeft(
  tx: Tx,
  workspaceId: WorkspaceId,
  address: string,
  scopes: readonly `list:${string}`[],
  now: Date,
): Promise<boolean> {
  const { rows } = await sql<{
    is: boolean
  }>`select ${isSuppressedIn(workspaceId, sql`${address}::text`, scopes, now)} as is`.execute(tx)
  return rows[0]?.is === true
}

/** What somebody typed into forms, newest first: what is told to them. */
export async function selectSubmissionsOf(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { contactId, addresses }: { readonly contactId: ContactId; readonly addresses: readonly string[] },
  limit: number,
): Promise<Submission[]> {
  const { rows } = await sql<Submission>`
    select ${SUBMISSION} from form_submission as s
     where s.workspace_id = ${workspaceId} and (s.contact_id = ${contactId} or s.address = any (${addresses as string[]}::text[])) order by s.id desc limit ${limit}`.execute(
    db,
  )
  return rows
}

/** Of these, those whose draft is not what visitors see. */
export async function selectChanged(db: Db | Tx, workspaceId: WorkspaceId, ids: readonly FormId[]): Promise<Set<FormId>> {
  const { rows } = await sql<{ id: FormId }>`
    select f.id from form as f join form_version as v on v.workspace_id = f.workspace_id and v.form_id = f.id and v.version = f.version
     where f.workspace_id = ${workspaceId} and f.id = any (${plainArray(ids)}::uuid[]) and v.settings <> f.settings`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { ConsentText, Form, FormId, FormSettings } from './form.ts'

const FORM = sql.raw(
  `f.workspace_id as "workspaceId", f.id, f.name, f.slug, f.settings, f.revision, f.state, f.version, f.captcha_secret as "sealedSecret",
   f.created_at as "createdAt", f.updated_at as "updatedAt", f.published_at as "publishedAt"`,
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

/** Of these, those whose draft is not what visitors see. */
export async function selectChanged(db: Db | Tx, workspaceId: WorkspaceId, ids: readonly FormId[]): Promise<Set<FormId>> {
  const { rows } = await sql<{ id: FormId }>`
    select f.id from form as f join form_version as v on v.workspace_id = f.workspace_id and v.form_id = f.id and v.version = f.version
     where f.workspace_id = ${workspaceId} and f.id = any (${plainArray(ids)}::uuid[]) and v.settings <> f.settings`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

/** By an id, wherever it stands in the settings. */
export async function selectFormsNaming(db: Db | Tx, workspaceId: WorkspaceId, id: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from form where workspace_id = ${workspaceId} and position(${id}::text in settings::text) > 0 order by id desc limit ${limit}`.execute(
    db,
  )
  return rows.map(({ name }) => name)
}

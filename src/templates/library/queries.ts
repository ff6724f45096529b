import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { TemplateId } from '../template.ts'
import type { Template } from './template-entry.ts'

const columns = sql.raw(
  `workspace_id as "workspaceId", id, name, description, format, body, blocks, fields, version, created_at as "createdAt", created_by as "createdBy", updated_at as "updatedAt"`,
)

export async function selectTemplates(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Template[]> {
  const { rows } = await sql<Template>`
    select ${columns} from template where workspace_id = ${workspaceId} order by lower(name), id limit ${limit}`.execute(db)
  return rows
}

export async function selectTemplate(db: Db | Tx, workspaceId: WorkspaceId, id: TemplateId): Promise<Template | null> {
  const { rows } = await sql<Template>`
    select ${columns} from template where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function lockTemplate(tx: Tx, workspaceId: WorkspaceId, id: TemplateId): Promise<Template | null> {
  const { rows } = await sql<Template>`
    select ${columns} from template where workspace_id = ${workspaceId} and id = ${id} for update`.execute(tx)
  return rows[0] ?? null
}

export async function countTemplates(tx: Tx, workspaceId: WorkspaceId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from template where workspace_id = ${workspaceId}`.execute(tx)
  return rows[0]?.n ?? 0
}

const json = (value: unknown) => (value === null ? null : JSON.stringify(value))

export async function insertTemplate(tx: Tx, t: Template): Promise<void> {
  await sql`
    insert into template (workspace_id, id, name, description, format, body, blocks, fields, version, created_at, created_by, updated_at)
    values (${t.workspaceId}, ${t.id}, ${t.name}, ${t.description}, ${t.format}, ${t.body}, ${json(t.blocks)}::jsonb, ${json(t.fields)}::jsonb, ${t.version},
            ${t.createdAt}, ${t.createdBy}, ${t.updatedAt})`.execute(tx)
}

export async function updateTemplate(tx: Tx, t: Template): Promise<void> {
  await sql`
    update template
       set name = ${t.name}, description = ${t.description}, format = ${t.format}, body = ${t.body}, blocks = ${json(t.blocks)}::jsonb,
           fields = ${json(t.fields)}::jsonb, version = ${t.version}, updated_at = ${t.updatedAt}
     where workspace_id = ${t.workspaceId} and id = ${t.id}`.execute(tx)
}

export async function deleteTemplate(tx: Tx, workspaceId: WorkspaceId, id: TemplateId): Promise<void> {
  await sql`delete from template where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** Those that show an image. */
export async function selectTemplatesNaming(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  text: string,
  limit: number,
): Promise<{ readonly id: TemplateId; readonly name: string }[]> {
  const { rows } = await sql<{ id: TemplateId; name: string }>`
    select id, name from template
     where workspace_id = ${workspaceId} and (position(${text} in body) > 0 or position(${text} in coalesce(blocks::text, '')) > 0)
     order by id desc limit ${limit}`.execute(db)
  return rows
}

import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Content } from '../../templates/content.ts'
import type { CampaignId } from '../campaign.ts'
import type { Archive } from './archive.ts'

const columns = sql.raw('workspace_id as "workspaceId", slug, title, description, is_open as "isOpen"')

export async function selectArchive(db: Db | Tx, workspaceId: WorkspaceId): Promise<Archive | null> {
  const { rows } = await sql<Archive>`select ${columns} from campaign_archive where workspace_id = ${workspaceId}`.execute(db)
  return rows[0] ?? null
}

/** An open one, by the word in its address. Index: campaign_archive_slug_is_used_once. */
export async function selectArchiveAt(db: Db, slug: string): Promise<Archive | null> {
  const { rows } = await sql<Archive>`select ${columns} from campaign_archive where slug = ${slug} and is_open`.execute(db)
  return rows[0] ?? null
}

export async function upsertArchive(
  tx: Tx,
  { workspaceId, slug, title, description, isOpen }: Archive,
  now: Date,
): Promise<Archive> {
  const { rows } = await sql<Archive>`
    insert into campaign_archive (workspace_id, slug, title, description, is_open, updated_at)
    values (${workspaceId}, ${slug}, ${title}, ${description}, ${isOpen}, ${now})
    on conflict (workspace_id) do update set slug = excluded.slug, title = excluded.title, description = excluded.description,
                                             is_open = excluded.is_open, updated_at = excluded.updated_at
    returning ${columns}`.execute(tx)
  return rows[0] as Archive
}

export interface PublicCampaign {
  readonly id: CampaignId
  readonly startedAt: Date
  readonly updatedAt: Date
  /** Of the version that won, as it was written. */
  readonly subject: string
  readonly preheader: string
  readonly fields: Content['fields']
}

/** Newest first. Index: campaign_public. */
export async function selectPublic(
  db: Db,
  workspaceId: WorkspaceId,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): Promise<PublicCampaign[]> {
  const { rows } = await sql<PublicCampaign>`
    select c.id, c.started_at as "startedAt", c.updated_at as "updatedAt",
           coalesce(v.said ->> 'subject', v.said #>> '{content,subject}', c.content ->> 'subject') as subject,
           coalesce(v.said #>> '{content,preheader}', c.content ->> 'preheader', '') as preheader,
           coalesce(v.said #> '{content,fields}', c.content -> 'fields', '[]') as fields
      from campaign as c
      cross join lateral (select case when c.winner > 0 then c.ab #> array['variants', (c.winner - 1)::text] end as said) as v
     where c.workspace_id = ${workspaceId} and c.is_public and c.started_at is not null
       and (${before}::uuid is null
            or (c.started_at, c.id) < (select b.started_at, b.id from campaign as b where b.workspace_id = ${workspaceId} and b.id = ${before}::uuid))
     order by c.started_at desc, c.id desc limit ${limit}`.execute(db)
  return rows
}

/** Whose it is and where it is shown, by its id alone: one look a workspace with an open archive. */
export async function selectPublicCampaign(db: Db, id: string): Promise<Archive | null> {
  const { rows } = await sql<Archive>`
    select a.workspace_id as "workspaceId", a.slug, a.title, a.description, a.is_open as "isOpen"
      from campaign_archive as a
      join campaign as c on c.workspace_id = a.workspace_id and c.id = ${id}::uuid
     where a.is_open and c.is_public and c.started_at is not null
     limit 1`.execute(db)
  return rows[0] ?? null
}

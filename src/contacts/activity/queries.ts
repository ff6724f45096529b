import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import type { Activity, ActivityKind } from './activity.ts'

/** Another's from now on: all of it, or what came of these addresses. What both have stays with both. */
export async function moveActivity(
  tx: Tx,
  workspaceId: WorkspaceId,
  { from, to, addresses }: { readonly from: ContactId; readonly to: ContactId; readonly addresses: readonly string[] | null },
): Promise<void> {
  await sql`
    update contact_activity as a set contact_id = ${to}
     where a.workspace_id = ${workspaceId} and a.contact_id = ${from}
       and (${addresses === null} or a.address = any (${textArray(addresses ?? [])}::text[]))
       and not exists (select from contact_activity as o where o.workspace_id = a.workspace_id and o.contact_id = ${to}
                          and o.kind = a.kind and o.subject_id = a.subject_id)`.execute(tx)
}

export interface NewActivity {
  readonly workspaceId: WorkspaceId
  /** Null: whoever has the address. */
  readonly contactId: ContactId | null
  readonly address: string
  readonly kind: ActivityKind
  readonly subjectId: string
  readonly campaignId: string | null
  readonly at: Date
}

/** Of addresses that are nobody's nothing is kept. */
export async function insertActivity(tx: Tx, rows: readonly NewActivity[]): Promise<void> {
  await sql`
    insert into contact_activity (workspace_id, contact_id, kind, subject_id, campaign_id, address, at)
    select w.workspace_id, c.id, w.kind, w.subject_id, w.campaign_id, w.address, w.at
      from unnest(${plainArray(rows.map((r) => r.workspaceId))}::uuid[], ${textArray(rows.map((r) => r.contactId))}::uuid[],
                  ${textArray(rows.map((r) => r.address))}::text[], ${plainArray(rows.map((r) => r.kind))}::text[],
                  ${plainArray(rows.map((r) => r.subjectId))}::uuid[], ${textArray(rows.map((r) => r.campaignId))}::uuid[],
                  ${textArray(rows.map((r) => r.at.toISOString()))}::timestamptz[])
           as w (workspace_id, contact_id, address, kind, subject_id, campaign_id, at)
      left join contact_address as a on a.workspace_id = w.workspace_id and a.address = w.address and w.contact_id is null
      join contact as c on c.workspace_id = w.workspace_id and c.id = coalesce(w.contact_id, a.contact_id)
    on conflict (workspace_id, contact_id, kind, subject_id) do nothing`.execute(tx)
}

/** Newest first. */
export async function selectActivity(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  contactId: ContactId,
  limit: number,
): Promise<Activity[]> {
  const { rows } = await sql<Activity>`
    select kind, subject_id as "subjectId", campaign_id as "campaignId", address, at from contact_activity
     where workspace_id = ${workspaceId} and contact_id = ${contactId} order by at desc limit ${limit}`.execute(db)
  return rows
}

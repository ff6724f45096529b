import { sql } from 'kysely'
import type { Db, Tx } from '../db/database.ts'
import type { Campaign } from './campaign.ts'

type Key = Pick<Campaign, 'workspaceId' | 'id'>

export interface Pulse {
  readonly at: Date
  readonly n: number
}

/** One more, unless the last one is younger than `notAfter`; what is older than `before` goes. */
export async function insertPulse(
  tx: Tx,
  { workspaceId, id }: Key,
  { at, n }: Pulse,
  { notAfter, before }: { readonly notAfter: Date; readonly before: Date },
): Promise<void> {
  await sql`
    with old as (
      delete from campaign_pulse where workspace_id = ${workspaceId} and campaign_id = ${id} and at < ${before}
    )
    insert into campaign_pulse (workspace_id, campaign_id, at, n)
    select ${workspaceId}, ${id}, ${at}, ${n}
     where not exists (select from campaign_pulse where workspace_id = ${workspaceId} and campaign_id = ${id} and at > ${notAfter})
    on conflict do nothing`.execute(tx)
}

export async function deletePulses(tx: Tx, { workspaceId, id }: Key): Promise<void> {
  await sql`delete from campaign_pulse where workspace_id = ${workspaceId} and campaign_id = ${id}`.execute(tx)
}

/** The last one at or before a moment; else the first after it. Index: campaign_pulse's key. */
export async function selectPulse(db: Db | Tx, { workspaceId, id }: Key, at: Date): Promise<Pulse | null> {
  const { rows } = await sql<Pulse>`
    (select at, n from campaign_pulse where workspace_id = ${workspaceId} and campaign_id = ${id} and at <= ${at} order by at desc limit 1)
    union all
    (select at, n from campaign_pulse where workspace_id = ${workspaceId} and campaign_id = ${id} and at > ${at} order by at limit 1)
    limit 1`.execute(db)
  return rows[0] ?? null
}

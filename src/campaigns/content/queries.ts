import { type RawBuilder, sql } from 'kysely'
import { textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { CampaignId, CampaignState } from '../campaign.ts'
import type { Seed } from './seed.ts'

/** (contact_id, address) of those who would get it, as freezing judges them; what is seen by an address alone is not looked for here. */
export function whoGets(
  candidates: RawBuilder<unknown>,
  isSuppressed: (address: RawBuilder<unknown>) => RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`
    select candidate.contact_id, candidate.address from (${candidates}) as candidate
     where candidate.standing = 'subscribed' and candidate.address <> '' and not (${isSuppressed(sql`candidate.address`)})`
}

export interface CampaignUsing {
  readonly id: CampaignId
  readonly name: string
  readonly state: CampaignState
}

/** Campaigns whose text has this in it: an image's token, or the id of a template. */
export async function selectCampaignsNaming(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  text: string,
  states: readonly CampaignState[] | null,
  limit: number,
): Promise<CampaignUsing[]> {
  const { rows } = await sql<CampaignUsing>`
    select id, name, state from campaign
     where workspace_id = ${workspaceId} and position(${text} in content::text) > 0
       and (${states === null}::boolean or state = any (${textArray(states ?? [])}::text[]))
     order by id desc limit ${limit}`.execute(db)
  return rows
}

export async function selectSeeds(db: Db | Tx, workspaceId: WorkspaceId): Promise<Seed[]> {
  const { rows } = await sql<Seed>`
    select address, name from seed_address where workspace_id = ${workspaceId} order by created_at, address`.execute(db)
  return rows
}

export async function replaceSeeds(tx: Tx, workspaceId: WorkspaceId, seeds: readonly Seed[], now: Date): Promise<void> {
  await sql`delete from seed_address where workspace_id = ${workspaceId}`.execute(tx)
  if (seeds.length === 0) return
  await sql`
    insert into seed_address (workspace_id, address, name, created_at)
    select ${workspaceId}::uuid, s.address, s.name, ${now}::timestamptz + s.nth * interval '1 microsecond'
      from unnest(${textArray(seeds.map(({ address }) => address))}::text[], ${textArray(seeds.map(({ name }) => name))}::text[])
           with ordinality as s (address, name, nth)`.execute(tx)
}

import { sql } from 'kysely'
import { whoDid } from '../../contacts/audience/people.ts'
import type { Tx } from '../../db/database.ts'
import type { Campaign } from '../campaign.ts'
import type { VariantCount } from './ab-test.ts'

/** Of the people of each version: to how many it was sent, and how many did this. A link that was followed was seen. */
export async function countVariants(
  tx: Tx,
  { workspaceId, id }: Pick<Campaign, 'workspaceId' | 'id'>,
  measure: 'opened' | 'clicked' | 'replied',
): Promise<VariantCount[]> {
  const { rows } = await sql<VariantCount>`
    select r.variant, count(distinct a.contact_id) filter (where a.kind = 'sent')::int as sent,
           count(distinct a.contact_id) filter (where a.kind <> 'sent')::int as did
      from (${whoDid(workspaceId, id, measure === 'opened' ? ['sent', 'opened', 'clicked'] : ['sent', measure])}) as a
      join campaign_recipient as r on r.workspace_id = ${workspaceId} and r.campaign_id = ${id} and r.contact_id = a.contact_id
     where r.variant is not null
     group by r.variant order by r.variant`.execute(tx)
  return rows
}

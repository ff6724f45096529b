/** From which domains campaigns are sent, and which campaigns from a domain: a version that is tried may have a sender of its own. */
import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { parseMailbox } from '../mail/address.ts'
import { asVariant, variantsOf } from './ab/as-variant.ts'
import type { Campaign, CampaignState } from './campaign.ts'
import { selectNamingDomain } from './queries.ts'

/** What is to leave, or may go on. */
export const LEAVES: readonly CampaignState[] = ['scheduled', 'preparing', 'sending', 'paused']

const MOST = 20

export function fromDomainsOf(campaign: Campaign): string[] {
  const senders = variantsOf(campaign).map((variant) => parseMailbox(asVariant(campaign, variant).sender))
  return [...new Set(senders.flatMap((sender) => (sender ? [sender.address.domain.toLowerCase()] : [])))]
}

/** Those that are to leave from a domain, or do, newest first. */
export async function campaignsFrom(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  domain: string,
): Promise<readonly Pick<Campaign, 'id' | 'name' | 'state'>[]> {
  const found = await selectNamingDomain(db, workspaceId, domain, LEAVES, MOST)
  return found.filter((campaign) => fromDomainsOf(campaign).includes(domain)).map(({ id, name, state }) => ({ id, name, state }))
}

import type { Content } from '../../templates/content.ts'
import type { Campaign, MadeVariant } from '../campaign.ts'
import { countOf, letterOf } from './ab-test.ts'

/** The campaign as those see it who get this version. The first is the campaign as it was written. */
export function asVariant(campaign: Campaign, variant: number): Campaign {
  const { ab, utm } = campaign
  if (!ab) return campaign
  // Where nothing else is said, visits can be told by version.
  const marked = { ...campaign, utm: utm && utm.content === '' ? { ...utm, content: letterOf(variant).toLowerCase() } : utm }
  const said = ab.variants[variant - 1]
  if (!said) return marked
  const made: MadeVariant | null = campaign.variants?.[variant - 1] ?? null
  return {
    ...marked,
    content: contentOf(said.content ?? campaign.content, said.subject),
    sender: said.sender ?? campaign.sender,
    contentHash: made?.contentHash ?? null,
    sizeBytes: made?.sizeBytes ?? null,
    parts: made?.parts ?? null,
    linkSet: made?.linkSet ?? null,
    tracking: made?.tracking ?? campaign.tracking,
  }
}

export function variantsOf({ ab }: Pick<Campaign, 'ab'>): number[] {
  return ab ? Array.from({ length: countOf(ab) }, (_, i) => i) : [0]
}

function contentOf(content: Content, subject: string | null): Content {
  return subject === null ? content : { ...content, subject }
}

/** Whether some of its people may be waiting for the winner. */
export function isTesting({ ab, winner }: Pick<Campaign, 'ab' | 'winner'>): boolean {
  return ab !== null && ab.share < 100 && winner === null
}

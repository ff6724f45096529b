import type { countCampaignAudience } from '../../../src/api/endpoints/campaigns.ts'
import type { ReplyOf } from '../../api.ts'
import { t } from '../../texts/texts.ts'
import { number } from '../../ui/format.ts'

type Counted = ReplyOf<typeof countCampaignAudience>

/** "malformed address 896, unsubscribed 12" */
export function reasonsOf({ excluded }: Counted): string {
  return excluded.map(({ reason, n }) => `${t.campaigns.exclusionShort[reason]} ${number(n)}`).join(', ')
}

/** "Send to 1,204; 896 are left out: malformed address 896." */
export function sizeOf(counted: Counted): string {
  const says = t.campaigns.edit
  const out = counted.candidates - counted.would_get
  const first = counted.would_get === 0 ? says.sendNobody : says.sendTo(number(counted.would_get))
  return out === 0 ? `${first}.` : `${first}; ${says.leftOutAre(number(out), says.are(out), reasonsOf(counted))}.`
}

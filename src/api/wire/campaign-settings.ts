import type { CampaignSettings } from '../../campaigns/settings.ts'
import type { CampaignSettingsBody } from '../endpoints/campaign-settings.ts'

export function toCampaignSettings(c: CampaignSettings): CampaignSettingsBody {
  return {
    reply_inbox_id: c.replyInboxId,
    cap_exempt: c.capExempt,
    local_time: c.localTime,
    utm: c.utm && { ...c.utm, domains: c.utm.domains && [...c.utm.domains] },
  }
}

/** What was left out stays as it is. */
export function fromCampaignSettings(
  said: { [Key in keyof CampaignSettingsBody]?: CampaignSettingsBody[Key] | undefined },
): Partial<CampaignSettings> {
  return {
    ...(said.reply_inbox_id !== undefined && { replyInboxId: said.reply_inbox_id }),
    ...(said.cap_exempt !== undefined && { capExempt: said.cap_exempt }),
    ...(said.local_time !== undefined && { localTime: said.local_time }),
    ...(said.utm !== undefined && { utm: said.utm }),
  }
}

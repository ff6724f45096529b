import type { AbTest } from '../../campaigns/ab/ab-test.ts'
import type { CampaignSettings } from '../../campaigns/settings.ts'
import type { CampaignSettingsBody } from '../endpoints/campaign-settings.ts'
import { fromContent, toContent } from './content.ts'

export function toCampaignSettings(c: CampaignSettings): CampaignSettingsBody {
  return {
    reply_inbox_id: c.replyInboxId,
    cap_exempt: c.capExempt,
    local_time: c.localTime,
    is_public: c.isPublic,
    ab: c.ab && toTest(c.ab),
    utm: c.utm && { ...c.utm, domains: c.utm.domains && [...c.utm.domains] },
  }
}

type Test = NonNullable<CampaignSettingsBody['ab']>

function toTest({ variants, share, measure, afterMinutes, unclear }: AbTest): Test {
  return {
    ...{ share, measure, unclear, after_minutes: afterMinutes },
    variants: variants.map(({ subject, sender, content }) => ({ subject, sender, content: content && toContent(content) })),
  }
}

function fromTest({ variants, after_minutes: afterMinutes, ...rest }: Test): AbTest {
  return {
    ...rest,
    afterMinutes,
    variants: variants.map((one) => ({ ...one, content: one.content && fromContent(one.content) })),
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
    ...(said.is_public !== undefined && { isPublic: said.is_public }),
    ...(said.ab !== undefined && { ab: said.ab && fromTest(said.ab) }),
    ...(said.utm !== undefined && { utm: said.utm }),
  }
}

/** Sending a campaign that is ready: from then on it goes by itself, and is stopped where campaigns are. */
import type { CampaignId } from '../../campaigns/campaign.ts'
import { startCampaign } from '../../campaigns/life.ts'
import { Refusal } from '../../errors.ts'
import { isId } from '../../lib/ids.ts'
import type { SendCampaign } from '../definition/nodes/mail.ts'
import { go, refused } from './conversation.ts'
import { type Step, step } from './step.ts'

const sendCampaign = step<SendCampaign>({
  type: 'campaign.send@1',
  async run({ tx, actor, now }, { campaign }) {
    try {
      const id = isId(campaign) ? (campaign as CampaignId) : null
      if (id === null) return refused('The campaign that this step names is not there any more.', 'not_found')
      await startCampaign(tx, id, actor, now)
      return go('out', { campaign_id: id })
    } catch (error) {
      if (error instanceof Refusal) return refused(error.message, error.code)
      throw error
    }
  },
})

export const CAMPAIGN_STEPS = [sendCampaign] as unknown as readonly Step<never>[]

import { type Campaign, changeCampaign, getCampaign, listCampaigns } from '../../../src/api/endpoints/campaigns.ts'
import { call, type Given } from '../../api.ts'
import { useAutosave, type Writable } from '../../parts/use-autosave.ts'
import { keyOf } from '../../query.ts'
import type { CampaignChange } from './panels.ts'

const CAMPAIGN: Writable<Campaign, Campaign> = {
  draftOf: (campaign) => campaign,
  versionOf: ({ version }) => version,
  load: async (id) => (await call(getCampaign, { params: { id } })).campaign,
  save: (id, change, version) =>
    call(changeCampaign, { params: { id }, body: { ...change, version } as Given<typeof changeCampaign>['body'] }),
  onSaved: (client) => {
    for (const changed of [getCampaign, listCampaigns]) void client.invalidateQueries({ queryKey: keyOf(changed) })
  },
}

/** A campaign as it is being written. */
export function useDraft(campaign: Campaign) {
  const { change, ...rest } = useAutosave(CAMPAIGN, campaign)
  return { ...rest, change: (said: CampaignChange) => change(() => said as Partial<Campaign>) }
}

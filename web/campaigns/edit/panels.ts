import type { ComponentType } from 'react'
import type { Campaign, changeCampaign } from '../../../src/api/endpoints/campaigns.ts'
import type { BodyOf } from '../../api.ts'

/** What is being said of a campaign: only what changes. */
export type CampaignChange = Omit<BodyOf<typeof changeCampaign>, 'version'>

export interface PanelProps {
  /** As it is written now, also what is not saved yet. */
  readonly campaign: Campaign
  /** Saved a moment later, with whatever else was typed meanwhile. */
  readonly onChange: (change: CampaignChange) => void
}

export interface EditPanel {
  readonly id: string
  readonly title: string
  readonly Panel: ComponentType<PanelProps>
}

/** Settings of a campaign that stand under the ones everybody needs, each a panel of the editor page, in this order. */
export const EDIT_PANELS: readonly EditPanel[] = []

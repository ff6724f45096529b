import type { ComponentType } from 'react'
import type { Campaign, changeCampaign } from '../../../src/api/endpoints/campaigns.ts'
import type { BodyOf } from '../../api.ts'
import { t } from '../../texts/texts.ts'
import { ArchivePanel } from '../extra/archive-panel.tsx'
import { CapsPanel } from '../extra/caps-panel.tsx'
import { LocalTimePanel } from '../extra/local-time-panel.tsx'
import { RepliesPanel } from '../extra/replies-panel.tsx'
import { UtmPanel } from '../extra/utm-panel.tsx'
import { VersionsPanel } from '../extra/versions-panel.tsx'

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
export const EDIT_PANELS: readonly EditPanel[] = [
  { id: 'versions', title: t.campaignSettings.ab.title, Panel: VersionsPanel },
  { id: 'local-time', title: t.campaignSettings.local.title, Panel: LocalTimePanel },
  { id: 'replies', title: t.campaignSettings.replies.title, Panel: RepliesPanel },
  { id: 'caps', title: t.campaignSettings.caps.title, Panel: CapsPanel },
  { id: 'utm', title: t.campaignSettings.utm.title, Panel: UtmPanel },
  { id: 'archive', title: t.campaignSettings.archive.title, Panel: ArchivePanel },
]

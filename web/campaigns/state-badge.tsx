import { Ban, CalendarClock, CheckCheck, CircleHelp, Hourglass, type LucideIcon, Pause, PencilLine, Send } from 'lucide-react'
import type { CampaignSummary } from '../../src/api/endpoints/campaigns.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import { toneOf } from './look.ts'

const ICONS: Readonly<Record<CampaignSummary['state'], LucideIcon>> = {
  draft: PencilLine,
  scheduled: CalendarClock,
  preparing: Hourglass,
  sending: Send,
  paused: Pause,
  done: CheckCheck,
  cancelled: Ban,
}

export function CampaignBadge({ campaign }: { campaign: Pick<CampaignSummary, 'state' | 'question'> }) {
  const { state, question } = campaign
  return (
    <Badge
      tone={toneOf(campaign)}
      icon={question ? CircleHelp : ICONS[state]}
      label={question ? t.campaigns.asks : t.campaigns.states[state]}
      moving={state === 'sending' || state === 'preparing'}
    />
  )
}

import { Ban, CheckCheck, CircleHelp, Hourglass, Inbox, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { FeedbackState } from '../../src/api/endpoints/feedback.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import type { Tone } from '../ui/tone.ts'

const LOOKS: Readonly<Record<FeedbackState, { readonly tone: Tone; readonly icon: LucideIcon }>> = {
  received: { tone: 'wait', icon: Inbox },
  parked: { tone: 'wait', icon: Hourglass },
  applied: { tone: 'good', icon: CheckCheck },
  ignored: { tone: 'calm', icon: Ban },
  unmatched: { tone: 'doubt', icon: CircleHelp },
  failed: { tone: 'bad', icon: TriangleAlert },
}

export function FeedbackBadge({ state, plain = false }: { state: FeedbackState; plain?: boolean }) {
  return <Badge {...LOOKS[state]} label={t.feedback.states[state]} plain={plain} />
}

import {
  CalendarX,
  Check,
  CheckCheck,
  CircleHelp,
  Clock3,
  CornerUpLeft,
  type LucideIcon,
  Minus,
  Pause,
  Send,
  ShieldBan,
  TriangleAlert,
} from 'lucide-react'
import { type DeliveryState, type DeliverySummary, LIVE_STATES } from '../../src/api/endpoints/deliveries.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import type { Tone } from '../ui/tone.ts'

export interface Look {
  readonly tone: Tone
  readonly icon: LucideIcon
}

/** A hue, a shape and a word for each state; none of them alone. */
export const STATE_LOOKS: Readonly<Record<DeliveryState, Look>> = {
  queued: { tone: 'wait', icon: Clock3 },
  sending: { tone: 'busy', icon: Send },
  held: { tone: 'care', icon: Pause },
  unknown: { tone: 'doubt', icon: CircleHelp },
  sent: { tone: 'good', icon: Check },
  delivered: { tone: 'good', icon: CheckCheck },
  bounced: { tone: 'bad', icon: CornerUpLeft },
  failed: { tone: 'bad', icon: TriangleAlert },
  expired: { tone: 'bad', icon: CalendarX },
  suppressed: { tone: 'calm', icon: ShieldBan },
  cancelled: { tone: 'calm', icon: Minus },
}

/** Still on its way, or waiting for somebody: an act is called for, not merely possible. */
export function isLive(state: DeliveryState): boolean {
  return (LIVE_STATES as readonly DeliveryState[]).includes(state)
}

/** What waits for a reason looks different from what merely has not had its turn. */
export function lookOf(delivery: Pick<DeliverySummary, 'state' | 'reason' | 'waiting_on'>): Look {
  const look = STATE_LOOKS[delivery.state]
  return delivery.state === 'queued' && (delivery.reason || delivery.waiting_on) ? { ...look, tone: 'care' } : look
}

export function StateBadge({
  delivery,
  plain = false,
}: {
  delivery: Pick<DeliverySummary, 'state' | 'reason' | 'waiting_on'>
  plain?: boolean
}) {
  const { tone, icon } = lookOf(delivery)
  return <Badge tone={tone} icon={icon} label={t.states[delivery.state]} plain={plain} moving={delivery.state === 'sending'} />
}

export function StateNameBadge({ state, count }: { state: DeliveryState; count?: string }) {
  const { tone, icon } = STATE_LOOKS[state]
  return <Badge tone={tone} icon={icon} label={count ? `${count} ${t.states[state].toLowerCase()}` : t.states[state]} />
}

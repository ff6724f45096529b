import {
  Archive,
  BellOff,
  Copy,
  Flag,
  Hourglass,
  type LucideIcon,
  MailMinus,
  MessageSquarePlus,
  MessageSquareReply,
  StickyNote,
  Undo2,
} from 'lucide-react'
import type { Arrival } from '../../src/api/endpoints/arrivals.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import type { Tone } from '../ui/tone.ts'

const LOOKS: Readonly<Record<NonNullable<Arrival['outcome']> | 'waiting', { readonly tone: Tone; readonly icon: LucideIcon }>> = {
  waiting: { tone: 'busy', icon: Hourglass },
  conversation_started: { tone: 'good', icon: MessageSquarePlus },
  reply_added: { tone: 'good', icon: MessageSquareReply },
  note_added: { tone: 'good', icon: StickyNote },
  bounce_recorded: { tone: 'calm', icon: Undo2 },
  complaint_recorded: { tone: 'care', icon: Flag },
  unsubscribed: { tone: 'calm', icon: MailMinus },
  ignored: { tone: 'calm', icon: BellOff },
  duplicate: { tone: 'calm', icon: Copy },
  quarantined: { tone: 'care', icon: Archive },
}

interface Props {
  readonly arrival: Pick<Arrival, 'outcome' | 'reason'>
  readonly plain?: boolean
  /** Of what has a reason, only that: in lists. */
  readonly short?: boolean
}

/** What became of a mail; of what was put aside or ignored, why. */
export function ArrivalBadge({ arrival: { outcome, reason }, plain = false, short = false }: Props) {
  const name = t.arrivals.outcomes[outcome ?? 'waiting']
  const why = reason === null ? null : (t.arrivals.reasons[reason] ?? reason)
  const label = why === null ? name : short && outcome === 'quarantined' ? why : `${name}: ${why}`
  return <Badge {...LOOKS[outcome ?? 'waiting']} label={label} plain={plain} />
}

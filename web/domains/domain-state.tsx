import {
  BadgeCheck,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CloudOff,
  Hourglass,
  type LucideIcon,
  TriangleAlert,
} from 'lucide-react'
import type { Domain, DomainDetail } from '../../src/api/endpoints/domains.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import type { Tone } from '../ui/tone.ts'

const LOOKS: Readonly<Record<Domain['state'], { tone: Tone; icon: LucideIcon }>> = {
  pending: { tone: 'wait', icon: Hourglass },
  verified: { tone: 'good', icon: BadgeCheck },
  warning: { tone: 'care', icon: TriangleAlert },
  lapsed: { tone: 'bad', icon: CircleAlert },
}

export function DomainBadge({ state }: { state: Domain['state'] }) {
  return <Badge {...LOOKS[state]} label={t.domains.states[state]} />
}

type DnsRecord = DomainDetail['records'][number]

/** A missing record that nobody needs alarms nobody. */
export function RecordBadge({ record: { status, need } }: { record: Pick<DnsRecord, 'status' | 'need'> }) {
  const label = status === null ? t.domains.unknown : t.domains.statuses[status]
  if (status === null) return <Badge tone="calm" icon={CircleDashed} label={label} />
  if (status === 'correct') return <Badge tone="good" icon={CircleCheck} label={label} />
  if (status === 'error') return <Badge tone="doubt" icon={CloudOff} label={label} />
  if (status === 'missing' && need === 'optional') return <Badge tone="calm" icon={CircleDashed} label={label} />
  const isUrgent = need === 'required'
  return <Badge tone={isUrgent ? 'bad' : 'care'} icon={isUrgent ? CircleAlert : TriangleAlert} label={label} />
}

export function subjectName(subject: string): string {
  return subject.startsWith('dkim:') ? t.domains.dkim(subject.slice('dkim:'.length)) : (t.domains.subjects[subject] ?? subject)
}

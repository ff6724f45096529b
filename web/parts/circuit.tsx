import { CircleCheck, CircleSlash, RefreshCw } from 'lucide-react'
import type { Circuit } from '../../src/api/endpoints/routes.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import { ago, clock } from '../ui/format.ts'
import { useNow } from '../ui/time.tsx'

/** Whether mail flows through a route, in a word. */
export function CircuitBadge({ circuit }: { circuit: Circuit }) {
  switch (circuit.state) {
    case 'closed':
      return <Badge tone="good" icon={CircleCheck} label={t.circuit.closed} />
    case 'open':
      return <Badge tone="bad" icon={CircleSlash} label={t.circuit.open} />
    case 'probing':
      return <Badge tone="busy" icon={RefreshCw} label={t.circuit.probing} />
  }
}

/** When a stopped route is tried again, counted down. */
export function NextProbe({ circuit }: { circuit: Exclude<Circuit, { state: 'closed' }> }) {
  const now = useNow()
  if (circuit.state === 'probing') return <>{t.circuit.isProbing}</>
  // A moment that has come is not "a second ago": the probe is on its way.
  if (circuit.next_probe_at <= now) return <>{t.circuit.anyMoment}</>
  return <>{t.circuit.nextProbeAt(clock(circuit.next_probe_at), ago(circuit.next_probe_at, now))}</>
}

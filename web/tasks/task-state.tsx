import { CalendarX, CircleCheck, Clock3, Minus } from 'lucide-react'
import type { WorkflowTask } from '../../src/api/endpoints/workflow-tasks.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import { ago } from '../ui/format.ts'
import { useNow, When } from '../ui/time.tsx'
import { toned } from '../ui/tone.ts'
import styles from './tasks.module.css'

const LOOKS = {
  open: { tone: 'care', icon: Clock3 },
  decided: { tone: 'good', icon: CircleCheck },
  expired: { tone: 'bad', icon: CalendarX },
  withdrawn: { tone: 'calm', icon: Minus },
} as const

/** What was decided says more than that something was. */
export function TaskBadge({
  task: { state, decision, decisions },
}: {
  task: Pick<WorkflowTask, 'state' | 'decision' | 'decisions'>
}) {
  const label = decisions.find(({ key }) => key === decision)?.label
  return <Badge {...LOOKS[state]} label={label ?? t.tasks.states[state]} />
}

const SOON_MS = 24 * 3_600_000

/** Until when it can be decided, louder where that is soon; then the workflow goes on without. */
export function Due({ at }: { at: Date }) {
  const now = useNow()
  const isSoon = at.getTime() - now.getTime() < SOON_MS
  return (
    <span className={styles.due} {...(isSoon && toned('care'))} data-soon={isSoon || undefined}>
      {at <= now ? t.tasks.overdue : t.tasks.due} <When at={at} />
      {isSoon && at > now && ` (${ago(at, now)})`}
    </span>
  )
}

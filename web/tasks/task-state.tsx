import { CalendarX, CircleCheck, Clock3, Minus } from 'lucide-react'
import type { WorkflowTask } from '../../src/api/endpoints/workflow-tasks.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'

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

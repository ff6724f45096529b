import { Ban, CircleAlert, CircleCheck, Clock3 } from 'lucide-react'
import type { WorkflowRunSummary } from '../../../src/api/endpoints/workflow-runs.ts'
import { t } from '../../texts/texts.ts'
import { Badge } from '../../ui/badge.tsx'

const LOOKS = {
  held: { tone: 'bad', icon: CircleAlert },
  running: { tone: 'wait', icon: Clock3 },
  completed: { tone: 'good', icon: CircleCheck },
  cancelled: { tone: 'calm', icon: Ban },
} as const

export type RunLook = keyof typeof LOOKS

export function lookOf({ status, held }: Pick<WorkflowRunSummary, 'status' | 'held'>): RunLook {
  return status === 'running' && held > 0 ? 'held' : status
}

export const toneOf = (run: Pick<WorkflowRunSummary, 'status' | 'held'>) => LOOKS[lookOf(run)].tone

export function RunBadge({ run, plain = false }: { run: Pick<WorkflowRunSummary, 'status' | 'held'>; plain?: boolean }) {
  const look = lookOf(run)
  return <Badge {...LOOKS[look]} label={t.runs.states[look]} plain={plain} />
}

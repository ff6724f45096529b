import type { AnswerDeps } from '../../helpdesk/answering/answer.ts'
import { notifyStep } from './notify.ts'
import type { Step } from './step.ts'
import { triageSteps } from './triage.ts'

/** Everything that is done with conversations. */
export function deskSteps(deps: AnswerDeps): Step<never>[] {
  return [...triageSteps(deps), notifyStep(deps)] as unknown as Step<never>[]
}

import type { Step } from '../step.ts'
import { forwardStep, replyStep } from './answer.ts'
import type { MailStepDeps } from './deps.ts'
import { sendStep } from './send.ts'

/** Everything that sends mail and waits for what becomes of it. */
export function mailSteps(deps: MailStepDeps): Step<never>[] {
  return [sendStep(deps), replyStep(deps), forwardStep(deps)] as unknown as Step<never>[]
}

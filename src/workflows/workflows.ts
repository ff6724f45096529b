/** The engine with everything that its nodes do. */

import type { Clock } from '../lib/clock.ts'
import { createWorkflowEngine, type WorkflowEngine, type WorkflowEngineDeps } from './engine/engine.ts'
import type { Tools } from './engine/tools.ts'
import type { HeadersOf } from './facts/conversation.ts'
import { subjectFacts } from './facts/subject.ts'
import { renderText } from './facts/text.ts'
import { workflowJobs } from './jobs/work.ts'
import { FLOW_STEPS } from './steps/flow.ts'
import { LOGIC_STEPS } from './steps/logic.ts'
import type { Step } from './steps/step.ts'
import { WAIT_STEPS } from './steps/wait.ts'

export interface ToolsDeps {
  readonly clock: Clock
  readonly headersOf: HeadersOf
  /** What nodes do beside going, waiting and computing. */
  readonly steps?: readonly Step<never>[]
}

export function createTools({ clock, headersOf, steps = [] }: ToolsDeps): Tools {
  const all = [...FLOW_STEPS, ...LOGIC_STEPS, ...WAIT_STEPS, ...steps]
  return {
    steps: new Map(all.map((one) => [one.type, one as unknown as Step])),
    readSubject: (tx, run) => subjectFacts(tx, run, headersOf),
    text: async (template, scope) => renderText(template, scope, 'plain', clock.now()),
  }
}

export type WorkflowsDeps = Omit<WorkflowEngineDeps, 'tools'> & ToolsDeps

export function createWorkflows(deps: WorkflowsDeps): WorkflowEngine {
  const tools = createTools(deps)
  const engine = createWorkflowEngine({ ...deps, tools })
  return { ...engine, jobs: [...engine.jobs, workflowJobs({ ...deps, tools })] }
}

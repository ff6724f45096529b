import {
  cancelWorkflowRun,
  continueWorkflowRun,
  getConversationAutomations,
  getWorkflowRun,
  listWorkflowRuns,
  retryWorkflowRun,
  skipWorkflowRun,
  type WorkflowRun,
} from '../../../src/api/endpoints/workflow-runs.ts'
import { countWorkflow } from '../../../src/api/endpoints/workflows.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { useAsk } from '../../ui/ask.tsx'
import { toast } from '../../ui/toasts.tsx'

export const RUN_CHANGES = [getWorkflowRun, listWorkflowRuns, countWorkflow, getConversationAutomations]

export type ShownToken = WorkflowRun['tokens'][number]

/** What people do with one step of a run. What is refused is said where the step stands. */
export function useTokenActs(run: WorkflowRun, token: ShownToken) {
  const ask = useAsk()
  const usual = (done: string) => ({ changes: RUN_CHANGES, quiet: true, onDone: () => toast('good', done) })
  const retry = useAction(retryWorkflowRun, usual(t.run.retryDone))
  const skip = useAction(skipWorkflowRun, usual(t.run.skipDone))
  const goOn = useAction(continueWorkflowRun, usual(t.run.continueDone))
  const given = { params: { id: run.id }, body: { token_id: token.id } }
  const port = token.ports.find(({ key }) => key === token.timeout_port)
  return {
    retry: { isPending: retry.isPending, run: () => retry.mutate(given) },
    continue: {
      isPending: goOn.isPending,
      run: async () => {
        const question = { title: t.run.continueTitle, body: t.run.continueBody(port ? port.label || port.key : null) }
        if (await ask({ ...question, act: t.run.acts.continue, keep: t.run.acts.keep })) goOn.mutate(given)
      },
    },
    skip: {
      isPending: skip.isPending,
      run: (to: string) => skip.mutate({ ...given, body: { ...given.body, port: to } }),
    },
    error: retry.error ?? skip.error ?? goOn.error,
  }
}

type Cancellable = Pick<WorkflowRun, 'id'>

export function useCancelRun(run: Cancellable, body: string, done: string = t.run.cancelDone, title: string = t.run.cancelTitle) {
  const ask = useAsk()
  const cancel = useAction(cancelWorkflowRun, { changes: RUN_CHANGES, quiet: true, onDone: () => toast('good', done) })
  return {
    isPending: cancel.isPending,
    error: cancel.error,
    run: async (act: string, keep: string) => {
      if (await ask({ title, body, act, keep, danger: true })) cancel.mutate({ params: { id: run.id } })
    },
  }
}

import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { getWorkflowRun, listWorkflowRuns, startRunAgain, type WorkflowRun } from '../../../src/api/endpoints/workflow-runs.ts'
import { call, Problem } from '../../api.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { useAsk } from '../../ui/ask.tsx'
import { toast } from '../../ui/toasts.tsx'

const LOOKS = 12
const BETWEEN_MS = 500

/** Begins a run that ended once more and goes to the new one; where none begins, it says why. */
export function useAgain({ id, version, newer_version }: WorkflowRun) {
  const ask = useAsk()
  const navigate = useNavigate()
  const [isLooking, setLooking] = useState(false)
  const [inVain, setInVain] = useState<string | null>(null)
  const again = useAction(startRunAgain, { changes: [listWorkflowRuns], quiet: true })
  const says = t.run.again
  async function run() {
    const body = says.body(newer_version?.number ?? version)
    if (!(await ask({ title: says.title, body, act: says.act, keep: t.run.acts.keep }))) return
    setInVain(null)
    again.mutate({ params: { id } }, { onSuccess: ({ run_id }) => void follow(run_id) })
  }
  async function follow(runId: WorkflowRun['id']) {
    setLooking(true)
    try {
      for (let nth = 0; nth < LOOKS; nth++) {
        await new Promise((wake) => window.setTimeout(wake, BETWEEN_MS))
        if (await isThere(runId)) {
          toast('good', says.began)
          return void navigate({ to: '/runs/$id', params: { id: runId } })
        }
      }
      setInVain(says.notYet)
    } catch (problem) {
      setInVain(problem instanceof Error ? problem.message : String(problem))
    } finally {
      setLooking(false)
    }
  }
  return { isPending: again.isPending || isLooking, error: again.error?.message ?? inVain, run }
}

/** Throws why it will not be there, where that was decided. */
async function isThere(id: WorkflowRun['id']): Promise<boolean> {
  try {
    await call(getWorkflowRun, { params: { id } })
    return true
  } catch (problem) {
    if (problem instanceof Problem && problem.code === 'run_not_begun_yet') return false
    throw problem
  }
}

import { ActionIcon } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Ban, X } from 'lucide-react'
import { useState } from 'react'
import { cancelWorkflowRuns, type WorkflowRunSummary } from '../../../src/api/endpoints/workflow-runs.ts'
import { RUNS_AT_ONCE } from '../../../src/workflows/limits.ts'
import { call } from '../../api.ts'
import { useMe, whyNot } from '../../me.ts'
import { keyOf } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { useAsk } from '../../ui/ask.tsx'
import type { Choice } from '../../ui/data-table.tsx'
import { Note } from '../../ui/note.tsx'
import { toast } from '../../ui/toasts.tsx'
import styles from './runs.module.css'
import { RUN_CHANGES } from './use-run-acts.tsx'

type Run = WorkflowRunSummary
const MOST = 1_000

/** Runs of the list that are chosen. What left the list, or came to its end, is not chosen any more. */
export function useChosenRuns(rows: readonly Run[], of: string) {
  const [state, set] = useState<{ of: string; ids: ReadonlySet<string>; last: number }>({ of, ids: new Set(), last: 0 })
  const ids = state.of === of ? state.ids : new Set<string>()
  const chosen = ids.size === 0 ? [] : rows.filter(({ id, status }) => ids.has(id) && status === 'running').slice(0, MOST)
  const choice: Choice<Run> = {
    isOn: ({ id }) => chosen.some((one) => one.id === id),
    name: ({ workflow, subject }) => [workflow.name, subject?.label].filter(Boolean).join(', '),
    because: ({ status }) => (status === 'running' ? null : t.runs.chosen.over),
    all: (isOn) => set({ of, ids: new Set(isOn ? rows.map(({ id }) => id) : []), last: 0 }),
    toggle(index, isRange) {
      const between = isRange
        ? rows.slice(Math.min(state.last, index), Math.max(state.last, index) + 1)
        : rows.slice(index, index + 1)
      const next = new Set(chosen.map(({ id }) => id))
      const isOn = !isRange && next.has(rows[index]?.id ?? ('' as Run['id']))
      for (const { id } of between) isOn ? next.delete(id) : next.add(id)
      set({ of, ids: next, last: index })
    },
  }
  return { chosen, choice, none: () => set({ of, ids: new Set(), last: 0 }) }
}

/** What can be done with them, with their number. */
export function ChosenBar({ chosen, none }: { chosen: readonly Run[]; none: () => void }) {
  const ask = useAsk()
  const client = useQueryClient()
  const because = whyNot(useMe(), 'workflows.manage')
  const [isWorking, setWorking] = useState(false)
  const [error, setError] = useState<{ readonly words: string; readonly hint?: string } | null>(null)
  const says = t.runs.chosen
  const n = chosen.length
  async function cancel() {
    const question = { title: t.runs.held.cancelTitle(n), body: t.runs.held.cancelBody, act: t.runs.held.cancelAct(n) }
    if (!(await ask({ ...question, keep: t.runs.held.keep, danger: true }))) return
    setWorking(true)
    setError(null)
    let done = 0
    const refused: string[] = []
    try {
      for (let from = 0; from < n; from += RUNS_AT_ONCE) {
        const ids = chosen.slice(from, from + RUNS_AT_ONCE).map(({ id }) => id)
        const reply = await call(cancelWorkflowRuns, { body: { run_ids: ids } })
        done += reply.done
        refused.push(...reply.refused.map(({ sentence }) => sentence))
      }
      if (refused.length === 0) none()
      else setError({ words: t.runs.held.refused(refused.length), hint: [...new Set(refused)].slice(0, 3).join(' ') })
    } catch (problem) {
      setError({ words: problem instanceof Error ? problem.message : String(problem) })
    }
    if (done > 0) toast('good', t.runs.held.cancelled(done))
    setWorking(false)
    for (const changed of RUN_CHANGES) void client.invalidateQueries({ queryKey: keyOf(changed) })
  }
  if (n === 0 && error === null) return null
  return (
    <>
      {n > 0 && (
        <div className={styles.chosen} role="toolbar" aria-label={says.label(n)}>
          <ActionIcon variant="subtle" color="gray" aria-label={says.none} onClick={none}>
            <X size={15} aria-hidden />
          </ActionIcon>
          <span role="status">{says.label(n)}</span>
          <ActButton
            size="compact-sm"
            variant="default"
            because={because}
            loading={isWorking}
            leftSection={<Ban size={14} aria-hidden />}
            onClick={() => void cancel()}
          >
            {t.runs.held.cancelAct(n)}
          </ActButton>
        </div>
      )}
      {error && (
        <Note tone="bad" alert hint={error.hint}>
          {error.words}
        </Note>
      )}
    </>
  )
}

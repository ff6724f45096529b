import { Button } from '@mantine/core'
import { useState } from 'react'
import {
  decideWorkflowTasks,
  getWorkflowTask,
  listWorkflowTasks,
  type WorkflowTask,
} from '../../src/api/endpoints/workflow-tasks.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { useAsk } from '../ui/ask.tsx'
import { Note } from '../ui/note.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './tasks.module.css'

const MOST = 100

interface Props {
  readonly chosen: readonly WorkflowTask[]
  readonly none: () => void
}

/** One word for several tasks: a button for each decision that all of them have. */
export function DecideMany({ chosen, none }: Props) {
  const ask = useAsk()
  const says = t.tasks.many
  const [refused, setRefused] = useState<readonly string[]>([])
  const decide = useAction(decideWorkflowTasks, {
    changes: [listWorkflowTasks, getWorkflowTask],
    quiet: true,
    onDone: ({ done, refused: left }) => {
      setRefused(left.map(({ sentence }) => sentence))
      if (done > 0) toast('good', says.done(done))
      none()
    },
  })
  const [first, ...others] = chosen
  const common = (first?.decisions ?? []).filter(({ key, label }) =>
    others.every(({ decisions }) => decisions.some((one) => one.key === key && one.label === label)),
  )
  async function run(decision: string, label: string) {
    const n = Math.min(chosen.length, MOST)
    if (await ask({ title: says.title(label, n), body: says.body, act: label }))
      decide.mutate({ body: { task_ids: chosen.slice(0, MOST).map(({ id }) => id), decision } })
  }
  return (
    <>
      {chosen.length > 0 && (
        <div className={styles.many} role="toolbar" aria-label={says.label(chosen.length)}>
          <span role="status">{says.label(chosen.length)}</span>
          {common.map(({ key, label }) => (
            <Button key={key} size="compact-sm" variant="default" loading={decide.isPending} onClick={() => void run(key, label)}>
              {label}
            </Button>
          ))}
          {common.length === 0 && <span className={styles.quiet}>{says.nothingCommon}</span>}
          <Button size="compact-sm" variant="subtle" onClick={none}>
            {says.none}
          </Button>
        </div>
      )}
      {(decide.error || refused.length > 0) && (
        <Note tone="bad" alert hint={[...new Set(refused)].slice(0, 3).join(' ')}>
          {decide.error?.message ?? says.refused(refused.length)}
        </Note>
      )}
    </>
  )
}

import { Button } from '@mantine/core'
import { useState } from 'react'
import { retryWorkflowRun, type WorkflowRun } from '../../../src/api/endpoints/workflow-runs.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import { useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, FormActs } from '../../ui/form.tsx'
import { toast } from '../../ui/toasts.tsx'
import { RUN_CHANGES, type ShownToken } from './use-run-acts.tsx'
import { ValueFields, valuesOf, writtenOf } from './values.tsx'

interface Props {
  readonly run: WorkflowRun
  readonly graph: Graph
  readonly token: ShownToken
  readonly onClose: () => void
}

/** Puts right what a step failed by, and lets it be done again. Only what was changed is sent. */
export function VarsDialog({ run, graph, token, onClose }: Props) {
  const { vars } = graph
  const before = writtenOf(vars, run.vars)
  const [written, setWritten] = useState(before)
  const [wrong, setWrong] = useState<readonly string[]>([])
  const retry = useAction(retryWorkflowRun, {
    changes: RUN_CHANGES,
    quiet: true,
    onDone: () => {
      toast('good', t.run.retryDone)
      onClose()
    },
  })
  function submit() {
    const changed = vars.filter(({ key }) => written[key] !== before[key])
    const { values, wrong } = valuesOf(changed, written)
    setWrong(wrong)
    if (wrong.length > 0) return
    retry.mutate({ params: { id: run.id }, body: { token_id: token.id, ...(changed.length > 0 && { vars: values }) } })
  }
  const errorOf = (key: string) => (wrong.includes(key) ? t.run.edit.notJson : retry.error?.fields.get(`/vars/${key}`))
  const isPlaced = vars.some(({ key }) => retry.error?.fields.has(`/vars/${key}`))
  return (
    <Dialog title={t.run.edit.title} onClose={onClose} wide>
      <Form onSubmit={submit} problem={isPlaced ? null : (retry.error?.message ?? null)}>
        <p>{t.run.edit.lead(token.step)}</p>
        <ValueFields
          wanted={vars}
          written={written}
          set={(key, value) => setWritten((known) => ({ ...known, [key]: value }))}
          errorOf={errorOf}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={retry.isPending}>
            {t.run.edit.act}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  getConversationAutomations,
  listWorkflowButtons,
  listWorkflowRuns,
  startWorkflowRuns,
} from '../../../src/api/endpoints/workflow-runs.ts'
import type { ConversationId, InboxId } from '../../../src/lib/ids.ts'
import { RUNS_AT_ONCE } from '../../../src/workflows/limits.ts'
import { call, type ReplyOf } from '../../api.ts'
import { keyOf, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, FormActs } from '../../ui/form.tsx'
import { toast } from '../../ui/toasts.tsx'
import { ValueFields, valuesOf, writtenOf } from './values.tsx'

export type ManyButton = ReplyOf<typeof listWorkflowButtons>['items'][number]

interface Chosen {
  readonly id: string
  readonly inbox_id: string
}

/** Buttons of workflows that can be pressed for all of these at once. */
export function useButtonsFor(rows: readonly Chosen[], enabled: boolean): readonly ManyButton[] {
  const items = useEndpoint(listWorkflowButtons, {}, { enabled }).data?.items ?? []
  const inboxes = new Set(rows.map(({ inbox_id }) => inbox_id as InboxId))
  return items.filter((button) => button.inboxes.length === 0 || [...inboxes].every((id) => button.inboxes.includes(id)))
}

interface Props {
  readonly button: ManyButton
  readonly rows: readonly Chosen[]
  readonly onClose: () => void
  readonly onDone: () => void
}

/** Asks once for what the workflow needs, then presses its button for each of the conversations that are chosen. */
export function PressMany({ button: { label, workflow, inputs }, rows, onClose, onDone }: Props) {
  const client = useQueryClient()
  const says = t.automations
  const [written, setWritten] = useState(() =>
    writtenOf(inputs, Object.fromEntries(inputs.map(({ key, default: value }) => [key, value]))),
  )
  const [wrong, setWrong] = useState<readonly string[]>([])
  const [isWorking, setWorking] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  async function press() {
    const { values, wrong } = valuesOf(inputs, written)
    setWrong(wrong)
    if (wrong.length > 0) return
    setWorking(true)
    setProblem(null)
    try {
      let done = 0
      for (let from = 0; from < rows.length; from += RUNS_AT_ONCE) {
        const ids = rows.slice(from, from + RUNS_AT_ONCE).map(({ id }) => id as ConversationId)
        done += (await call(startWorkflowRuns, { params: { id: workflow.id }, body: { conversation_ids: ids, inputs: values } }))
          .done
      }
      toast(done < rows.length ? 'bad' : 'good', says.pressedMany(label, done, rows.length))
      for (const changed of [getConversationAutomations, listWorkflowRuns])
        void client.invalidateQueries({ queryKey: keyOf(changed) })
      onDone()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
      setWorking(false)
    }
  }
  return (
    <Dialog title={says.pressTitle(label)} onClose={onClose}>
      <Form onSubmit={() => void press()} problem={problem}>
        <p>{says.pressManyLead(workflow.name, rows.length)}</p>
        <ValueFields
          wanted={inputs}
          written={written}
          set={(key, value) => setWritten((known) => ({ ...known, [key]: value }))}
          errorOf={(key) => (wrong.includes(key) ? t.run.edit.notJson : undefined)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={isWorking}>
            {says.pressManyAct(rows.length)}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

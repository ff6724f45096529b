import { Button, Select } from '@mantine/core'
import { useMemo, useState } from 'react'
import { moveWorkflowRun } from '../../../src/api/endpoints/workflow-jobs.ts'
import type { WorkflowRun } from '../../../src/api/endpoints/workflow-runs.ts'
import { getWorkflowVersion } from '../../../src/api/endpoints/workflows.ts'
import { Graph } from '../../../src/workflows/definition/graph.ts'
import { useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, FormActs } from '../../ui/form.tsx'
import { Failed, Skeleton } from '../../ui/loadable.tsx'
import { toast } from '../../ui/toasts.tsx'
import { isTrigger, titleOf } from '../edit/ports.ts'
import { RUN_CHANGES } from './use-run-acts.tsx'

interface Props {
  readonly run: WorkflowRun
  readonly to: NonNullable<WorkflowRun['newer_version']>
  readonly graph: Graph | null
  readonly onClose: () => void
}

/** One run goes on by what new ones begin with. A step that is not there any more finds another one to stand at. */
export function MoveDialog({ run, to, graph, onClose }: Props) {
  const says = t.run.move
  const query = useEndpoint(getWorkflowVersion, { id: run.workflow.id, version_id: to.id })
  const after = useMemo(() => Graph.safeParse(query.data?.definition).data ?? null, [query.data])
  const [mapping, map] = useState<Readonly<Record<string, string>>>({})
  const move = useAction(moveWorkflowRun, {
    changes: RUN_CHANGES,
    quiet: true,
    onDone: () => {
      toast('good', says.done(to.number))
      onClose()
    },
  })
  const nameOf = (id: string) => {
    const node = graph?.nodes[id]
    return node ? titleOf(node) : id
  }
  const lost = after === null ? [] : [...new Set(run.tokens.map(({ node }) => node))].filter((id) => !after.nodes[id])
  const places = Object.entries(after?.nodes ?? {}).flatMap(([value, node]) =>
    after && !isTrigger(after, value) ? [{ value, label: `${titleOf(node)} (${value})` }] : [],
  )
  return (
    <Dialog title={says.title(to.number)} onClose={onClose}>
      {query.error && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Skeleton lines={3} />}
      {after && (
        <Form
          onSubmit={() => move.mutate({ params: { id: run.id }, body: { version_id: to.id, mapping } })}
          problem={move.error?.message ?? null}
        >
          <p>{says.lead(run.version, to.number)}</p>
          {lost.map((id) => (
            <Select
              key={id}
              label={says.lost(nameOf(id))}
              placeholder={t.tasks.choose}
              data={places}
              searchable
              value={mapping[id] ?? null}
              onChange={(next) => map(next === null ? without(mapping, id) : { ...mapping, [id]: next })}
            />
          ))}
          <FormActs end>
            <Button variant="default" onClick={onClose}>
              {t.common.cancel}
            </Button>
            <Button type="submit" loading={move.isPending} disabled={lost.some((id) => !mapping[id])}>
              {says.act(to.number)}
            </Button>
          </FormActs>
        </Form>
      )}
    </Dialog>
  )
}

function without(mapping: Readonly<Record<string, string>>, id: string): Readonly<Record<string, string>> {
  const { [id]: _, ...others } = mapping
  return others
}

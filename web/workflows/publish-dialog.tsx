import { Button, Checkbox, Switch, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { listWorkflowAddresses } from '../../src/api/endpoints/workflow-addresses.ts'
import { listWorkflowJobs, startWorkflowJob } from '../../src/api/endpoints/workflow-jobs.ts'
import {
  checkWorkflow,
  countWorkflow,
  getWorkflow,
  getWorkflowVersion,
  listWorkflows,
  listWorkflowVersions,
  publishWorkflow,
  type Workflow,
  type WorkflowProblem,
} from '../../src/api/endpoints/workflows.ts'
import type { Id } from '../../src/lib/ids.ts'
import { differences } from '../../src/workflows/definition/diff.ts'
import { Graph } from '../../src/workflows/definition/graph.ts'
import { call } from '../api.ts'
import { keyOf, useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Form, FormActs } from '../ui/form.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { toast } from '../ui/toasts.tsx'
import { toned } from '../ui/tone.ts'
import { useDrawing } from './edit/drawing.ts'
import { titleOf } from './edit/ports.ts'
import { type Fate, type Mapping, WaitingRuns } from './waiting-runs.tsx'
import styles from './workflows.module.css'

interface Props {
  readonly workflow: Workflow
  readonly revision: number
  readonly onClose: () => void
}

/** The last word before it runs: what is wrong, what should be known, what is new, and what becomes of runs that go on. */
export function PublishDialog({ workflow, revision, onClose }: Props) {
  const { id, name } = workflow
  const query = useQuery({
    queryKey: [...keyOf(checkWorkflow, { id }), revision],
    queryFn: () => call(checkWorkflow, { params: { id }, body: {} }),
    gcTime: 0,
  })
  return (
    <Dialog title={t.workflows.publishing.title(name)} wide onClose={onClose}>
      <Loadable query={query}>
        {({ problems }) => <Asked workflow={workflow} revision={revision} problems={problems} onClose={onClose} />}
      </Loadable>
    </Dialog>
  )
}

function Asked({ workflow, revision, problems, onClose }: Props & { readonly problems: readonly WorkflowProblem[] }) {
  const [note, setNote] = useState('')
  const [isSeen, see] = useState(false)
  const [isOn, turn] = useState(workflow.version === null || workflow.is_enabled)
  const [fate, doom] = useState<{ readonly fate: Fate; readonly mapping: Mapping }>({ fate: 'finish', mapping: {} })
  const says = t.workflows.publishing
  const { id, name } = workflow
  const errors = problems.filter((problem) => problem.severity === 'error')
  const warnings = problems.filter((problem) => problem.severity === 'warning')
  const changes = [getWorkflow, listWorkflows, listWorkflowVersions, countWorkflow, listWorkflowAddresses]
  // What was published stays so, even where its runs cannot follow: whoever published is told, and may ask again among the versions.
  const follow = useAction(startWorkflowJob, {
    changes: [...changes, listWorkflowJobs],
    onDone: () => toast('good', says.following),
  })
  const publish = useAction(publishWorkflow, {
    changes,
    quiet: true,
    onDone: () => {
      toast('good', says.done(name))
      if (fate.fate === 'move') follow.mutate({ params: { id }, body: { kind: 'move', mapping: fate.mapping } })
      if (fate.fate === 'cancel') follow.mutate({ params: { id }, body: { kind: 'cancel' } })
      onClose()
    },
  })
  const because = errors.length > 0 ? says.notYet : warnings.length > 0 && !isSeen ? says.notSeen : null
  const acknowledged = warnings.map(({ key }) => key)
  return (
    <Form
      onSubmit={() => publish.mutate({ params: { id }, body: { revision, note, acknowledged, enable: isOn } })}
      problem={publish.error?.message ?? null}
    >
      {errors.length > 0 && <Told title={says.errors} problems={errors} onClose={onClose} />}
      {warnings.length > 0 && (
        <>
          <Told title={says.warnings} problems={warnings} onClose={onClose} />
          <Checkbox label={says.acknowledge} checked={isSeen} onChange={(event) => see(event.currentTarget.checked)} />
        </>
      )}
      <Changes workflow={workflow} />
      <Textarea
        label={says.note}
        description={says.noteHint}
        autosize
        minRows={2}
        maxLength={2_000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Switch label={says.enable} checked={isOn} onChange={(event) => turn(event.currentTarget.checked)} />
      <p className={styles.quiet}>{workflow.version === null ? says.first : says.again}</p>
      {workflow.version !== null && workflow.running > 0 && (
        <WaitingRuns workflow={workflow} {...fate} onChange={(next, mapping) => doom({ fate: next, mapping })} />
      )}
      <FormActs end>
        <Button variant="default" onClick={onClose}>
          {t.common.cancel}
        </Button>
        <ActButton type="submit" because={because} loading={publish.isPending}>
          {says.act}
        </ActButton>
      </FormActs>
    </Form>
  )
}

function Told({ title, problems, onClose }: { title: string; problems: readonly WorkflowProblem[]; onClose: () => void }) {
  const { editor, edit } = useDrawing()
  return (
    <section aria-label={title}>
      <h3 className={styles.pickGroup}>{title}</h3>
      <ul className={styles.problemList}>
        {byNode(problems).map(([id, told]) => {
          const node = id === null ? undefined : editor.graph.nodes[id]
          const isBad = told.some((problem) => problem.severity === 'error')
          const go = () => {
            onClose()
            if (id !== null && node) edit(id, told[0]?.field)
          }
          return (
            <li key={id ?? ''}>
              <button type="button" className={styles.problem} onClick={go} {...toned(isBad ? 'bad' : 'care')}>
                <span>
                  {node && <b>{titleOf(node)}</b>}
                  {told.map((problem) => (
                    <span key={problem.key}>{problem.sentence}</span>
                  ))}
                  {told.length === 1 && <span className={styles.quiet}>{told[0]?.fix}</span>}
                </span>
              </button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function byNode(problems: readonly WorkflowProblem[]): readonly (readonly [string | null, readonly WorkflowProblem[]])[] {
  const groups = new Map<string | null, WorkflowProblem[]>()
  for (const problem of problems) groups.set(problem.node, [...(groups.get(problem.node) ?? []), problem])
  return [...groups]
}

/** What is different from what runs, in sentences. */
function Changes({ workflow }: { workflow: Workflow }) {
  const { editor, names } = useDrawing()
  const { id, version } = workflow
  const params = { id, version_id: version?.id as Id<'workflow_version'> }
  const query = useEndpoint(getWorkflowVersion, params, { enabled: version !== null })
  if (version === null) return null
  const says = t.workflows.publishing
  const before = Graph.safeParse(query.data?.definition).data
  const told = before ? differences(before, editor.graph, names) : []
  return (
    <section aria-label={says.changes}>
      <h3 className={styles.pickGroup}>{says.changes}</h3>
      {query.data && told.length === 0 && <p className={styles.quiet}>{says.same}</p>}
      <ul className={styles.changes}>
        {told.map(({ node, what, sentence }) => (
          <li key={`${node} ${what} ${sentence}`} data-what={what}>
            {sentence}
          </li>
        ))}
      </ul>
    </section>
  )
}

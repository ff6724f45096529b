import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { listWorkflowJobs, planWorkflowMove, startWorkflowJob } from '../../../src/api/endpoints/workflow-jobs.ts'
import { countWorkflow, type Workflow } from '../../../src/api/endpoints/workflows.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import { call, type Problem, type ReplyOf } from '../../api.ts'
import { useMe, whyNot } from '../../me.ts'
import { keyOf, useAction } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { useAsk } from '../../ui/ask.tsx'
import { Failed, Skeleton } from '../../ui/loadable.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { toast } from '../../ui/toasts.tsx'
import { isTrigger, titleOf } from '../edit/ports.ts'
import { graphOf } from '../edit/use-draft.ts'
import styles from './jobs.module.css'

type Plan = ReplyOf<typeof planWorkflowMove>
type Mapping = Readonly<Record<string, string>>
const AGAIN_MS = 15_000

interface Props {
  readonly workflow: Workflow
  readonly graph: Graph | null
  readonly busy: string | null
}

/** Runs that go on by older versions: how many could go on by the one that runs now, what stands in the way of the others, and their end. */
export function OlderRuns({ workflow, graph, busy }: Props) {
  const { id, version } = workflow
  const [mapping, map] = useState<Mapping>({})
  const says = t.workflowJobs.older
  const body = { ...(version && { version_id: version.id }), mapping }
  const query = useQuery<Plan, Problem>({
    queryKey: [...keyOf(planWorkflowMove, { id }), body, busy !== null],
    queryFn: () => call(planWorkflowMove, { params: { id }, body }),
    placeholderData: (known) => known,
    refetchInterval: AGAIN_MS,
    gcTime: 0,
  })
  const plan = query.data
  return (
    <Panel title={says.title}>
      {query.error && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Skeleton lines={2} />}
      {plan && plan.runs === 0 && <p className={styles.quiet}>{says.none}</p>}
      {plan && plan.runs > 0 && (
        <div className={styles.form} aria-busy={query.isFetching}>
          <p>
            {says.runs(plan.runs, plan.is_partial)} {plan.versions.map(({ number, runs }) => says.of(number, runs)).join(', ')}
          </p>
          <Note tone={plan.blocked > 0 ? 'care' : 'good'}>{t.workflows.fates.plan(plan.movable, plan.blocked)}</Note>
          <Blocked workflow={workflow} plan={plan} graph={graph} mapping={mapping} onMap={map} />
          <Acts workflow={workflow} plan={plan} mapping={mapping} busy={busy} />
        </div>
      )}
    </Panel>
  )
}

interface BlockedProps extends Omit<Props, 'busy'> {
  readonly plan: Plan
  readonly mapping: Mapping
  readonly onMap: (mapping: Mapping) => void
}

function Blocked({ workflow, plan, graph, mapping, onMap }: BlockedProps) {
  const draft = graphOf(workflow)
  const says = t.workflows.fates
  const title = (id: string) => {
    const node = graph?.nodes[id] ?? draft?.nodes[id]
    return node ? titleOf(node) : id
  }
  const data = Object.entries(graph?.nodes ?? {}).flatMap(([value, node]) =>
    graph && !isTrigger(graph, value) ? [{ value, label: `${titleOf(node)} (${value})` }] : [],
  )
  return (
    <ul className={styles.earlier}>
      {plan.nodes
        .filter(({ node, blocker }) => blocker !== null || mapping[node] !== undefined)
        .map(({ node, waiting, held, blocker }) => {
          const { [node]: _, ...others } = mapping
          return (
            <li key={node} className={styles.card}>
              <p>
                <b>{title(node)}</b>: {says.standing(waiting + held)}
              </p>
              {blocker && <p className={styles.quiet}>{blocker.sentence}</p>}
              <Select
                size="xs"
                label={says.mapTo}
                placeholder={says.stays}
                data={data}
                value={mapping[node] ?? null}
                clearable
                searchable
                onChange={(next) => onMap(next === null ? others : { ...others, [node]: next })}
              />
            </li>
          )
        })}
    </ul>
  )
}

interface ActsProps {
  readonly workflow: Workflow
  readonly plan: Plan
  readonly mapping: Mapping
  readonly busy: string | null
}

function Acts({ workflow: { id, version }, plan: { movable, runs, is_partial }, mapping, busy }: ActsProps) {
  const ask = useAsk()
  const because = whyNot(useMe(), 'workflows.manage') ?? busy
  const says = t.workflowJobs.older
  const number = version?.number ?? 0
  const start = useAction(startWorkflowJob, {
    changes: [listWorkflowJobs, countWorkflow],
    quiet: true,
    onDone: () => toast('good', t.workflowJobs.begunInBackground),
  })
  async function move() {
    const question = { title: says.moveTitle(movable, number), body: says.moveBody, act: says.move(movable, is_partial, number) }
    if (await ask({ ...question, keep: t.workflowJobs.keep })) start.mutate({ params: { id }, body: { kind: 'move', mapping } })
  }
  async function cancel() {
    const question = {
      title: says.cancelTitle(runs, is_partial),
      body: t.runs.held.cancelBody,
      act: says.cancel(runs, is_partial),
    }
    if (await ask({ ...question, keep: t.workflowJobs.keep, danger: true }))
      start.mutate({ params: { id }, body: { kind: 'cancel' } })
  }
  return (
    <>
      <div className={styles.acts}>
        <ActButton
          because={because ?? (movable === 0 ? says.noneMovable : null)}
          hint={says.moveBody}
          loading={start.isPending}
          onClick={() => void move()}
        >
          {says.move(movable, is_partial, number)}
        </ActButton>
        <ActButton variant="default" because={because} loading={start.isPending} onClick={() => void cancel()}>
          {says.cancel(runs, is_partial)}
        </ActButton>
      </div>
      {start.error && (
        <Note tone="bad" alert>
          {start.error.message}
        </Note>
      )}
    </>
  )
}

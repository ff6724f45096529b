import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { planWorkflowMove } from '../../src/api/endpoints/workflow-jobs.ts'
import type { Workflow } from '../../src/api/endpoints/workflows.ts'
import { call, type Problem, type ReplyOf } from '../api.ts'
import { keyOf } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ChoiceCards } from '../ui/choice-cards.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { useDrawing } from './edit/drawing.ts'
import { isTrigger, titleOf } from './edit/ports.ts'
import styles from './workflows.module.css'

/** What becomes of runs that go on when another version is published. */
export type Fate = 'finish' | 'move' | 'cancel'
export type Mapping = Readonly<Record<string, string>>
type Plan = ReplyOf<typeof planWorkflowMove>

interface Props {
  readonly workflow: Workflow
  readonly fate: Fate
  readonly mapping: Mapping
  readonly onChange: (fate: Fate, mapping: Mapping) => void
}

/** They end as they began, go on by what is published, or end at once. What moving would come to is worked out before. */
export function WaitingRuns({ workflow, fate, mapping, onChange }: Props) {
  const says = t.workflows.fates
  return (
    <section className={styles.plain} aria-label={says.label}>
      <h3 className={styles.pickGroup}>{says.label}</h3>
      <p className={styles.quiet}>{says.running(workflow.running)}</p>
      <ChoiceCards
        label={says.label}
        name="fate"
        value={fate}
        choices={(['finish', 'move', 'cancel'] as const).map((value) => ({ value, ...says.choices[value] }))}
        onChange={(next) => onChange(next, mapping)}
      />
      {fate === 'move' && <Planned workflow={workflow} mapping={mapping} onMap={(next) => onChange('move', next)} />}
    </section>
  )
}

function Planned({
  workflow: { id, draft_revision },
  mapping,
  onMap,
}: {
  readonly workflow: Workflow
  readonly mapping: Mapping
  readonly onMap: (mapping: Mapping) => void
}) {
  // A step keeps its place in the list while its runs find another one.
  const [known, know] = useState<Plan | null>(null)
  const query = useQuery<Plan, Problem>({
    queryKey: [...keyOf(planWorkflowMove, { id }), draft_revision, mapping],
    queryFn: async () => {
      const plan = await call(planWorkflowMove, { params: { id }, body: { mapping } })
      know(plan)
      return plan
    },
    gcTime: 0,
  })
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />
  const plan = query.data ?? known
  if (plan === null) return <Skeleton lines={3} />
  const says = t.workflows.fates
  return (
    <div className={styles.plain} aria-busy={query.isFetching}>
      <Note tone={plan.blocked > 0 ? 'care' : 'good'}>{says.plan(plan.movable, plan.blocked)}</Note>
      {plan.is_partial && <p className={styles.quiet}>{says.partial}</p>}
      <ul className={styles.changes}>
        {plan.nodes
          .filter(({ node, blocker }) => blocker !== null || mapping[node] !== undefined)
          .map((stand) => (
            <li key={stand.node} data-what={stand.blocker ? 'removed' : 'added'}>
              <Stand of={stand} mapping={mapping} onMap={onMap} />
            </li>
          ))}
      </ul>
    </div>
  )
}

/** Runs that stand where the other version has no such step: they stay as they are, or stand at another one. */
function Stand({
  of: { node, to, waiting, held, blocker },
  mapping,
  onMap,
}: {
  readonly of: Plan['nodes'][number]
  readonly mapping: Mapping
  readonly onMap: (mapping: Mapping) => void
}) {
  const { editor } = useDrawing()
  const { graph } = editor
  const says = t.workflows.fates
  const { [node]: _, ...others } = mapping
  const title = (id: string) => {
    const there = graph.nodes[id]
    return there ? titleOf(there) : id
  }
  const data = Object.keys(graph.nodes)
    .filter((id) => !isTrigger(graph, id))
    .map((id) => ({ value: id, label: `${title(id)} (${id})` }))
  return (
    <>
      <p>
        <b>{title(node)}</b>: {says.standing(waiting + held)}
      </p>
      {blocker && <p className={styles.quiet}>{blocker.sentence}</p>}
      <Select
        size="xs"
        label={says.mapTo}
        placeholder={says.stays}
        data={data}
        value={mapping[node] ?? (to !== node && graph.nodes[to] ? to : null)}
        clearable
        searchable
        onChange={(next) => onMap(next === null ? others : { ...others, [node]: next })}
      />
    </>
  )
}

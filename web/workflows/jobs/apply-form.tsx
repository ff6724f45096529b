import { NumberInput, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { listInboxes } from '../../../src/api/endpoints/inboxes.ts'
import { listLists } from '../../../src/api/endpoints/lists.ts'
import { listViews } from '../../../src/api/endpoints/saved-views.ts'
import { listSegments } from '../../../src/api/endpoints/segments.ts'
import { listWorkflowJobs, previewWorkflowApply, startWorkflowJob } from '../../../src/api/endpoints/workflow-jobs.ts'
import { countWorkflow, type Workflow } from '../../../src/api/endpoints/workflows.ts'
import type { InboxId } from '../../../src/lib/ids.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import type { Names } from '../../../src/workflows/definition/node-type.ts'
import { type BodyOf, call, type Problem, type ReplyOf } from '../../api.ts'
import { useMe, whyNot } from '../../me.ts'
import { keyOf, useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { useAsk } from '../../ui/ask.tsx'
import { Skeleton } from '../../ui/loadable.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { toast } from '../../ui/toasts.tsx'
import { isTrigger, sentenceOf } from '../edit/ports.ts'
import { SubjectLink } from '../runs/subject.tsx'
import styles from './jobs.module.css'

interface Props {
  readonly workflow: Workflow
  readonly graph: Graph
  readonly names: Names
  /** Why nothing can be begun now. */
  readonly busy: string | null
}
type Among = NonNullable<BodyOf<typeof previewWorkflowApply>['among']>
type Preview = ReplyOf<typeof previewWorkflowApply>

/** Begins with what was there before: chosen by a saved view, an inbox, a list or a segment, and counted before anything begins. */
export function ApplyForm({ workflow, graph, names, busy }: Props) {
  const ask = useAsk()
  const mayNot = whyNot(useMe(), 'workflows.manage')
  const triggers = Object.entries(graph.nodes).filter(([id]) => isTrigger(graph, id))
  const [node, choose] = useState(triggers[0]?.[0] ?? '')
  const groups = useScopes(graph.subject)
  const [chosen, among] = useState('all')
  const [pace, setPace] = useState<number | null>(null)
  const says = t.workflowJobs.apply
  const scope = groups.get(chosen)
  const body = { node, ...(scope && { among: scope.among }) }
  const { id, is_enabled } = workflow
  const preview = useQuery<Preview, Problem>({
    queryKey: [...keyOf(previewWorkflowApply, { id }), body, workflow.version?.id],
    queryFn: () => call(previewWorkflowApply, { params: { id }, body }),
    enabled: graph.subject !== 'none' && node !== '',
    gcTime: 0,
    retry: false,
  })
  const start = useAction(startWorkflowJob, {
    changes: [listWorkflowJobs, countWorkflow],
    quiet: true,
    onDone: () => toast('good', says.begun),
  })
  if (graph.subject === 'none') return null
  const matched = preview.data?.matched ?? 0
  const isMore = preview.data?.has_more ?? false
  const nothing = preview.data && matched === 0 && !isMore ? says.nothing : null
  const notYet = preview.error?.message ?? (preview.data ? null : says.counting)
  const because = mayNot ?? busy ?? (is_enabled ? null : says.off) ?? notYet ?? nothing
  async function begin() {
    const question = { title: says.askTitle(matched, isMore), body: says.askBody, act: says.act(matched, isMore) }
    if (await ask({ ...question, keep: t.workflowJobs.keep }))
      start.mutate({ params: { id }, body: { kind: 'apply', ...body, ...(pace !== null && { per_minute: pace }) } })
  }
  return (
    <Panel title={says.title[graph.subject]}>
      <div className={styles.form}>
        <p className={styles.quiet}>{says.lead}</p>
        {triggers.length > 1 && (
          <Select
            label={says.trigger}
            allowDeselect={false}
            data={triggers.map(([value, one]) => ({ value, label: sentenceOf(one, names) }))}
            value={node}
            onChange={(next) => choose(next ?? node)}
          />
        )}
        <div className={styles.row}>
          <Select
            label={says.among}
            className={styles.grow ?? ''}
            allowDeselect={false}
            searchable
            data={dataOf(groups, says.all[graph.subject])}
            value={chosen}
            onChange={(next) => among(next ?? 'all')}
          />
          <NumberInput
            label={says.pace}
            placeholder={says.noPace}
            min={1}
            max={100_000}
            allowDecimal={false}
            value={pace ?? ''}
            onChange={(next) => setPace(typeof next === 'number' ? next : null)}
          />
        </div>
        <Counted preview={preview} />
        {start.error && (
          <Note tone="bad" alert>
            {start.error.message}
          </Note>
        )}
        <div>
          <ActButton because={because} loading={start.isPending} onClick={() => void begin()}>
            {preview.data ? says.act(matched, isMore) : says.actPlain}
          </ActButton>
        </div>
      </div>
    </Panel>
  )
}

function Counted({
  preview: { data, error, isFetching },
}: {
  preview: { data?: Preview | undefined; error: Problem | null; isFetching: boolean }
}) {
  const says = t.workflowJobs.apply
  if (error) return <Note tone="care">{error.message}</Note>
  if (data === undefined) return <Skeleton lines={2} />
  const { matched, looked_at, has_more, items } = data
  return (
    <div aria-busy={isFetching} role="status">
      <Note tone={matched > 0 ? 'good' : 'calm'}>
        {says.counted(matched, looked_at)} {has_more && says.more}
      </Note>
      {items.length > 0 && (
        <details className={styles.details}>
          <summary>{says.which(items.length)}</summary>
          <ul className={styles.which}>
            {items.map((subject) => (
              <li key={subject.id}>
                <SubjectLink subject={subject} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

interface Scope {
  readonly label: string
  readonly group: string
  readonly among: Among
}

function useScopes(subject: Graph['subject']): ReadonlyMap<string, Scope> {
  const says = t.workflowJobs.apply.groups
  const ofConversations = { enabled: subject === 'conversation' }
  const ofContacts = { enabled: subject === 'contact' }
  const views = useEndpoint(listViews, {}, ofConversations).data?.items ?? []
  const inboxes = useEndpoint(listInboxes, {}, ofConversations).data?.items ?? []
  const lists = useEndpoint(listLists, {}, ofContacts).data?.items ?? []
  const segments = useEndpoint(listSegments, {}, ofContacts).data?.items ?? []
  const of = (group: string, items: readonly { readonly id: string; readonly name: string }[], among: (id: string) => Among) =>
    items.map(({ id, name: label }): [string, Scope] => [id, { label, group, among: among(id) }])
  if (subject === 'conversation')
    return new Map<string, Scope>([
      ['open', { label: says.open, group: says.usual, among: { conversations: { status: ['open', 'pending'] } } }],
      ...of(says.views, views, (id) => ({ conversations: views.find((view) => view.id === id)?.filter ?? {} })),
      ...of(says.inboxes, inboxes, (id) => ({ conversations: { inbox: id as InboxId } })),
    ])
  return new Map<string, Scope>([
    ...of(says.lists, lists, (list) => ({ contacts: { list } })),
    ...of(says.segments, segments, (segment) => ({ contacts: { segment } })),
  ])
}

function dataOf(scopes: ReadonlyMap<string, Scope>, all: string) {
  const groups = Map.groupBy(scopes, ([, { group }]) => group)
  return [
    { value: 'all', label: all },
    ...[...groups].map(([group, own]) => ({ group, items: own.map(([value, { label }]) => ({ value, label })) })),
  ]
}

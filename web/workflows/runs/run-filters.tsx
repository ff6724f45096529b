import { Button, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { Hash, X } from 'lucide-react'
import { useState } from 'react'
import { getConversation } from '../../../src/api/endpoints/conversations.ts'
import type { WorkflowRunSummary } from '../../../src/api/endpoints/workflow-runs.ts'
import { getWorkflow, listWorkflows } from '../../../src/api/endpoints/workflows.ts'
import type { Id } from '../../../src/lib/ids.ts'
import { Graph } from '../../../src/workflows/definition/graph.ts'
import { call, Problem } from '../../api.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { isTrigger, sentenceOf, titleOf } from '../edit/ports.ts'
import { namesOf } from '../references.ts'
import { RUN_SETS, type RunSearch, type RunSet, SINCES, type Since } from './run-search.ts'
import styles from './runs.module.css'

const SINCE_NAMES = Object.keys(SINCES) as readonly Since[]

interface Props {
  readonly search: RunSearch
  /** Of any run that is shown, to say by name what the list is about. */
  readonly subject: WorkflowRunSummary['subject']
}

/** The filters, each kept in the URL: back works, and a filtered list can be sent to a colleague. */
export function RunFilters({ search, subject }: Props) {
  const navigate = useNavigate()
  const workflows = useEndpoint(listWorkflows, {}).data?.items ?? []
  const set = (change: { readonly [Key in keyof RunSearch]?: RunSearch[Key] | undefined }) =>
    void navigate({ to: '/runs', search: cleaned({ ...search, ...change }), replace: true })
  const says = t.runs.filters
  const isFiltered = Object.values(search).some((value) => value !== undefined)
  return (
    // biome-ignore lint/a11y/useSemanticElements: the search element is not yet known to every screen reader
    <div className={styles.filters} role="search" aria-label={says.label}>
      <div className={styles.scroller}>
        <SegmentedControl
          size="xs"
          aria-label={says.state}
          value={search.state ?? 'all'}
          onChange={(state) => set({ state: state === 'all' ? undefined : (state as RunSet) })}
          data={RUN_SETS.map((value) => ({ value, label: says.sets[value] }))}
        />
      </div>
      <Select
        className={styles.pick ?? ''}
        size="xs"
        aria-label={says.workflow}
        placeholder={says.anyWorkflow}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': says.anyWorkflow }}
        data={workflows.map(({ id, name }) => ({ value: id, label: name }))}
        value={search.workflow ?? null}
        onChange={(workflow) => set({ workflow: workflow ?? undefined, node: undefined, passed: undefined })}
      />
      {search.workflow !== undefined && (
        <StepFilter id={search.workflow as Id<'workflow'>} node={search.node} onChoose={(node) => set({ node })} />
      )}
      <Select
        className={styles.since ?? ''}
        size="xs"
        aria-label={says.since}
        allowDeselect={false}
        data={(['ever', ...SINCE_NAMES] as const).map((value) => ({ value, label: says.sinces[value] }))}
        value={search.since ?? 'ever'}
        onChange={(since) => set({ since: since === 'ever' || since === null ? undefined : (since as Since) })}
      />
      {search.subject === undefined ? (
        <ConversationFilter onFound={(id) => set({ subject: id })} />
      ) : (
        <Button
          size="xs"
          variant="light"
          rightSection={<X size={13} aria-hidden />}
          title={says.anything}
          onClick={() => set({ subject: undefined })}
        >
          {subject?.id === search.subject && subject.label !== null ? says.about(subject.label) : says.aboutOne}
        </Button>
      )}
      {search.node !== undefined && search.workflow === undefined && (
        <Button
          size="xs"
          variant="light"
          rightSection={<X size={13} aria-hidden />}
          title={says.anyStep}
          onClick={() => set({ node: undefined })}
        >
          {says.atStep}
        </Button>
      )}
      {search.passed !== undefined && search.workflow !== undefined && (
        <PassedFilter id={search.workflow as Id<'workflow'>} node={search.passed} onClear={() => set({ passed: undefined })} />
      )}
      {isFiltered && (
        <Button
          size="xs"
          variant="subtle"
          leftSection={<X size={13} aria-hidden />}
          onClick={() => void navigate({ to: '/runs', search: {} })}
        >
          {says.clear}
        </Button>
      )}
    </div>
  )
}

/** Where they stand, by the words of the step as it is now. */
function StepFilter({ id, node, onChoose }: { id: Id<'workflow'>; node: string | undefined; onChoose: (node?: string) => void }) {
  const { data: workflow } = useEndpoint(getWorkflow, { id })
  const says = t.runs.filters
  const graph = Graph.safeParse(workflow?.draft).data
  const names = namesOf({}, workflow?.names ?? [])
  const steps = Object.entries(graph?.nodes ?? {}).flatMap(([value, one]) =>
    graph && !isTrigger(graph, value) ? [{ value, label: one.name || sentenceOf(one, names) }] : [],
  )
  // Runs of an older version may stand where the draft has no such step any more.
  const isGone = node !== undefined && !steps.some(({ value }) => value === node)
  return (
    <Select
      className={styles.pick ?? ''}
      size="xs"
      aria-label={says.step}
      placeholder={says.anyStep}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': says.anyStep }}
      data={isGone ? [...steps, { value: node, label: node }] : steps}
      value={node ?? null}
      onChange={(next) => onChoose(next ?? undefined)}
    />
  )
}

/** They came to this step, as a number on the drawing said. */
function PassedFilter({ id, node, onClear }: { id: Id<'workflow'>; node: string; onClear: () => void }) {
  const { data: workflow } = useEndpoint(getWorkflow, { id })
  const step = Graph.safeParse(workflow?.draft).data?.nodes[node]
  const says = t.runs.filters
  return (
    <Button size="xs" variant="light" rightSection={<X size={13} aria-hidden />} title={says.cameAnywhere} onClick={onClear}>
      {says.cameTo(step ? titleOf(step) : node)}
    </Button>
  )
}

/** People know a conversation by its number. Takes effect on Enter. */
function ConversationFilter({ onFound }: { onFound: (id: string) => void }) {
  const [text, setText] = useState('')
  const [error, setError] = useState<string | null>(null)
  const says = t.runs.filters
  async function find() {
    const number = text.trim().replace(/^#/, '')
    if (number === '') return
    try {
      onFound((await call(getConversation, { params: { id: number } })).id)
    } catch (problem) {
      const isUnknown = problem instanceof Problem && (problem.status === 404 || problem.status === 422)
      setError(isUnknown ? says.noConversation(text.trim()) : problem instanceof Error ? problem.message : String(problem))
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void find()
      }}
    >
      <TextInput
        className={styles.number ?? ''}
        size="xs"
        type="search"
        inputMode="numeric"
        aria-label={says.conversation}
        placeholder={says.conversationHint}
        leftSection={<Hash size={13} aria-hidden />}
        value={text}
        error={error}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setError(null)
        }}
      />
    </form>
  )
}

function cleaned(search: { readonly [Key in keyof RunSearch]?: RunSearch[Key] | undefined }): RunSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as RunSearch
}

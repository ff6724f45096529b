import { Button, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { Hash, X } from 'lucide-react'
import { useState } from 'react'
import { getConversation } from '../../../src/api/endpoints/conversations.ts'
import type { WorkflowRunSummary } from '../../../src/api/endpoints/workflow-runs.ts'
import { listWorkflows } from '../../../src/api/endpoints/workflows.ts'
import { call, Problem } from '../../api.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { RUN_SETS, type RunSearch, type RunSet } from './run-search.ts'
import styles from './runs.module.css'

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
        onChange={(workflow) => set({ workflow: workflow ?? undefined })}
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
      {search.node !== undefined && (
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

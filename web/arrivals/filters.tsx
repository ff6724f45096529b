import { CloseButton, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { ArrivalOutcome, countQuarantine } from '../../src/api/endpoints/arrivals.ts'
import { listInboxes } from '../../src/api/endpoints/inboxes.ts'
import { listSources } from '../../src/api/endpoints/sources.ts'
import { useMe } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ChoiceFilter } from '../ui/filters.tsx'
import type { ArrivalSearch, QuarantineSearch } from './arrival-search.ts'
import styles from './arrivals.module.css'

interface Props<Search> {
  readonly search: Search
  readonly set: (change: Partial<Search>) => void
}

const texts = t.arrivals

export function QuarantineFilters({ search, set }: Props<QuarantineSearch>) {
  const counts = useEndpoint(countQuarantine, {}).data
  const inboxes = (counts?.by_inbox ?? []).map(({ inbox, count }) => ({
    value: inbox?.id ?? 'none',
    label: texts.withCount(inbox?.name ?? texts.noInbox, count),
  }))
  const reasons = (counts?.by_reason ?? []).map(({ reason, count }) => ({
    value: reason,
    label: texts.withCount(texts.reasons[reason] ?? reason, count),
  }))
  return (
    <Box label={t.quarantine.label}>
      <Words key={search.q ?? ''} value={search.q ?? ''} set={(q) => set({ q })} />
      <ChoiceFilter
        label={texts.inboxLabel}
        any={texts.anyInbox}
        data={inboxes}
        value={search.inbox}
        set={(inbox) => set({ inbox })}
      />
      <ChoiceFilter
        label={texts.reasonLabel}
        any={texts.anyReason}
        data={reasons}
        value={search.reason}
        set={(reason) => set({ reason: reason as QuarantineSearch['reason'] })}
      />
    </Box>
  )
}

const OUTCOMES = ['waiting', ...ArrivalOutcome.options] as const

export function ArrivalFilters({ search, set }: Props<ArrivalSearch>) {
  const mayManage = useMe().permissions.includes('inboxes.manage')
  const inboxes = useEndpoint(listInboxes, {}).data?.items ?? []
  const sources = useEndpoint(listSources, {}, { enabled: mayManage }).data?.items ?? []
  return (
    <Box label={t.arrivals.label}>
      <Words key={search.q ?? ''} value={search.q ?? ''} set={(q) => set({ q })} />
      <ChoiceFilter
        label={texts.outcomeLabel}
        any={texts.anyOutcome}
        data={OUTCOMES.map((value) => ({ value, label: texts.outcomes[value] }))}
        value={search.outcome}
        set={(outcome) => set({ outcome: outcome as ArrivalSearch['outcome'], reason: undefined })}
      />
      <ChoiceFilter
        label={texts.reasonLabel}
        any={texts.anyReason}
        data={Object.entries(texts.reasons).map(([value, label]) => ({ value, label }))}
        value={search.reason}
        set={(reason) => set({ reason })}
      />
      <ChoiceFilter
        label={texts.inboxLabel}
        any={texts.anyInbox}
        data={[...inboxes.map(({ id, name }) => ({ value: id as string, label: name })), { value: 'none', label: texts.noInbox }]}
        value={search.inbox}
        set={(inbox) => set({ inbox })}
      />
      {sources.length > 0 && (
        <ChoiceFilter
          label={texts.sourceLabel}
          any={texts.anySource}
          data={sources.map(({ id, name }) => ({ value: id, label: name }))}
          value={search.source}
          set={(source) => set({ source })}
        />
      )}
      <div className={styles.days}>
        <Day label={texts.since} value={search.since} set={(since) => set({ since })} />
        <Day label={texts.until} value={search.until} set={(until) => set({ until })} />
      </div>
    </Box>
  )
}

function Box({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: the search element is not yet known to every screen reader
    <div className={styles.filters} role="search" aria-label={label}>
      {children}
    </div>
  )
}

function Words({ value, set }: { value: string; set: (q: string | undefined) => void }) {
  const [draft, setDraft] = useState(value)
  return (
    <form
      className={styles.search}
      onSubmit={(event) => {
        event.preventDefault()
        set(draft.trim() || undefined)
      }}
    >
      <TextInput
        size="xs"
        aria-label={texts.search}
        placeholder={texts.search}
        leftSection={<Search size={13} aria-hidden />}
        value={draft}
        maxLength={300}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={() => draft.trim() !== value && set(draft.trim() || undefined)}
        rightSection={value ? <CloseButton size="xs" aria-label={texts.clearSearch} onClick={() => set(undefined)} /> : null}
      />
    </form>
  )
}

function Day({ label, value, set }: { label: string; value: string | undefined; set: (value: string | undefined) => void }) {
  return (
    <TextInput
      size="xs"
      type="date"
      aria-label={label}
      leftSection={<span aria-hidden>{label}</span>}
      leftSectionWidth={46}
      value={value ?? ''}
      onChange={(event) => set(event.currentTarget.value || undefined)}
    />
  )
}

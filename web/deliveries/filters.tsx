import { Button, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { Search, X } from 'lucide-react'
import { useState } from 'react'
import { listRoutes } from '../../src/api/endpoints/routes.ts'
import { Stream } from '../../src/api/endpoints/shapes.ts'
import { useMe } from '../me.ts'
import { receiverChoices } from '../parts/receiver-name.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import styles from './activity-page.module.css'
import { type DeliverySearch, PERIODS, type Period, STATE_SETS, type StateSet, setOf, statesOf } from './delivery-search.ts'

/** The filters, each kept in the URL: back works, and a filtered list can be sent to a colleague. */
export function Filters({ search }: { search: DeliverySearch }) {
  const navigate = useNavigate()
  const me = useMe()
  const routes = useEndpoint(listRoutes, {}, { enabled: me.permissions.includes('routes.read') })
  const set = (change: Partial<DeliverySearch>) =>
    void navigate({ to: '/deliveries', search: cleaned({ ...search, ...change }), replace: true })
  const states = statesOf(search)
  const chosen = setOf(states)
  const isFiltered = Object.values(search).some((value) => value !== undefined)

  return (
    // biome-ignore lint/a11y/useSemanticElements: the search element is not yet known to every screen reader
    <div className={styles.filters} role="search" aria-label={t.activity.label}>
      <div className={styles.scroller}>
        <SegmentedControl
          aria-label={t.activity.setsLabel}
          size="xs"
          // Filters that came by link and fit no set leave none of them chosen.
          value={chosen ?? ''}
          onChange={(name) => set({ state: STATE_SETS[name as StateSet].join(',') || undefined })}
          data={(Object.keys(STATE_SETS) as StateSet[]).map((name) => ({ value: name, label: t.activity.sets[name] }))}
        />
      </div>
      <AddressFilter
        key={search.recipient ?? ''}
        value={search.recipient ?? ''}
        onChange={(recipient) => set({ recipient: recipient || undefined })}
      />
      <Select
        className={styles.pick ?? ''}
        size="xs"
        aria-label={t.activity.route}
        placeholder={t.activity.anyRoute}
        clearable
        clearButtonProps={{ 'aria-label': t.activity.anyRoute }}
        data={(routes.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={search.route ?? null}
        onChange={(route) => set({ route: route ?? undefined })}
      />
      <Select
        className={styles.pick ?? ''}
        size="xs"
        aria-label={t.activity.receiver}
        placeholder={t.activity.anyReceiver}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': t.activity.anyReceiver }}
        data={receiverChoices(search.receiver ? [search.receiver] : [])}
        value={search.receiver ?? null}
        onChange={(receiver) => set({ receiver: receiver ?? undefined })}
      />
      <Select
        className={styles.pick ?? ''}
        size="xs"
        aria-label={t.activity.stream}
        placeholder={t.activity.anyStream}
        clearable
        clearButtonProps={{ 'aria-label': t.activity.anyStream }}
        data={Stream.options.map((stream) => ({ value: stream, label: t.streams[stream] }))}
        value={search.stream ?? null}
        onChange={(stream) => set({ stream: Stream.safeParse(stream).data })}
      />
      <Select
        className={styles.pick ?? ''}
        size="xs"
        aria-label={t.activity.within}
        placeholder={t.activity.anyTime}
        clearable
        clearButtonProps={{ 'aria-label': t.activity.anyTime }}
        data={(Object.keys(PERIODS) as Period[]).map((period) => ({ value: period, label: t.activity.periods[period] }))}
        value={search.within ?? null}
        onChange={(within) => set({ within: (within as Period | null) ?? undefined })}
      />
      {isFiltered && (
        <Button
          size="xs"
          variant="subtle"
          leftSection={<X size={13} aria-hidden />}
          onClick={() => void navigate({ to: '/deliveries', search: {} })}
        >
          {t.activity.clear}
        </Button>
      )}
    </div>
  )
}

/** Takes effect on Enter or on leaving: an address that is half typed finds nothing. */
function AddressFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value)
  const settle = () => {
    if (text.trim() !== value) onChange(text.trim())
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        settle()
      }}
    >
      <TextInput
        className={styles.address ?? ''}
        size="xs"
        type="search"
        aria-label={t.activity.recipientLabel}
        placeholder={t.activity.recipient}
        leftSection={<Search size={13} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={settle}
      />
    </form>
  )
}

function cleaned(search: DeliverySearch): DeliverySearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as DeliverySearch
}

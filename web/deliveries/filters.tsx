import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { listRoutes } from '../../src/api/endpoints/routes.ts'
import { Stream } from '../../src/api/endpoints/shapes.ts'
import { useMe } from '../me.ts'
import { receiverChoices } from '../parts/receiver-name.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ChoiceFilter, FilterBar, FilterSets, TextFilter } from '../ui/filters.tsx'
import { said } from '../ui/said.ts'
import { type DeliverySearch, PERIODS, type Period, STATE_SETS, type StateSet, setOf, statesOf } from './delivery-search.ts'

/** The filters, each kept in the URL: back works, and a filtered list can be sent to a colleague. */
export function Filters({ search }: { search: DeliverySearch }) {
  const navigate = useNavigate()
  const me = useMe()
  const routes = useEndpoint(listRoutes, {}, { enabled: me.permissions.includes('routes.read') })
  const set = (change: Partial<DeliverySearch>) =>
    void navigate({ to: '/deliveries', search: said({ ...search, ...change }), replace: true })
  const isFiltered = Object.values(search).some((value) => value !== undefined)

  return (
    <FilterBar label={t.activity.label} widths={{ text: 196, choice: 132 }}>
      <FilterSets
        label={t.activity.setsLabel}
        value={setOf(statesOf(search)) ?? undefined}
        set={(name) => set({ state: STATE_SETS[name].join(',') || undefined })}
        data={(Object.keys(STATE_SETS) as StateSet[]).map((name) => ({ value: name, label: t.activity.sets[name] }))}
      />
      <TextFilter
        label={t.activity.recipientLabel}
        placeholder={t.activity.recipient}
        value={search.recipient}
        set={(recipient) => set({ recipient })}
      />
      <ChoiceFilter
        label={t.activity.route}
        any={t.activity.anyRoute}
        data={(routes.data?.items ?? []).map(({ id, name }) => ({ value: id as string, label: name }))}
        value={search.route}
        set={(route) => set({ route })}
      />
      <ChoiceFilter
        label={t.activity.receiver}
        any={t.activity.anyReceiver}
        searchable
        data={receiverChoices(search.receiver ? [search.receiver] : [])}
        value={search.receiver}
        set={(receiver) => set({ receiver })}
      />
      <ChoiceFilter
        label={t.activity.stream}
        any={t.activity.anyStream}
        data={Stream.options.map((value) => ({ value, label: t.streams[value] }))}
        value={search.stream}
        set={(stream) => set({ stream })}
      />
      <ChoiceFilter
        label={t.activity.within}
        any={t.activity.anyTime}
        data={(Object.keys(PERIODS) as Period[]).map((value) => ({ value, label: t.activity.periods[value] }))}
        value={search.within}
        set={(within) => set({ within })}
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
    </FilterBar>
  )
}

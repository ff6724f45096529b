import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Arrival, listArrivals } from '../../src/api/endpoints/arrivals.ts'
import type { usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import cards from '../ui/cards.module.css'
import { DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { ArrivalCard } from './arrival-card.tsx'
import type { Chosen } from './use-chosen.ts'

interface Props {
  readonly page: 'quarantine' | 'arrivals'
  readonly list: ReturnType<typeof usePages<typeof listArrivals>>
  readonly chosen: Chosen | null
  /** Filters, or what can be done with what is chosen. */
  readonly top: ReactNode
  readonly selected: string | undefined
  readonly open: (arrival: Arrival) => void
  readonly showAll: () => void
}

export function ArrivalList({ page, list, chosen, top, selected, open, showAll }: Props) {
  const says = t[page]
  return (
    <div className={cards.list}>
      {top}
      {list.error && list.items.length === 0 ? (
        <Failed error={list.error} retry={list.retry} />
      ) : list.isPending ? (
        <Skeleton lines={8} />
      ) : list.items.length === 0 ? (
        <EmptyState
          title={says.nothingTitle}
          sentence={says.nothing}
          act={
            <Button variant="default" onClick={showAll}>
              {t.arrivals.showAll}
            </Button>
          }
        />
      ) : (
        <DataTable
          label={says.label}
          rows={list.items}
          keyOf={({ id }) => id}
          columns={[]}
          cards
          card={(arrival) => <ArrivalCard arrival={arrival} chosen={chosen} />}
          hrefOf={({ id }) => `/${page}/${id}`}
          onOpen={open}
          selected={selected ?? null}
          hasMore={list.hasMore}
          isFetchingMore={list.isFetchingMore}
          more={list.more}
          dim={list.isPlaceholder}
          restoreId={page}
        />
      )}
    </div>
  )
}

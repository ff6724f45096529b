import type { Arrival, ArrivalActBody } from '../../src/api/endpoints/arrivals.ts'
import { t } from '../texts/texts.ts'
import { useKeys } from '../ui/keys.ts'
import { BulkBar } from './bulk-bar.tsx'
import type { Acts } from './use-acts.tsx'
import type { Chosen } from './use-chosen.ts'

interface Props {
  readonly chosen: Chosen
  readonly list: { readonly items: readonly Arrival[]; readonly hasMore: boolean }
  /** What the list is narrowed by, as it travels. */
  readonly filter: NonNullable<ArrivalActBody['filter']>
  /** How many there are at most. */
  readonly total: number
  readonly acts: Acts
  readonly mayIgnore: boolean
}

/** The acts on what is chosen, or on everything that fits the filter. */
export function ChosenBar({ chosen, list, filter, total, acts, mayIgnore }: Props) {
  const { ids, rows, isAll } = chosen
  return (
    <BulkBar
      count={ids.size}
      isAll={isAll}
      onAll={list.hasMore || ids.size < list.items.length ? chosen.all : null}
      onNone={chosen.none}
      mayIgnore={mayIgnore}
      act={(act) =>
        acts.begin(act, {
          rows,
          count: isAll ? Math.max(2, total) : ids.size,
          of: isAll ? { filter } : { ids: rows.map(({ id }) => id) },
        })
      }
    />
  )
}

/** `x` chooses the mail that has the focus. */
export function SelectKey({ chosen, rows }: { chosen: Chosen; rows: readonly Arrival[] }) {
  useKeys([
    {
      keys: 'x',
      label: t.arrivals.keys.select,
      group: t.quarantine.title,
      run: () => {
        const row = document.activeElement?.closest<HTMLElement>('[data-index]')
        const arrival = row ? rows[Number(row.dataset.index)] : undefined
        if (arrival) chosen.toggle(arrival.id)
      },
    },
  ])
  return null
}

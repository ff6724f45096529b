import { useState } from 'react'
import type { Arrival } from '../../src/api/endpoints/arrivals.ts'

export interface Chosen {
  readonly ids: ReadonlySet<string>
  readonly rows: readonly Arrival[]
  /** Everything that fits the filter, shown or not. */
  readonly isAll: boolean
  toggle(id: string): void
  shown(): void
  all(): void
  none(): void
}

/** As many as one request may name. */
const MAX_CHOSEN = 500

/** What is chosen of the list. Another filter (`of`) begins with nothing chosen; what left the list is not chosen any more. */
export function useChosen(of: string, rows: readonly Arrival[]): Chosen {
  const [state, setState] = useState<{ of: string; ids: ReadonlySet<string>; isAll: boolean }>({
    of,
    ids: new Set(),
    isAll: false,
  })
  const isHere = state.of === of
  const chosen = isHere && state.ids.size > 0 ? rows.filter(({ id }) => state.ids.has(id)).slice(0, MAX_CHOSEN) : []
  const ids = new Set<string>(chosen.map(({ id }) => id))
  const set = (next: Iterable<string>, isAll = false) => setState({ of, ids: new Set([...next].slice(0, MAX_CHOSEN)), isAll })
  return {
    ids,
    rows: chosen,
    isAll: isHere && state.isAll,
    toggle(id) {
      const next = new Set(ids)
      if (!next.delete(id)) next.add(id)
      set(next)
    },
    shown: () => set(rows.map(({ id }) => id)),
    all: () =>
      set(
        rows.map(({ id }) => id),
        true,
      ),
    none: () => set([]),
  }
}

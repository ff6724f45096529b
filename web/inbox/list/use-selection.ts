import { useState } from 'react'
import type { ConversationRow } from '../../../src/api/endpoints/conversation-lists.ts'

export interface Selection {
  readonly ids: ReadonlySet<string>
  readonly rows: readonly ConversationRow[]
  /** With `isRange` everything from the last one that was toggled. */
  toggle(index: number, isRange: boolean): void
  all(): void
  none(): void
}

/** As many as one request may change. */
export const MAX_SELECTED = 500

/** What is chosen of a list. Another question (`of`) begins with nothing chosen; what left the list is not chosen any more. */
export function useSelection(of: string, rows: readonly ConversationRow[]): Selection {
  const [state, setState] = useState<{ of: string; ids: ReadonlySet<string>; last: number }>({ of, ids: new Set(), last: 0 })
  const ids = state.of === of ? state.ids : new Set<string>()
  const chosen = ids.size === 0 ? [] : rows.filter(({ id }) => ids.has(id)).slice(0, MAX_SELECTED)
  const set = (next: ReadonlySet<string>, last: number) => setState({ of, ids: new Set([...next].slice(0, MAX_SELECTED)), last })
  return {
    ids: new Set(chosen.map(({ id }) => id)),
    rows: chosen,
    toggle(index, isRange) {
      const row = rows[index]
      if (!row) return
      const next = new Set(chosen.map(({ id }) => id))
      const between = isRange ? rows.slice(Math.min(state.last, index), Math.max(state.last, index) + 1) : [row]
      const isOn = !isRange && next.has(row.id)
      for (const { id } of between) isOn ? next.delete(id) : next.add(id)
      set(next, index)
    },
    all: () => set(new Set(rows.map(({ id }) => id)), 0),
    none: () => set(new Set(), 0),
  }
}

import { useState } from 'react'
import type { Contact } from '../../../src/api/endpoints/contacts.ts'
import type { Choice } from '../../ui/data-table.tsx'
import { nameOf } from '../name-of.ts'

export interface ContactChoice extends Choice<Contact> {
  readonly ids: ReadonlySet<string>
  readonly size: number
  /** Everybody who matches, also further down than what is shown; null: those with a tick. */
  readonly everybody: number | null
  readonly chooseEverybody: (n: number) => void
  readonly none: () => void
}

/** As many as one request may name. */
const MAX_CHOSEN = 10_000

interface State {
  readonly of: string
  readonly ids: ReadonlySet<string>
  readonly last: number
  readonly everybody: number | null
}

/** What is chosen of the list. Another question (`of`) begins with nothing chosen. */
export function useChoice(of: string, rows: readonly Contact[]): ContactChoice {
  const nothing: State = { of, ids: new Set(), last: 0, everybody: null }
  const [kept, setKept] = useState<State>(nothing)
  const { ids, last, everybody } = kept.of === of ? kept : nothing
  const set = (next: ReadonlySet<string>, at: number, all: number | null = null) =>
    setKept({ of, ids: new Set([...next].slice(0, MAX_CHOSEN)), last: at, everybody: all })
  return {
    ids,
    size: everybody ?? ids.size,
    everybody,
    isOn: ({ id }) => everybody !== null || ids.has(id),
    name: nameOf,
    toggle(index, isRange) {
      const row = rows[index]
      if (!row) return
      // From everybody somebody is taken away: then it is those who are shown, without them.
      const next = new Set(everybody === null ? ids : rows.map(({ id }) => id))
      const isOn = !isRange && next.has(row.id)
      const between = isRange ? rows.slice(Math.min(last, index), Math.max(last, index) + 1) : [row]
      for (const { id } of between) isOn ? next.delete(id) : next.add(id)
      set(next, index)
    },
    all: (isOn) => set(new Set(isOn ? rows.map(({ id }) => id) : []), 0),
    chooseEverybody: (n) => set(new Set(rows.map(({ id }) => id)), 0, n),
    none: () => setKept(nothing),
  }
}

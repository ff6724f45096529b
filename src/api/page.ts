import { decodeCursor, encodeCursor } from '../lib/cursor.ts'
import { isId } from '../lib/ids.ts'
import { DEFAULT_PAGE_SIZE } from './endpoints/shapes.ts'

/** A page asked for by the id of the last item of the page before: lists whose ids are in the order of time. */
export function pageById(list: string, params: { readonly after?: string | undefined; readonly limit?: number | undefined }) {
  const [after = null] = params.after === undefined ? [] : decodeCursor(list, params.after, [isId])
  const size = params.limit ?? DEFAULT_PAGE_SIZE
  return {
    /** One more than is shown: whether there is a next page needs no second question. */
    query: { after, limit: size + 1 },
    /** What `toWire` makes nothing of is left out, and the page is the shorter for it. */
    of<Item extends { readonly id: string }, Wire>(
      found: readonly Item[],
      toWire: (item: Item) => Wire | null,
    ): { items: Wire[]; next: string | null } {
      const shown = found.slice(0, size)
      const last = shown.at(-1)
      return {
        items: shown.flatMap((item) => toWire(item) ?? []),
        next: found.length > size && last ? encodeCursor(list, [last.id]) : null,
      }
    },
  }
}

import { z } from 'zod'
import { SORTS } from '../../src/contacts/filter/sorts.ts'

const text = z.string().max(400).optional().catch(undefined)
const id = z.uuid().optional().catch(undefined)

/** What the list of contacts is narrowed down to, as its address has it. */
export const contactSearch = z.object({
  search: text,
  list: id,
  segment: id,
  tag: text,
  field: text,
  value: text,
  sort: z.enum(SORTS).optional().catch(undefined),
})
export type ContactSearch = z.output<typeof contactSearch>

/** What the search of the page asks the server for. */
export function asked({ search, list, segment, tag, field, value, sort }: ContactSearch) {
  if (search) return { search }
  return {
    ...(list && { list }),
    ...(segment && { segment }),
    ...(tag && { tag }),
    ...(field && { field, ...(value && { value }) }),
    ...(sort && { sort }),
  }
}

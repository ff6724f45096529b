import { z } from 'zod'

const text = z.string().max(400).optional().catch(undefined)
const id = z.uuid().optional().catch(undefined)

/** What the list of contacts is narrowed down to, as its address has it. */
export const contactSearch = z.object({ search: text, list: id, segment: id, tag: text })

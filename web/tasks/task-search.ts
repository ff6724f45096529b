/** The filters of the list of tasks as they stand in the URL. */
import { z } from 'zod'

export const WHOSE = ['mine', 'teams', 'all'] as const
export const SETS = ['open', 'decided', 'expired', 'withdrawn'] as const

export const taskSearch = z.object({
  whose: z.enum(WHOSE).optional().catch(undefined),
  state: z.enum(SETS).optional().catch(undefined),
})
export type TaskSearch = z.output<typeof taskSearch>

/** The filters of the list of runs as they stand in the URL. */
import { z } from 'zod'

export const RUN_SETS = ['all', 'held', 'running', 'completed', 'cancelled'] as const
export type RunSet = (typeof RUN_SETS)[number]

/** How long ago they began, at most. */
export const SINCES = { hour: 3_600_000, day: 86_400_000, week: 604_800_000, month: 2_592_000_000 } as const
export type Since = keyof typeof SINCES

export const runSearch = z.object({
  workflow: z.uuid().optional().catch(undefined),
  subject: z.uuid().optional().catch(undefined),
  /** Where they stand. */
  node: z.string().min(1).max(40).optional().catch(undefined),
  /** Where they came to. */
  passed: z.string().min(1).max(40).optional().catch(undefined),
  since: z.enum(['hour', 'day', 'week', 'month']).optional().catch(undefined),
  state: z.enum(RUN_SETS).optional().catch(undefined),
})
export type RunSearch = z.output<typeof runSearch>

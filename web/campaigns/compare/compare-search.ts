import { z } from 'zod'

export const CompareSearch = z.object({
  ids: z
    .string()
    .regex(/^[0-9a-f-]{36}(,[0-9a-f-]{36}){0,19}$/)
    .optional()
    .catch(undefined),
  within: z.coerce.number().int().min(1).max(8_760).optional().catch(undefined),
})
export type CompareSearch = z.output<typeof CompareSearch>

import { z } from 'zod'

/** The parts of a form's page, in their order. */
export const FORM_TABS = ['fields', 'texts', 'mails', 'protection', 'embed', 'submissions'] as const
export type FormTab = (typeof FORM_TABS)[number]

export const formSearch = z.object({ tab: z.enum(FORM_TABS).optional().catch(undefined) })

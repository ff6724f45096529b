/** What is looked at beside the drawing when it is opened, as it stands in the URL. */
import { z } from 'zod'

export const PANELS = ['step', 'problems', 'trial', 'settings', 'summary', 'import'] as const
export type PanelName = (typeof PANELS)[number]

export const editSearch = z.object({ panel: z.enum(PANELS).optional().catch(undefined) })

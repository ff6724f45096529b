import type { ListId } from '../../contacts/consent/change-consent.ts'

/** How many mails of campaigns somebody gets at most in so many days: of all campaigns, or of those to one list. */
export interface Cap {
  readonly listId: ListId | null
  readonly mails: number
  readonly days: number
}

export const MAX_CAPS = 200
export const MAX_CAP_MAILS = 1_000
export const MAX_CAP_DAYS = 365

/** The parts of an inbox's settings, in their order. */
export const INBOX_TABS = ['general', 'addresses', 'sending', 'answering', 'automatic', 'ignored', 'people'] as const
export type InboxTab = (typeof INBOX_TABS)[number]

/** full: all of an inbox. assigned_only: what is assigned to them. none: nothing of it. */
export const ACCESS_LEVELS = ['full', 'assigned_only', 'none'] as const
export type AccessLevel = (typeof ACCESS_LEVELS)[number]

/** In which order contacts are listed. */
export const SORTS = ['newest', 'oldest', 'name'] as const
export type ContactSort = (typeof SORTS)[number]

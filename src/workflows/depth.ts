/** Workflows that set off one another: behind so many it is taken for a circle. */
export const MAX_DEPTH = 5

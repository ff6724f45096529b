/** What there may be to do: mail that leaves, what became of it, mail that came, what happened (the log), and requests to programs elsewhere. */
export const WORK = ['mail', 'feedback', 'arrivals', 'log', 'requests'] as const
export type Work = (typeof WORK)[number]

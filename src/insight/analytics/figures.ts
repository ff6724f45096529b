/**
 * What came of a campaign, in numbers of people. Law: each number is what the log says of the mails that count; what was sent again counts by its
 * latest mail. `accepted - returned` is whom it reached: a number of deliveries that are sent or delivered. Rates say of whom they are. Pure.
 */

export const SEEN_BY = ['human', 'proxy', 'scanner', 'unknown'] as const
export type SeenBy = (typeof SEEN_BY)[number]

export const FIGURES = [
  'accepted',
  'delivered',
  'bounced',
  'returned',
  'failed',
  'expired',
  'suppressed',
  'cancelled',
  'complained',
  'unsubscribed',
  'replied',
  'opened_human',
  'opened_proxy',
  'opened_scanner',
  'opened_unknown',
  'clicked_human',
  'clicked_proxy',
  'clicked_scanner',
  'clicked_unknown',
] as const
export type Figure = (typeof FIGURES)[number]
export type Figures = Readonly<Record<Figure, number>>

/** `all`: the campaign. The others are parts of it; each adds up to all, but for classes, which only what failed has. */
export const SPLITS = ['all', 'hour', 'receiver', 'class'] as const
export type Split = (typeof SPLITS)[number]

/** What can be had as a file. */
export const TABLES = ['summary', 'links', 'receivers', 'hours', 'days', 'classes'] as const
export type Table = (typeof TABLES)[number]

export const NO_FIGURES = Object.fromEntries(FIGURES.map((name) => [name, 0])) as unknown as Figures

export function addFigures(rows: readonly Figures[]): Figures {
  return Object.fromEntries(FIGURES.map((name) => [name, rows.reduce((sum, row) => sum + row[name], 0)])) as unknown as Figures
}

/** Whom rates are of. `delivered`: whom the receiving side confirmed. `reached`: whose mail server took it, without what came back. */
export const BASES = ['delivered', 'reached', 'nobody'] as const
export type Basis = (typeof BASES)[number]

/** From this share of confirmations on, receivers are taken to report all deliveries. */
const REPORTED = 0.95

export interface Rates {
  readonly basis: Basis
  readonly of: number
  /** Of everybody whose mail came to an end. */
  readonly bounced: number | null
  /** By people; what proxies and scanners opened says nothing of a person. */
  readonly opened: number | null
  readonly clicked: number | null
  readonly unsubscribed: number | null
  readonly complained: number | null
  readonly replied: number | null
}

export function reachedOf({ accepted, returned }: Pick<Figures, 'accepted' | 'returned'>): number {
  return Math.max(0, accepted - returned)
}

export function ratesOf(figures: Figures): Rates {
  const reached = reachedOf(figures)
  const basis = reached === 0 ? 'nobody' : figures.delivered >= REPORTED * reached ? 'delivered' : 'reached'
  const of = basis === 'delivered' ? figures.delivered : reached
  const share = (n: number, whole = of) => (whole === 0 ? null : Math.min(1, n / whole))
  return {
    basis,
    of,
    bounced: share(figures.bounced, reached + figures.bounced),
    opened: share(figures.opened_human),
    clicked: share(figures.clicked_human),
    unsubscribed: share(figures.unsubscribed),
    complained: share(figures.complained),
    replied: share(figures.replied),
  }
}

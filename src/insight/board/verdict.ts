/**
 * Whether the present is worse than usual. Pure: the present of one route and receiver and what is usual for them, at the same width, come
 * in; at most one verdict of each kind comes out. A route that never reports deliveries is never blamed for missing ones: that is what
 * canaries are for.
 */
import { HOUR, MINUTE } from '../../lib/clock.ts'
import { attemptsOf, type Figures, putOffShare, refusedShare } from './figures.ts'

const ALERT_KINDS = ['not_arriving', 'put_off', 'refused'] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

/** How wide a stretch of the present is looked at: the narrowest that holds enough mail decides. */
export const WIDTHS_MS = [30 * MINUTE, 3 * HOUR, 24 * HOUR] as const

/** Everything that a person might want otherwise, in one place. */
export const RULES = {
  /** A receiver's news comes a little after the mail: what was relayed in the last minutes is not waited for yet. */
  reportLagMs: 10 * MINUTE,
  /** Fewer than this say nothing. */
  minSample: 20,
  /** Nor does a week with fewer than this. */
  minUsualSample: 50,
  /** A route tells deliveries when it normally does for this share. */
  tellsDeliveries: 0.5,
  /** Of the usual share, what is left when it is alarming; and from where on it is well again. */
  arriving: { alarm: 0.5, well: 0.8 },
  /** How far above the usual a share is alarming (both), and from where on it is well again. */
  putOff: { times: 3, more: 0.2, well: 0.1, assumed: 0.1 },
  refused: { times: 3, more: 0.1, well: 0.05, assumed: 0.03 },
  /** A deviation of this many standard deviations is no chance. */
  sigmas: 3,
  /** With this many windows of the past, none but one in fifty may have been as bad. */
  minWindows: 10,
} as const

/** The present, one width of it. */
export interface Present {
  readonly widthMs: number
  readonly figures: Figures
  /** What was relayed so long ago that its news should be here, in a stretch of the same width. */
  readonly relayed: number
  /** What was reported since that stretch began. */
  readonly delivered: number
}

/** What is usual, at the same width. `worst…`: what only one window in fifty was worse than; null where there were too few windows. */
export interface Usual {
  readonly widthMs: number
  readonly relayed: number
  readonly attempts: number
  readonly windows: number
  readonly delivered: number
  readonly putOff: number
  readonly refused: number
  readonly worstDelivered: number | null
  readonly worstPutOff: number | null
  readonly worstRefused: number | null
}

export interface Verdict {
  readonly kind: AlertKind
  readonly widthMs: number
  /** `part` of `whole`; usually the share `usual`. */
  readonly part: number
  readonly whole: number
  readonly usual: number
  /** Nothing is known of this way yet: `usual` is what is ordinary anywhere. */
  readonly isAssumed?: boolean
}

/** What is alarming now. `presents` from narrow to wide. */
export function verdictsOf(presents: readonly Present[], usuals: readonly Usual[]): Verdict[] {
  const usualAt = (widthMs: number) => usuals.find((usual) => usual.widthMs === widthMs) ?? null
  const first = (isEnough: (present: Present) => boolean, judge: (present: Present, usual: Usual | null) => Verdict | null) => {
    const present = presents.find(isEnough)
    return present ? judge(present, usualAt(present.widthMs)) : null
  }
  return [
    first(({ relayed }) => relayed >= RULES.minSample, notArriving),
    first(({ figures }) => attemptsOf(figures) >= RULES.minSample, putOff),
    first(({ figures }) => answersOf(figures) >= RULES.minSample, refused),
  ].filter((verdict) => verdict !== null)
}

function notArriving({ widthMs, relayed, delivered }: Present, usual: Usual | null): Verdict | null {
  if (!usual || usual.relayed < RULES.minUsualSample || usual.delivered < RULES.tellsDeliveries) return null
  const share = Math.min(1, delivered / relayed)
  const isAlarming =
    share < usual.delivered * RULES.arriving.alarm &&
    isNoChance(usual.delivered - share, usual.delivered, relayed) &&
    (usual.worstDelivered === null || usual.windows < RULES.minWindows || share < usual.worstDelivered)
  return isAlarming ? { kind: 'not_arriving', widthMs, part: delivered, whole: relayed, usual: usual.delivered } : null
}

function putOff({ widthMs, figures }: Present, usual: Usual | null): Verdict | null {
  const known = usual && usual.attempts >= RULES.minUsualSample ? usual : null
  const whole = attemptsOf(figures)
  const part = figures.deferred + figures.blocked
  const normal = known?.putOff ?? RULES.putOff.assumed
  const worst = known && known.windows >= RULES.minWindows ? known.worstPutOff : null
  return isFarAbove(part / whole, normal, worst, whole, RULES.putOff)
    ? { kind: 'put_off', widthMs, part, whole, usual: normal, ...(!known && { isAssumed: true }) }
    : null
}

function refused({ widthMs, figures }: Present, usual: Usual | null): Verdict | null {
  const known = usual && usual.attempts >= RULES.minUsualSample ? usual : null
  const whole = answersOf(figures)
  const part = figures.bounced - figures.returned
  const normal = known?.refused ?? RULES.refused.assumed
  const worst = known && known.windows >= RULES.minWindows ? known.worstRefused : null
  return isFarAbove(part / whole, normal, worst, whole, RULES.refused)
    ? { kind: 'refused', widthMs, part, whole, usual: normal, ...(!known && { isAssumed: true }) }
    : null
}

function isFarAbove(
  share: number,
  usual: number,
  worst: number | null,
  sample: number,
  { times, more }: { readonly times: number; readonly more: number },
): boolean {
  return (
    share > Math.min(1, usual + more) &&
    share > Math.min(0.9, usual * times) &&
    isNoChance(share - usual, usual, sample) &&
    (worst === null || share > worst)
  )
}

/** Whether a share of so many could stray so far by chance (a normal approximation; at least half a percent of noise is always granted). */
function isNoChance(deviation: number, usual: number, sample: number): boolean {
  const variance = Math.max(usual * (1 - usual), 0.005) / sample
  return deviation > RULES.sigmas * Math.sqrt(variance)
}

/**
 * Whether an alert is over: there is enough mail to say so, and it is near enough to what was usual when the alert began. Null: too little
 * mail to know.
 */
export function isWell(kind: AlertKind, usual: number, presents: readonly Present[]): boolean | null {
  if (kind === 'not_arriving') {
    const present = presents.find(({ relayed }) => relayed >= RULES.minSample)
    return present ? Math.min(1, present.delivered / present.relayed) >= usual * RULES.arriving.well : null
  }
  const [sizeOf, shareOf, { well }] =
    kind === 'put_off' ? ([attemptsOf, putOffShare, RULES.putOff] as const) : ([answersOf, refusedShare, RULES.refused] as const)
  const present = presents.find(({ figures }) => sizeOf(figures) >= RULES.minSample)
  return present ? (shareOf(present.figures) ?? 0) <= usual + well : null
}

function answersOf({ sent, bounced, returned }: Figures): number {
  return sent + bounced - returned
}

/** "google: 0 delivered of 214 relayed in 30 minutes through Relay; usually 97 %." */
export function sentenceOf(
  receiver: string,
  routeName: string,
  { kind, widthMs, part, whole, usual, isAssumed = false }: Verdict,
): string {
  const what = {
    not_arriving: `${grouped(part)} delivered of ${grouped(whole)} relayed`,
    put_off: `${grouped(part)} of ${grouped(whole)} tries put off`,
    refused: `${grouped(part)} of ${grouped(whole)} refused for good`,
  }[kind]
  return `${receiver}: ${what} in ${lengthOf(widthMs)} through ${routeName}; ${isAssumed ? `up to ${percent(usual)} is ordinary` : `usually ${percent(usual)}`}.`
}

function lengthOf(widthMs: number): string {
  return widthMs < 2 * HOUR ? `${Math.round(widthMs / MINUTE)} minutes` : `${Math.round(widthMs / HOUR)} hours`
}

function percent(share: number): string {
  const of = share * 100
  return `${of > 0 && of < 1 ? of.toFixed(1) : Math.round(of)} %`
}

function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',')
}

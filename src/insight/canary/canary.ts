/**
 * A canary stands for a receiver: a mailbox there that we may read. Through each of its routes it sends itself a real message now and then, and
 * looks for it. One such message is a run:
 *
 *   sent ──seen──▶ arrived (inbox or spam folder, after so long, with what the receiver says of it)
 *     ├──not seen in time──▶ missing ──seen late──▶ arrived
 *     └──the mailbox could not be read──▶ unread: says nothing about the mail
 *
 * A relay's "250" is no news; a canary is.
 */
import type { DeliveryId, Id, MessageId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { MailboxId } from '../../mailboxes/mailbox.ts'

export type CanaryId = Id<'canary'>
export type CanaryRunId = Id<'canary_run'>

const CANARY_KINDS = ['imap', 'loopback'] as const
export type CanaryKind = (typeof CANARY_KINDS)[number]

export interface Canary {
  readonly workspaceId: WorkspaceId
  readonly id: CanaryId
  readonly name: string
  /** imap: the mailbox is read. loopback: what the sandbox kept is. */
  readonly kind: CanaryKind
  readonly mailboxId: MailboxId | null
  readonly receiver: string
  /** From; its domain's authentication is what is tried. */
  readonly sender: string
  readonly routeIds: readonly RouteId[]
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly enabled: boolean
  readonly nextAt: Date
  readonly createdAt: Date
  readonly updatedAt: Date
}

export const RUN_STATES = ['sent', 'arrived', 'missing', 'unread'] as const
export type RunState = (typeof RUN_STATES)[number]

/** What the receiver says of the mail; null where it says nothing. */
export interface SeenAuthentication {
  readonly server: string
  readonly spf: string | null
  readonly dkim: string | null
  readonly dmarc: string | null
  /** Whether the hop into the receiver was encrypted. */
  readonly tls: boolean | null
}

export interface CanaryRun {
  readonly id: CanaryRunId
  readonly canaryId: CanaryId
  readonly routeId: RouteId
  readonly messageId: MessageId
  readonly deliveryId: DeliveryId
  readonly sentAt: Date
  readonly giveUpAt: Date
  readonly state: RunState
  readonly endedAt: Date | null
  readonly folder: 'inbox' | 'junk' | null
  readonly tookMs: number | null
  readonly results: SeenAuthentication | null
  readonly reason: string | null
}

/** Runs in a row that make news of bad luck. */
export const IN_A_ROW = 3
/** The address that a loop-back canary writes to; `.invalid` is nobody's (RFC 2606 §2). */
export const LOOPBACK_ADDRESS = 'canary@loopback.invalid'
export const CANARY_HEADER = 'X-Waybill-Canary'

export const CONDITIONS = ['new', 'arriving', 'late', 'missing', 'spam', 'unauthenticated'] as const
/** `late`: the latest run is missing, but not yet three in a row. */
export type Condition = (typeof CONDITIONS)[number]

/**
 * How a canary fares on one route. `runs` are its latest, newest first. Runs that are under way say nothing yet; those whose mailbox could not be
 * read say nothing at all.
 */
export function conditionOf(runs: readonly Pick<CanaryRun, 'state' | 'folder' | 'results'>[]): Condition {
  const telling = runs.filter(({ state }) => state === 'arrived' || state === 'missing')
  const [latest] = telling
  if (!latest) return 'new'
  const last = telling.slice(0, IN_A_ROW)
  const all = (is: (run: (typeof last)[number]) => boolean) => last.length === IN_A_ROW && last.every(is)
  if (latest.state === 'missing') return all(({ state }) => state === 'missing') ? 'missing' : 'late'
  if (all(({ folder }) => folder === 'junk')) return 'spam'
  return all(({ state, results }) => state === 'arrived' && results !== null && !isAuthenticated(results))
    ? 'unauthenticated'
    : 'arriving'
}

/** DMARC decides where the receiver tells it (RFC 7489 §6.6.2); else one of the two that it stands on. What is not told is not held against anybody. */
export function isAuthenticated({ spf, dkim, dmarc }: SeenAuthentication): boolean {
  if (dmarc !== null && dmarc !== 'none' && dmarc !== 'bestguesspass') return dmarc === 'pass'
  return (spf === null && dkim === null) || spf === 'pass' || dkim === 'pass'
}

/** What is known where a probe is missing. */
export interface MissingFacts {
  readonly routeName: string
  readonly minutes: number
  /** Of our own delivery: null when it is gone. */
  readonly delivery: { readonly state: string; readonly why: string | null } | null
  /** The other routes of the canary that arrive, with their names. */
  readonly arrivingThrough: readonly string[]
  readonly hasOtherRoutes: boolean
}

const TAKEN = new Set(['sent', 'delivered'])
const WAITING = new Set(['queued', 'sending', 'held'])

/** Why a probe is missing, as a doctor would put it: on our side, at the route, or behind it. */
export function causeOf({ routeName, minutes, delivery, arrivingThrough, hasOtherRoutes }: MissingFacts): string {
  if (!delivery) return 'its delivery is no longer kept'
  const why = delivery.why ? `: ${delivery.why.replace(/[.\s]+$/, '')}` : ''
  if (WAITING.has(delivery.state)) return `it never left this server${why}`
  if (delivery.state === 'unknown') return `${routeName} hung up before it said whether it took it${why}`
  if (!TAKEN.has(delivery.state)) return `${routeName} did not take it (${delivery.state})${why}`
  const gone = `${routeName} took it, and after ${minutes} minutes it is neither in the inbox nor in the spam folder`
  if (arrivingThrough.length > 0)
    return `${gone}; through ${arrivingThrough.join(' and ')} the same message arrives, so it is lost behind ${routeName}`
  return hasOtherRoutes
    ? `${gone}; nor does it arrive through any other route, so the mailbox or its receiver may be the cause`
    : gone
}

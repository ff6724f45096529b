/**
 * One act on many deliveries: chosen by a filter, counted before, done in small steps. What came after somebody decided is not part of it, so
 * that a replay never meets its own mail.
 */
import type { BulkActId, DeliveryId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import { DELIVERY_STATES, type DeliveryState } from '../delivery.ts'
import type { Stream } from '../stream.ts'

/** The tag of mail that Waybill sends to itself to see whether it arrives: a replay passes over it, whatever the filter. */
export const PROBE_TAG = 'canary'

export const BULK_KINDS = ['retry', 'hold', 'release', 'cancel', 'reroute', 'replay'] as const
export type BulkKind = (typeof BULK_KINDS)[number]

/** Which deliveries; every given condition has to hold. */
export interface BulkFilter {
  readonly states?: readonly DeliveryState[]
  readonly streams?: readonly Stream[]
  /** The route of the latest attempt. */
  readonly routeId?: RouteId
  readonly receivers?: readonly string[]
  readonly fromDomains?: readonly string[]
  readonly recipientDomains?: readonly string[]
  readonly tags?: readonly string[]
  /** Classes of the reason they carry. */
  readonly classes?: readonly string[]
  readonly since?: Date
  readonly until: Date
}

export interface BulkAct {
  readonly id: BulkActId
  readonly workspaceId: WorkspaceId
  readonly kind: BulkKind
  readonly filter: BulkFilter
  readonly routeId: RouteId | null
  readonly state: 'running' | 'done' | 'stopped'
  readonly matched: number
  readonly done: number
  readonly passedOver: number
  readonly cursor: DeliveryId | null
  readonly actor: string | null
  readonly createdAt: Date
  readonly finishedAt: Date | null
}

/**
 * States on which an act does something. A replay is of what was taken by a next hop that told nothing more: what is known to have arrived,
 * to have come back or to be complained about is never sent again by it.
 */
const STATES_OF: Readonly<Record<BulkKind, readonly DeliveryState[]>> = {
  retry: ['queued'],
  hold: ['queued', 'unknown'],
  release: ['held'],
  cancel: ['queued', 'held', 'unknown'],
  reroute: ['queued', 'held'],
  replay: ['sent'],
}

/** The states that the filter asks for and the act can do something with. Failed mail may be replayed too, when it is asked for by name. */
export function statesFor(kind: BulkKind, { states }: Pick<BulkFilter, 'states'>): DeliveryState[] {
  const able =
    kind === 'replay' && states ? ([...STATES_OF.replay, 'expired', 'failed', 'cancelled', 'bounced'] as const) : STATES_OF[kind]
  return DELIVERY_STATES.filter((state) => (able as readonly string[]).includes(state) && (!states || states.includes(state)))
}

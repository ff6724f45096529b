/** What decides where waiting mail of a workspace goes, as it stands at one moment. Read by queries.ts, thought about by choose.ts. */
import type { MailingId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { PacePeriod } from '../pace/gcra.ts'
import type { WarmUp } from '../pace/warm-up.ts'
import type { Circuit } from '../routes/circuit.ts'
import type { RouteKind } from '../routes/route.ts'
import type { LaneFacts, Rule } from './rule.ts'

export interface RouteState {
  readonly id: RouteId
  readonly name: string
  readonly kind: RouteKind
  readonly version: number
  readonly isDefault: boolean
  readonly circuit: Circuit
}

export interface Pace {
  readonly id: string
  readonly scope: 'workspace' | 'route' | 'from_domain' | 'receiver' | 'mailing'
  readonly subject: string
  readonly routeId: RouteId | null
  readonly per: PacePeriod
  readonly amount: number
  readonly nextAt: Date | null
}

/** Why mail of a From domain may not leave by a route: its signature or sender policy would not hold there. */
export interface Misalignment {
  readonly routeId: RouteId
  readonly fromDomain: string
  readonly sentence: string
}

export interface Picture {
  readonly workspaceId: WorkspaceId
  readonly routes: readonly RouteState[]
  readonly rules: readonly Rule[]
  readonly fineVersion: number
  /** Of one route towards one receiver; what is missing is closed. */
  readonly receiverCircuits: readonly { readonly routeId: RouteId; readonly receiver: string; readonly circuit: Circuit }[]
  readonly paces: readonly Pace[]
  readonly warmUps: readonly WarmUp[]
  readonly misalignments: readonly Misalignment[]
  /** Mailings that stand still, with the reason. */
  readonly stopped: readonly { readonly mailingId: MailingId; readonly sentence: string }[]
}

/** A lane as it is served. */
export interface Lane extends LaneFacts {
  readonly workspaceId: WorkspaceId
  readonly id: number
  readonly sortedBy: number
  /** The one route that a person chose for its mail. */
  readonly viaRoute: RouteId | null
  /** The mailing that it is of: paused, paced and cancelled as one. */
  readonly mailingId: MailingId | null
}

/** Whether its mail has to be looked at one by one before it can be served: its receiver is not known, or the rules look at other things now. */
export function isUnsorted(lane: Pick<Lane, 'receiver' | 'sortedBy'>, picture: Pick<Picture, 'fineVersion'>): boolean {
  return lane.receiver === null || lane.sortedBy < picture.fineVersion
}

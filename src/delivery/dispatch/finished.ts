import type { DispatcherId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { SendOutcome, Trace } from '../outcome.ts'
import type { Limits } from '../pace/allow.ts'
import { OTHER } from '../receivers/receiver-seeds.ts'
import type { Lane } from '../routing/picture.ts'
import type { Trip } from '../routing/rule.ts'
import type { Claimed } from './queries.ts'

/** What a lane's mail is served with: who else might take it, what it has to respect, whether it is a probe. */
export interface Serving {
  readonly lane: Lane
  readonly limits: Limits
  readonly trip: Trip | null
  /** Whether another route could take this mail as well at this moment. */
  readonly hasOtherWays: boolean
  readonly probing: 'route' | 'receiver' | null
}

/** What one recipient's attempt came to, as the sender hands it over for writing. */
export interface Finished {
  readonly delivery: Claimed
  readonly serving: Serving
  readonly outcome: SendOutcome
  readonly trace: Trace
  readonly startedAt: Date
  readonly finishedAt: Date
}

export interface Batch {
  readonly workspaceId: WorkspaceId
  readonly routeId: RouteId
  /** The settings that were tried: what they show says nothing about later ones. */
  readonly routeVersion: number
  readonly dispatcherId: DispatcherId
  readonly finished: readonly Finished[]
  /** True while the route's circuit is not known to be closed: an answer about a message closes it. */
  readonly circuitInDoubt: boolean
  /** The same of its circuits towards single receivers. */
  readonly receiversInDoubt: ReadonlySet<string>
  /** How many this sender has been handing over in a minute, lately. */
  readonly perMinute: number
}

export interface Recorded {
  readonly late: number
  readonly verdict: 'works' | 'refused' | null
  readonly worksFor: readonly string[]
  readonly refusedFor: readonly string[]
}

export function receiverOf({ serving }: Finished): string {
  return serving.lane.receiver ?? OTHER
}

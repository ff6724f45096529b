import type { DeliveryId, WorkspaceId } from '../../lib/ids.ts'
import type { Reason } from '../delivery.ts'
import type { RouteKind } from '../routes/route.ts'

/** A message in the moment before it is handed over. */
export interface Departure {
  readonly workspaceId: WorkspaceId
  /** One entry where each recipient gets a return path of its own, else all recipients of the transaction. */
  readonly deliveryIds: readonly DeliveryId[]
  readonly routeKind: RouteKind
  /** Domain of the From header, lower case, A-labels. */
  readonly fromDomain: string
  readonly envelopeSender: string
  /** The whole message, CRLF, one character a byte. */
  readonly content: string
}

/** Ready to leave; or a reason why it must not (it is held with that reason, nothing leaves unsigned by accident). */
export type Finished =
  | { readonly kind: 'ready'; readonly envelopeSender: string; readonly content: string }
  | { readonly kind: 'refused'; readonly reason: Reason }

/** What is put on every message as it leaves: a return path of its own and the signatures of its domain. */
export interface Finishing {
  /** True when mail of this domain gets a return path per recipient: then each recipient is a transaction of its own. */
  hasOwnReturnPath(workspaceId: WorkspaceId, fromDomain: string, routeKind: RouteKind): boolean
  finish(departure: Departure): Promise<Finished>
}

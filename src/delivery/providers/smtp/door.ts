import type { SmtpReply } from '../../../mail/smtp-reply.ts'
import type { Ending } from './ending.ts'

/** A pool, as whoever guards the way to its server sees it. */
export interface Visitor {
  /** Connections that it has, without those that are on their way. */
  readonly established: number
  /** A connection may be opened now, perhaps. */
  knock(): void
  /** Closes one connection that has nothing to do; false when there is none. */
  yieldOne(): boolean
}

/**
 * Guards the way to the servers of one receiver. Where several pools lead to the same receiver, it is their connections together that the
 * receiver counts.
 */
export interface Door {
  /** Asked before each connection. When it says no, the visitor is knocked for later. */
  enter(visitor: Visitor): boolean
  /** A connection, or the attempt at one, is over. */
  leave(): void
  /** A connection could not be had, or was closed before it carried anything. */
  refused(ending: Ending): void
  /** The server closed a connection that had carried `used` messages. */
  dismissed(used: number, reply: SmtpReply): void
}

import type { Clock } from '../../../../lib/clock.ts'
import type { Ending } from '../ending.ts'
import { type Evidence, giveBack, settle } from './result.ts'
import type { Transaction } from './transaction.ts'

/**
 * How often a handoff is taken back, unseen by its owner, from connections that end before it could go. Each of these had carried
 * something before, so there is always progress; but nobody should wait unseen for ever.
 */
const MAX_RETRIES = 4

/** Why a connection ended. */
export interface Stop {
  readonly code: string
  readonly message: string
  /** The transaction in front was the one being served: on a new connection the end is its answer. */
  readonly blame: boolean
  /** What had not begun may go over another connection. */
  readonly kept: boolean
  /** The far end closed or broke it, and we did not. */
  readonly byServer?: boolean
}

/** What was under way when it ended. */
export interface Stopped {
  readonly transactions: readonly Transaction[]
  /** Nothing of it was said yet. */
  readonly silent: Transaction | null
  /** A part of its body had left. */
  readonly uploading: Transaction | null
  /** The server had said 421 while bodies were on their way. */
  readonly dismissed: boolean
}

type End = Stop & Stopped & { /** The connection had carried something before. */ readonly used: boolean }

interface Owner {
  readonly clock: Clock
  takeBack(transaction: Transaction): void
}

/**
 * What becomes of the transactions on a connection that is over. A body that left entirely without an answer may have arrived: nobody can
 * know. One that left in part was not accepted (RFC 5321 §4.1.1.4). What had not begun to leave goes again over another connection.
 */
export function settleStopped(end: End, owner: Owner, evidence: Evidence): void {
  const nowMs = owner.clock.monotonicMs()
  if (end.dismissed && end.byServer) for (const transaction of end.transactions) forgetUnreached(transaction, end.used)
  // Latest first: each is put in front of the queue, which so keeps its order.
  for (const transaction of end.transactions.toReversed()) {
    switch (fateOf(transaction, end)) {
      case 'again':
        transaction.retries += 1
        owner.takeBack(transaction)
        break
      case 'given_back':
        giveBack(transaction, end.message, evidence, nowMs)
        break
      case 'answered':
        settle(transaction, transaction.ending ?? lossOf(transaction, end), evidence, nowMs)
    }
  }
}

/** After a 421 and the close that it announced (RFC 5321 §3.8), what the server had not begun to answer it has not taken. */
function forgetUnreached(transaction: Transaction, used: boolean): void {
  if (transaction.said.length > 0 && !transaction.turnedAway) return
  transaction.bodySent = false
  if (used) transaction.ending = null
}

function fateOf(transaction: Transaction, end: End): 'again' | 'given_back' | 'answered' {
  const isUntouched = !transaction.bodySent && transaction !== end.uploading && transaction.ending === null
  if (!isUntouched) return 'answered'
  const isBlamed = end.blame && transaction === end.transactions[0] && transaction !== end.silent
  // A connection that had worked and is found dead says nothing about this message; one that never worked does.
  if (end.kept && transaction.retries < MAX_RETRIES && (!isBlamed || end.used)) return 'again'
  return isBlamed ? 'answered' : 'given_back'
}

function lossOf(transaction: Transaction, { code, message, uploading }: End): Ending {
  const stage = transaction.bodySent ? 'dot' : transaction === uploading ? 'body' : transaction.stage
  return { stage, kind: 'lost', code, message, bodySent: transaction.bodySent }
}

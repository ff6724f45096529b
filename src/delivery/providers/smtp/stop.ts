import type { Clock } from '../../../lib/clock.ts'
import type { Ending } from './ending.ts'
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

interface Circumstances extends Stop {
  /** The connection had carried something before. */
  readonly used: boolean
  readonly silent: Transaction | null
  readonly uploading: Transaction | null
}

interface Owner {
  readonly clock: Clock
  takeBack(transaction: Transaction): void
}

/**
 * What becomes of the transactions on a connection that is over. A body that left entirely without an answer may have arrived: nobody can
 * know. One that left in part was not accepted (RFC 5321 §4.1.1.4). What had not begun to leave goes again over another connection.
 */
export function settleStopped(
  stopped: readonly Transaction[],
  circumstances: Circumstances,
  owner: Owner,
  evidence: Evidence,
): void {
  const nowMs = owner.clock.monotonicMs()
  // Latest first: each is put in front of the queue, which so keeps its order.
  for (const transaction of stopped.toReversed()) {
    const isBlamed = circumstances.blame && transaction === stopped[0] && transaction !== circumstances.silent
    switch (fateOf(transaction, isBlamed, circumstances)) {
      case 'again':
        transaction.retries += 1
        owner.takeBack(transaction)
        break
      case 'given_back':
        giveBack(transaction, circumstances.message, evidence, nowMs)
        break
      case 'answered':
        settle(transaction, transaction.ending ?? lossOf(transaction, circumstances), evidence, nowMs)
    }
  }
}

function fateOf(
  transaction: Transaction,
  isBlamed: boolean,
  { used, kept, uploading }: Circumstances,
): 'again' | 'given_back' | 'answered' {
  const isUntouched = !transaction.bodySent && transaction !== uploading && transaction.ending === null
  if (!isUntouched) return 'answered'
  // A connection that had worked and is found dead says nothing about this message; one that never worked does.
  if (kept && transaction.retries < MAX_RETRIES && (!isBlamed || used)) return 'again'
  return isBlamed ? 'answered' : 'given_back'
}

function lossOf(transaction: Transaction, { code, message, uploading }: Circumstances): Ending {
  const stage = transaction.bodySent ? 'dot' : transaction === uploading ? 'body' : transaction.stage
  return { stage, kind: 'lost', code, message, bodySent: transaction.bodySent }
}

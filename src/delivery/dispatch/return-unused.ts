import type { Tx } from '../../db/database.ts'
import { SMTP_STAGES } from '../../mail/smtp-answer.ts'
import type { SendOutcome } from '../outcome.ts'
import { returnToLimits } from '../pace/allow.ts'
import type { Batch } from './finished.ts'

/** Limits count what was handed over: what came back without a word said about it is given back to them. */
export async function returnUnused(tx: Tx, batch: Batch, now: Date): Promise<void> {
  const unused = batch.finished.filter(
    ({ outcome, serving: { limits } }) => (limits.paceIds.length > 0 || limits.warmUps.length > 0) && wasNeverOffered(outcome),
  )
  for (const [limits, finished] of Map.groupBy(unused, ({ serving }) => serving.limits)) {
    await returnToLimits(tx, batch.workspaceId, limits, finished.length, now)
  }
}

function wasNeverOffered(outcome: SendOutcome): boolean {
  if (outcome.kind === 'blocked') return SMTP_STAGES.indexOf(outcome.failure.stage) < SMTP_STAGES.indexOf('mail')
  return outcome.kind === 'unsent' || outcome.kind === 'failed' || outcome.kind === 'withheld'
}

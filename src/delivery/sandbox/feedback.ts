import type { Tx } from '../../db/database.ts'
import type { Feedback } from '../record-feedback.ts'
import { recordFeedback } from '../record-feedback.ts'
import { takeDueFeedback } from './queries.ts'

export {
  deleteKept as clearSandbox,
  type SandboxMail,
  selectKept as listSandbox,
  selectOneKept as findSandboxMail,
} from './queries.ts'

/** Plays the news that magic recipients promise. Returns how many were due. */
export async function applySandboxFeedback(tx: Tx, limit: number, now: Date): Promise<number> {
  const due = await takeDueFeedback(tx, limit, now)
  for (const { workspaceId, deliveryId, kind } of due)
    await recordFeedback(tx, workspaceId, deliveryId, toFeedback(kind, now), now)
  return due.length
}

function toFeedback(kind: string, now: Date): Feedback {
  const heard = { source: 'sandbox', key: kind, happenedAt: now, status: null, diagnostic: null, feedbackId: null } as const
  if (kind === 'delivered') return { kind: 'delivered', heard }
  if (kind === 'complained')
    return { kind: 'complained', heard, note: 'The recipient reported this message as spam (simulated by the sandbox).' }
  return {
    kind: 'bounced',
    heard,
    reason: {
      code: 'recipient_unknown',
      sentence: 'A bounce came back after the message had been taken: the address does not exist (simulated by the sandbox).',
      hint: 'Check the address for a typo.',
      failure: null,
      at: now,
    },
  }
}

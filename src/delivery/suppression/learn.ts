import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Failure } from '../../mail/failure.ts'
import type { Evidence } from './evidence/evidence.ts'
import { recordFullMailboxes } from './evidence/full-mailbox.ts'
import { suppressUnknownAddresses } from './suppress.ts'

/** What a receiver said of one address, and what that means. */
export type Verdict = Evidence & {
  readonly failure: Pick<Failure, 'class' | 'suppress'>
  /** A refusal for good; a mailbox that is full may be so for now. */
  readonly isFinal: boolean
}

/** Learns of addresses what can be learned: only what is about the address itself, and of the unknown ones only what was the last word. */
export async function learnFromVerdicts(
  tx: Tx,
  workspaceId: WorkspaceId,
  verdicts: readonly Verdict[],
  now: Date,
): Promise<void> {
  await suppressUnknownAddresses(
    tx,
    workspaceId,
    verdicts.filter(({ failure, isFinal }) => isFinal && failure.suppress),
    now,
  )
  await recordFullMailboxes(
    tx,
    workspaceId,
    verdicts.filter(({ failure }) => failure.class === 'mailbox_full'),
    now,
  )
}

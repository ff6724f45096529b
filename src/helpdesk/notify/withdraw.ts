import type { Tx } from '../../db/database.ts'
import { actOnMessage } from '../../delivery/acts/act.ts'
import { Refusal } from '../../errors.ts'
import type { ItemId, WorkspaceId } from '../../lib/ids.ts'
import { withdrawAll } from './withdraw-queries.ts'

/** It left, or is not even kept any more. */
const THERE_IS_NONE: ReadonlySet<string> = new Set(['nothing_to_do', 'not_found'])

/**
 * What is taken back happened for nobody: its line under the bell, its mails and its pushes go with it, as far as they have not left;
 * a push that was carried all the same is on a screen already, and a browser may not be woken to show nothing.
 */
export async function withdrawNotifications(
  tx: Tx,
  workspaceId: WorkspaceId,
  causes: readonly ItemId[],
  actor: string | null,
  now: Date,
): Promise<void> {
  for (const messageId of await withdrawAll(tx, workspaceId, causes, now)) {
    await actOnMessage(tx, workspaceId, messageId, 'cancel', actor, now).catch((error: unknown) => {
      if (!(error instanceof Refusal && THERE_IS_NONE.has(error.code))) throw error
    })
  }
}

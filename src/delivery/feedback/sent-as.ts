import type { Tx } from '../../db/database.ts'
import type { MessageId, WorkspaceId } from '../../lib/ids.ts'
import { selectSentAs } from './find-queries.ts'

/** A message of ours by the Message-ID with which it left. */
export interface SentAs {
  readonly rfcId: string
  readonly messageId: MessageId
  /** A provider put its own Message-ID in the place of ours. */
  readonly isAlias: boolean
  /** What the helpdesk sent it for; null for all other mail. */
  readonly purpose: string | null
}

/** Which of these Message-IDs, in angle brackets or not, are of messages that left this workspace. */
export async function findSentAs(tx: Tx, workspaceId: WorkspaceId, rfcIds: readonly string[]): Promise<SentAs[]> {
  return rfcIds.length === 0 ? [] : await selectSentAs(tx, workspaceId, rfcIds)
}

import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { WorkspaceId } from '../lib/ids.ts'

export interface Waiting {
  /** Empty: in any. */
  readonly inboxes: readonly string[]
  /** Their customers wait since after this … */
  readonly after: Date
  /** … and not longer. */
  readonly until: Date
}

/** Conversations whose customers wait for an answer, those who wait longest first, as a part of somebody's statement. Index: conversation_waiting_anywhere. */
export function conversationsWaiting(workspaceId: WorkspaceId, { inboxes, after, until }: Waiting): RawBuilder<unknown> {
  return sql`
    (select id, waiting_since from conversation
      where workspace_id = ${workspaceId} and deleted_at is null and status in ('open', 'pending') and merged_into is null
        and waiting_since > ${after} and waiting_since <= ${until}
        ${inboxes.length === 0 ? sql`` : sql`and inbox_id = any (${plainArray(inboxes)}::uuid[])`}
      order by waiting_since, id)`
}

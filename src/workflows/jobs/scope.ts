/** Among whom a workflow begins that is applied to what is there: conversations as a list shows them, or contacts. */
import type { ContactFilter } from '../../contacts/filter/filter.ts'
import { peopleAmong } from '../../contacts/filter/filter.ts'
import type { Tx } from '../../db/database.ts'
import type { ConversationFilter } from '../../helpdesk/list/filter.ts'
import { conversationsAmong } from '../../helpdesk/list/list.ts'
import type { ContactId, ConversationId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { ExistingSubject } from './subjects.ts'

export type Scope =
  /** `me` of the filter is whoever chose it. */
  | { readonly kind: 'conversation'; readonly filter: ConversationFilter; readonly userId: UserId | null }
  | { readonly kind: 'contact'; readonly filter: ContactFilter }

/** Those of a page that are meant. */
export async function withinScope(
  tx: Tx,
  workspaceId: WorkspaceId,
  scope: Scope | null,
  page: readonly ExistingSubject[],
  now: Date,
): Promise<readonly ExistingSubject[]> {
  if (scope === null || page.length === 0) return page
  const ids = page.map(({ id }) => id)
  const fitting: ReadonlySet<string> =
    scope.kind === 'conversation'
      ? await conversationsAmong(tx, workspaceId, scope, ids as ConversationId[])
      : await peopleAmong(tx, workspaceId, scope.filter, ids as ContactId[], now)
  return page.filter(({ id }) => fitting.has(id))
}

import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { ConversationId, ItemId, MessageId, WorkspaceId } from '../../lib/ids.ts'
import type { MailboxId } from '../../mailboxes/mailbox.ts'

export interface WaitingCopy {
  readonly workspaceId: WorkspaceId
  readonly itemId: ItemId
  readonly conversationId: ConversationId
  readonly messageId: MessageId
  readonly mailboxId: MailboxId
  readonly folder: string
  readonly attempts: number
  readonly createdAt: Date
}

/**
 * Takes some that are due, and puts them off at once: whoever dies with them leaves them to the next one, and two workers never have the same. Attempts
 * count from here. Index: sent_copy_due.
 */
export async function claimCopies(tx: Tx, limit: number, until: Date, now: Date): Promise<WaitingCopy[]> {
  const { rows } = await sql<WaitingCopy>`
    with due as (
      select workspace_id, item_id from sent_copy
       where state = 'waiting' and due_at <= ${now}
       order by due_at limit ${limit} for update skip locked
    )
    update sent_copy as c set due_at = ${until}, attempts = c.attempts + 1
      from due where c.workspace_id = due.workspace_id and c.item_id = due.item_id
    returning c.workspace_id as "workspaceId", c.item_id as "itemId", c.conversation_id as "conversationId", c.message_id as "messageId",
              c.mailbox_id as "mailboxId", c.folder, c.attempts, c.created_at as "createdAt"`.execute(tx)
  return rows
}

export type CopyEnd =
  | { readonly state: 'stored' | 'not_sent' }
  | { readonly state: 'given_up'; readonly problem: string }
  | { readonly state: 'waiting'; readonly problem: string | null; readonly dueAt: Date; readonly isTry: boolean }

export async function endCopy(
  tx: Tx,
  { workspaceId, itemId }: Pick<WaitingCopy, 'workspaceId' | 'itemId'>,
  end: CopyEnd,
  now: Date,
): Promise<void> {
  const isOver = end.state !== 'waiting'
  await sql`
    update sent_copy
       set state = ${end.state}, problem = ${'problem' in end ? end.problem : null}, due_at = ${isOver ? null : end.dueAt}, settled_at = ${isOver ? now : null},
           attempts = attempts - ${!isOver && !end.isTry ? 1 : 0}::int
     where workspace_id = ${workspaceId} and item_id = ${itemId} and state = 'waiting'`.execute(tx)
}

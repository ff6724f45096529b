/** Sources that providers hand mail to. */
import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { SourceId } from '../../lib/ids.ts'
import type { MailboxProblem } from '../../mailboxes/mailbox.ts'
import { columns } from './queries.ts'
import type { Source } from './source.ts'

/** By its id alone: whoever has its secret is let in, in whatever workspace. */
export async function selectProviderSource(db: Db, id: SourceId): Promise<Source | null> {
  const { rows } = await sql<Source>`select ${columns} from inbound_source where id = ${id} and kind = 'ses'`.execute(db)
  return rows[0] ?? null
}

/** It was heard of, and how it fares. */
export async function noteProvider(
  db: Db | Tx,
  { workspaceId, id }: Pick<Source, 'workspaceId' | 'id'>,
  { problem, hasMail }: { readonly problem: MailboxProblem | null; readonly hasMail: boolean },
  now: Date,
): Promise<void> {
  const state = problem === null ? 'working' : 'failing'
  await sql`
    update inbound_source
       set last_heard_at = ${now}, last_mail_at = case when ${hasMail} then ${now} else last_mail_at end, state = ${state},
           problem = ${problem === null ? null : JSON.stringify(problem)}::jsonb,
           state_since = case when state = ${state} then state_since else ${now} end,
           failures = case when ${problem === null} then 0 else failures + 1 end
     where workspace_id = ${workspaceId} and id = ${id} and is_enabled`.execute(db)
}

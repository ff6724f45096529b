import pg from 'pg'
import { expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'

/** Whose target is seldom removed, or who are few: reading them all does not matter. */
const FEW = [
  'canary_workspace_id_mailbox_id_fkey',
  // Lists are archived, and stay.
  'consent_event_workspace_id_list_id_fkey',
  // Kept for minutes.
  'conversation_undo_workspace_id_conversation_id_fkey',
  'inbound_source_route_is_there',
  'inbound_source_workspace_id_inbox_id_fkey',
  'inbox_default_assignee_is_a_member',
  'inbox_default_team_is_a_team',
  // The row of a blob goes with a file that was left over, of which there are a few in a week.
  'message_workspace_id_content_hash_fkey',
  'sandbox_mail_workspace_id_content_hash_fkey',
  'saved_reply_workspace_id_inbox_id_fkey',
  'session_workspace_id_user_id_fkey',
  // Versions stay as long as their workflow.
  'workflow_workspace_id_version_id_fkey',
]

test('whatever is removed, an index finds who refers to it', async () => {
  const client = new pg.Client(await testDatabase())
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(`
      select conname as name from pg_constraint as f
       where contype = 'f' and conparentid = 0 and confrelid <> 'workspace'::regclass
         and not exists (select from pg_index as i
                          where i.indrelid = f.conrelid and (i.indkey::int2[])[0:array_length(f.conkey, 1) - 1] @> f.conkey)
       order by conname`)
    expect(rows.map(({ name }) => name)).toEqual(FEW)
  } finally {
    await client.end()
  }
})

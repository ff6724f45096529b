import { sql } from 'kysely'
import type { WorkspaceId } from '../lib/ids.ts'
import type { Tx } from './database.ts'

/** Transactions that do the same thing in a workspace wait here for one another, each until the one before has ended: what it reads from now on, it may decide by. */
export async function takeTurn(tx: Tx, what: string, workspaceId: WorkspaceId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${what} ${workspaceId}`}, 0))`.execute(tx)
}

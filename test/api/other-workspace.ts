import { sql } from 'kysely'
import { createApiKey } from '../../src/accounts/api-keys.ts'
import type { Tx } from '../../src/db/database.ts'
import { type ApiKeyId, newId, type WorkspaceId } from '../../src/lib/ids.ts'
import type { Api } from './support.ts'

/** A workspace, its sandbox, and a key with all rights in it. */
export async function ensureWorkspaceNamed(
  tx: Tx,
  { deps, clock }: Api,
  name: string,
): Promise<{ key: string; workspaceId: string }> {
  const workspaceId = newId<WorkspaceId>()
  const now = clock.now()
  await sql`insert into workspace (id, name, created_at) values (${workspaceId}, ${name}, ${now})`.execute(tx)
  await deps.furnish(tx, workspaceId, now)
  const maker = { kind: 'key', id: newId<ApiKeyId>(), name: 'test', workspaceId, scopes: ['full'] } as const
  const { key } = await createApiKey(tx, { name: 'Other', scopes: ['full'], expiresAt: null }, maker, now)
  return { key, workspaceId }
}

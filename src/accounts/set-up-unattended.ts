import { ENGINE, type Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import { type ApiKeyId, newId, type WorkspaceId } from '../lib/ids.ts'
import { sha256 } from '../lib/secrets.ts'
import { type ApiKey, prefixOf } from './api-key.ts'
import { hasUsers, insertApiKey, lockAccounts, revokeConfiguredKeysExcept } from './queries.ts'
import { ensureWorkspace, makeOwner, type SetUpTools } from './set-up.ts'

/** WAYBILL_ADMIN_EMAIL with WAYBILL_ADMIN_PASSWORD, and WAYBILL_API_KEY. */
export interface UnattendedSetUp {
  readonly administrator: { readonly email: string; readonly password: string } | null
  readonly apiKey: string | null
}

const WORKSPACE_NAME = 'Waybill'

/**
 * Done at every start, and the same each time. The administrator is made once, on an empty server: a password changed later stays
 * changed. The key is added when it is not known; the one that was configured before it is revoked. A key that a person revoked stays so.
 */
export async function setUpUnattended(
  tools: Omit<SetUpTools, 'secrets'>,
  wanted: UnattendedSetUp,
  now: Date,
): Promise<{ madeAdministrator: boolean; addedKey: boolean }> {
  const { administrator, apiKey } = wanted
  const { database, passwords, furnish } = tools
  const needsAdministrator = administrator !== null && !(await hasUsers(database.db))
  if (!needsAdministrator && apiKey === null) return { madeAdministrator: false, addedKey: false }

  const passwordHash = needsAdministrator ? await passwords.hash(administrator.password) : null
  return await database.transaction(ENGINE, async (tx) => {
    await lockAccounts(tx)
    const workspace = await ensureWorkspace(tx, WORKSPACE_NAME, furnish, now)
    const madeAdministrator = administrator !== null && passwordHash !== null && !(await hasUsers(tx))
    if (madeAdministrator) {
      const name = administrator.email.slice(0, administrator.email.lastIndexOf('@')) || administrator.email
      await makeOwner(tx, workspace, { email: administrator.email, name: name.slice(0, 100), passwordHash }, now)
    }
    const addedKey = apiKey !== null && (await ensureKey(tx, workspace.id, apiKey, now))
    return { madeAdministrator, addedKey }
  })
}

async function ensureKey(tx: Tx, workspaceId: WorkspaceId, apiKey: string, now: Date): Promise<boolean> {
  const hash = sha256(apiKey)
  const key: ApiKey = {
    id: newId<ApiKeyId>(),
    name: 'From WAYBILL_API_KEY',
    prefix: prefixOf(apiKey),
    scopes: ['full'],
    createdBy: null,
    createdAt: now,
    lastUsedAt: null,
    expiresAt: null,
  }
  const added = await insertApiKey(tx, { ...key, workspaceId, hash, source: 'configuration' })
  if (!added) return false
  const replaced = await revokeConfiguredKeysExcept(tx, workspaceId, hash, now)
  const data = ({ name, prefix, scopes }: ApiKey) => ({ name, prefix, scopes })
  await append(
    tx,
    [
      ...replaced.map((old) => ({ type: 'api_key.revoked' as const, workspaceId, subjectId: old.id, data: data(old) })),
      { type: 'api_key.created', workspaceId, subjectId: key.id, data: data(key) },
    ],
    now,
  )
  return true
}

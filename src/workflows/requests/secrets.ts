/** What requests prove themselves with, by name. Written and used, never shown again. */
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { MAX_SECRET, MAX_SECRETS } from './limits.ts'
import { deleteSecret, type SecretUse, selectSecrets, selectSecretUses, upsertSecret } from './queries.ts'

export { type SecretUse, selectSecrets as listSecrets } from './queries.ts'

/** A sealed value opens nowhere else. */
export function secretPlace(workspaceId: WorkspaceId, name: string): string {
  return `workflow_secret:${workspaceId}:${name}`
}

/** Makes it, or gives it another value. */
export async function saveSecret(
  tx: Tx,
  secrets: Pick<Secrets, 'seal'>,
  workspaceId: WorkspaceId,
  { name, value }: { readonly name: string; readonly value: string },
  by: string | null,
  now: Date,
): Promise<void> {
  if (!/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$/.test(name))
    throw new Refusal('invalid_request', {
      why: 'A secret’s name has letters, digits, spaces, . _ and -, 100 at most.',
      pointer: '/name',
    })
  if (value === '' || value.length > MAX_SECRET || /[^\x20-\x7e]/.test(value))
    throw new Refusal('invalid_request', {
      why: `A secret is sent in a header: letters, digits and signs of ASCII, ${MAX_SECRET} at most.`,
      pointer: '/value',
    })
  const known = await selectSecrets(tx, workspaceId)
  if (known.length >= MAX_SECRETS && !known.some((one) => one.name === name))
    throw new Refusal('invalid_request', { why: `A workspace has at most ${MAX_SECRETS} secrets.` })
  await upsertSecret(tx, workspaceId, name, secrets.seal(value, secretPlace(workspaceId, name)), now)
  await append(tx, { type: 'workflow.secret_saved', workspaceId, actor: by, data: { name } }, now)
}

export interface UsedSecret {
  readonly name: string
  readonly changedAt: Date
  readonly uses: readonly SecretUse[]
}

/** With the workflows that name them: whoever replaces or removes one is to know whom it meets. */
export async function listUsedSecrets(db: Db | Tx, workspaceId: WorkspaceId): Promise<UsedSecret[]> {
  const known = await selectSecrets(db, workspaceId)
  const uses = known.length === 0 ? [] : await selectSecretUses(db, workspaceId)
  return known.map((one) => ({ ...one, uses: uses.filter(({ secret }) => secret === one.name) }))
}

export async function removeSecret(tx: Tx, workspaceId: WorkspaceId, name: string, by: string | null, now: Date): Promise<void> {
  if ((await deleteSecret(tx, workspaceId, name)) === 0) throw new Refusal('not_found', { what: 'secret' })
  await append(tx, { type: 'workflow.secret_removed', workspaceId, actor: by, data: { name } }, now)
}

export async function hasSecret(db: Db | Tx, workspaceId: WorkspaceId, name: string): Promise<boolean> {
  return (await selectSecrets(db, workspaceId)).some((one) => one.name === name)
}

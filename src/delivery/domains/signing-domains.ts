import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { SealBroken, type Secrets } from '../../lib/secrets.ts'
import { type SigningKey, toSigningKey } from '../../mail/dkim/key.ts'
import { selectChecks } from './check-queries.ts'
import { type Domain, hasReturnPath } from './domain.ts'
import { sealOfKey } from './manage.ts'
import { type Revision, selectActiveKeys, selectDomain, selectRevisions } from './queries.ts'

/** What is put on mail of a domain. */
export interface SigningDomain {
  readonly revision: number
  readonly keys: readonly SigningKey[]
  /** Null: bounces do not come back to a host of its own. */
  readonly returnPathHost: string | null
  /** Why its keys cannot be used; then its mail must not leave. */
  readonly trouble: string | null
}

/** The domains as they were a moment ago, with parsed keys. */
export interface SigningDomains {
  of(workspaceId: WorkspaceId, fromDomain: string): SigningDomain | null
  /** Reads which domains changed, and those. */
  refresh(): Promise<void>
}

export function createSigningDomains(db: Db, secrets: Secrets): SigningDomains {
  const byId = new Map<string, { readonly name: string; readonly signing: SigningDomain }>()
  let byName = new Map<string, SigningDomain>()

  async function refresh(): Promise<void> {
    const revisions = await selectRevisions(db)
    const present = new Set(revisions.map(keyOf))
    let changed = false
    for (const key of byId.keys()) if (!present.has(key)) changed = byId.delete(key) || changed
    for (const revision of revisions) {
      const key = keyOf(revision)
      if (byId.get(key)?.signing.revision === revision.revision) continue
      const read = await readDomain(db, secrets, revision)
      if (read) byId.set(key, read)
      changed = true
    }
    if (changed) byName = new Map([...byId].map(([key, { name, signing }]) => [`${key.slice(0, UUID_LENGTH)} ${name}`, signing]))
  }

  return { of: (workspaceId, fromDomain) => byName.get(`${workspaceId} ${fromDomain}`) ?? null, refresh }
}

const UUID_LENGTH = 36

function keyOf({ workspaceId, id }: Pick<Revision, 'workspaceId' | 'id'>): string {
  return `${workspaceId} ${id}`
}

async function readDomain(db: Db, secrets: Secrets, { workspaceId, id, revision }: Revision) {
  const [domain, sealed, checks] = await Promise.all([
    selectDomain(db, workspaceId, id),
    selectActiveKeys(db, workspaceId, id),
    selectChecks(db, workspaceId, id),
  ])
  if (!domain) return null
  const returnPathHost = hasReturnPath(checks) ? domain.returnPathHost : null
  const opened = openKeys(secrets, domain, sealed)
  return { name: domain.name, signing: { revision, returnPathHost, ...opened } }
}

function openKeys(
  secrets: Secrets,
  domain: Domain,
  sealed: Awaited<ReturnType<typeof selectActiveKeys>>,
): Pick<SigningDomain, 'keys' | 'trouble'> {
  try {
    const keys = sealed.map((key) =>
      toSigningKey(
        { domain: domain.name, selector: key.selector },
        key.algorithm,
        secrets.open(key.sealed, sealOfKey(domain.id, key.selector)),
      ),
    )
    return { keys, trouble: null }
  } catch (error) {
    const why =
      error instanceof SealBroken ? 'its key cannot be opened with the WAYBILL_SECRET of this server' : 'its key cannot be read'
    return { keys: [], trouble: why }
  }
}

/** The keys that sign mail of a domain; null when they cannot be opened. */
export async function readSigningKeys(db: Db | Tx, secrets: Secrets, domain: Domain): Promise<readonly SigningKey[] | null> {
  const { keys, trouble } = openKeys(secrets, domain, await selectActiveKeys(db, domain.workspaceId, domain.id))
  return trouble === null ? keys : null
}

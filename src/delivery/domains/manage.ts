import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { clearIncident } from '../../incidents/incidents.ts'
import { newId, type WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { readDomain } from '../../mail/domain-name.ts'
import { canRotate, type DkimKey } from './dkim-key.ts'
import type { Domain, DomainId } from './domain.ts'
import type { NewKey } from './make-keys.ts'
import { countDomains, deleteDomain, insertDomain, insertKey, lockDomain, selectKeys, updateHosts } from './queries.ts'

export {
  type CheckChange,
  selectChanges as listCheckChanges,
  selectChecks as listChecks,
} from './check-queries.ts'
export {
  selectDomain as findDomain,
  selectDomains as listDomains,
  selectKeys as listKeys,
  selectTrackingHost as findTrackingHost,
} from './queries.ts'

const MAX_DOMAINS = 500

export interface NewDomain {
  readonly name: string
  /** Absent: `bounces.<domain>` and `links.<domain>`. */
  readonly returnPathHost?: string | undefined
  readonly trackingHost?: string | undefined
  /** Made before the transaction. */
  readonly keys: readonly NewKey[]
}

/** From now on its records are looked at. Nothing changes for its mail until they are there. */
export async function addDomain(
  tx: Tx,
  secrets: Secrets,
  workspaceId: WorkspaceId,
  wanted: NewDomain,
  actor: string | null,
  now: Date,
): Promise<Domain> {
  const name = mustRead(wanted.name, '/name')
  if ((await countDomains(tx, workspaceId)) >= MAX_DOMAINS) throw new Refusal('too_many_domains', { limit: MAX_DOMAINS })
  const domain: Domain = {
    workspaceId,
    id: newId<DomainId>(now.getTime()),
    name,
    state: 'pending',
    stateSince: now,
    verifiedAt: null,
    returnPathHost: hostBelow(name, wanted.returnPathHost ?? `bounces.${name}`, '/return_path_host'),
    trackingHost: hostBelow(name, wanted.trackingHost ?? `links.${name}`, '/tracking_host'),
    createdAt: now,
    checkedAt: null,
    nextCheckAt: now,
  }
  if (!(await insertDomain(tx, domain))) throw new Refusal('domain_taken', { name, pointer: '/name' })
  await saveKeys(tx, secrets, domain, wanted.keys, now)
  await append(tx, { type: 'domain.added', workspaceId, subjectId: domain.id, actor, data: { name } }, now)
  return domain
}

export interface DomainChange {
  readonly returnPathHost?: string | undefined
  readonly trackingHost?: string | undefined
}

export async function changeDomain(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: DomainId,
  change: DomainChange,
  actor: string | null,
  now: Date,
): Promise<Domain> {
  const domain = await mustLock(tx, workspaceId, id)
  const changed = {
    ...domain,
    returnPathHost: hostBelow(domain.name, change.returnPathHost ?? domain.returnPathHost, '/return_path_host'),
    trackingHost: hostBelow(domain.name, change.trackingHost ?? domain.trackingHost, '/tracking_host'),
    nextCheckAt: now,
  }
  await updateHosts(tx, changed)
  await append(tx, { type: 'domain.changed', workspaceId, subjectId: id, actor, data: { name: domain.name } }, now)
  return changed
}

/** Its mail leaves unsigned from now on, by the routes that take it so. Its private keys are gone. */
export async function removeDomain(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: DomainId,
  actor: string | null,
  now: Date,
): Promise<void> {
  const domain = await mustLock(tx, workspaceId, id)
  await deleteDomain(tx, workspaceId, id)
  await clearIncident(tx, workspaceId, incidentKeyOf(id), now)
  await append(tx, { type: 'domain.removed', workspaceId, subjectId: id, actor, data: { name: domain.name } }, now)
}

/** New keys beside the old ones, which go on signing until the new ones have been seen in the DNS. */
export async function rotateKeys(
  tx: Tx,
  secrets: Secrets,
  workspaceId: WorkspaceId,
  id: DomainId,
  keys: readonly NewKey[],
  actor: string | null,
  now: Date,
): Promise<Domain> {
  const domain = await mustLock(tx, workspaceId, id)
  if (!canRotate(await selectKeys(tx, workspaceId, id))) throw new Refusal('rotation_under_way', { name: domain.name })
  await saveKeys(tx, secrets, domain, keys, now)
  await updateHosts(tx, { ...domain, nextCheckAt: now })
  await append(
    tx,
    {
      type: 'domain.keys_made',
      workspaceId,
      subjectId: id,
      actor,
      data: { name: domain.name, selectors: keys.map(({ selector }) => selector) },
    },
    now,
  )
  return domain
}

async function saveKeys(tx: Tx, secrets: Secrets, domain: Domain, keys: readonly NewKey[], now: Date): Promise<void> {
  for (const { selector, algorithm, publicKey, privateKey } of keys) {
    const key: DkimKey = { selector, algorithm, publicKey, state: 'new', since: now, wrongSince: null, createdAt: now }
    await insertKey(tx, domain, key, secrets.seal(privateKey, sealOfKey(domain.id, selector)))
  }
}

/** Where a private key is sealed to: it opens for no other domain and selector. */
export function sealOfKey(id: DomainId, selector: string): string {
  return `dkim:${id}:${selector}`
}

export function incidentKeyOf(id: DomainId): string {
  return `domain.records:${id}`
}

async function mustLock(tx: Tx, workspaceId: WorkspaceId, id: DomainId): Promise<Domain> {
  const domain = await lockDomain(tx, workspaceId, id)
  if (!domain) throw new Refusal('not_found', { what: 'domain' })
  return domain
}

function mustRead(text: string, pointer: string): string {
  const read = readDomain(text.trim().replace(/\.$/, ''))
  if (!read.ok) throw new Refusal('invalid_request', { pointer, why: read.reason })
  if (!read.domain.includes('.'))
    throw new Refusal('invalid_request', { pointer, why: 'Mail from localhost reaches nobody: use a domain of yours.' })
  return read.domain
}

/** Only a host below the domain aligns with it, for DMARC and in the eyes of readers. */
function hostBelow(domain: string, host: string, pointer: string): string {
  const read = mustRead(host, pointer)
  if (!read.endsWith(`.${domain}`))
    throw new Refusal('invalid_request', { pointer, why: `It has to be a host below ${domain}, such as bounces.${domain}.` })
  return read
}

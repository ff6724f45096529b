import type { BlobStore } from '../../../blobs/blob-store.ts'
import type { Tx } from '../../../db/database.ts'
import { selectAlignmentFacts } from '../../../delivery/domains/alignment-facts.ts'
import { publishingOf } from '../../../delivery/domains/check-domains.ts'
import type { Domain } from '../../../delivery/domains/domain.ts'
import type { Hosts } from '../../../delivery/domains/hosts.ts'
import { listKeys } from '../../../delivery/domains/manage.ts'
import { readSigningKeys } from '../../../delivery/domains/signing-domains.ts'
import { returnPathKey, returnPathOf } from '../../../delivery/feedback/return-path.ts'
import { listRoutes } from '../../../delivery/routes/manage.ts'
import type { Way } from '../../../delivery/routes/route.ts'
import { DAY } from '../../../lib/clock.ts'
import { idFloor, newId } from '../../../lib/ids.ts'
import type { Secrets } from '../../../lib/secrets.ts'
import { readBoard } from '../../board/read-board.ts'
import type { Ours } from './exam.ts'
import { selectLastBulk } from './queries.ts'

export interface KnowledgeDeps {
  readonly blobs: BlobStore
  readonly secrets: Secrets
  readonly hosts: Hosts
}

/** What our own tables say of a domain; and the addresses that its mail leaves from directly. */
export async function ourKnowledge(
  tx: Tx,
  { blobs, secrets, hosts }: KnowledgeDeps,
  domain: Domain,
  now: Date,
): Promise<{ ours: Ours; sources: readonly string[]; sendsDirectly: boolean }> {
  const { workspaceId, id, name, returnPathHost, trackingHost } = domain
  const routes = await listRoutes(tx, workspaceId)
  const facts = (await selectAlignmentFacts(tx, workspaceId)).filter(({ fromDomain }) => fromDomain === name)
  const hash = await selectLastBulk(tx, workspaceId, name, idFloor(new Date(now.getTime() - DAY)))
  const contents = hash === null ? null : await blobs.read(tx, workspaceId, [hash])
  const board = await readBoard(tx, workspaceId, { window: '24h' }, now)
  const ours: Ours = {
    publishing: await publishingOf(tx, workspaceId, hosts),
    keys: await listKeys(tx, workspaceId, id),
    signing: await readSigningKeys(tx, secrets, domain),
    returnPathHost,
    returnPathAddress: returnPathOf(newId(now.getTime()), returnPathHost, returnPathKey(secrets)),
    trackingHost,
    routes: facts.flatMap(({ routeId, kind, aligned, reason }) => {
      const route = routes.find((each) => each.id === routeId)
      return route ? [{ name: route.name, kind, aligned, reason }] : []
    }),
    bulkContent: contents?.get(hash ?? '') ?? null,
    receivers: board.receivers.map(({ receiver, figures }) => ({ receiver, ...figures })),
  }
  const direct = routes.map(({ way }) => way).filter((way): way is Extract<Way, { kind: 'mx' }> => way.kind === 'mx')
  return {
    ours,
    sources: [...new Set(direct.flatMap(({ settings }) => settings.source_addresses))],
    sendsDirectly: direct.length > 0,
  }
}

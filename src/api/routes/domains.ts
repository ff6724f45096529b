import { actorReference } from '../../accounts/actor.ts'
import { campaignsFrom } from '../../campaigns/sent-from.ts'
import type { Tx } from '../../db/database.ts'
import { checkDomain as check, publishingOf } from '../../delivery/domains/check-domains.ts'
import type { Domain, DomainId } from '../../delivery/domains/domain.ts'
import { makeKeys } from '../../delivery/domains/make-keys.ts'
import {
  addDomain as add,
  changeDomain as change,
  findDomain,
  listDomains as list,
  listCheckChanges,
  listChecks,
  listKeys,
  removeDomain as remove,
  rotateKeys,
} from '../../delivery/domains/manage.ts'
import { Refusal } from '../../errors.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { createLimiter } from '../../lib/limiter.ts'
import { readDomain } from '../../mail/domain-name.ts'
import type { ServerDeps } from '../deps.ts'
import {
  addDomain,
  changeDomain,
  checkDomain,
  type DomainDetail,
  examineDomain,
  getDomain,
  listDomains,
  removeDomain,
  rotateDomainKeys,
} from '../endpoints/domains.ts'
import { preparedRoute, type Route, route } from '../route.ts'
import { toDomain, toDomainDetail, toDomainReport } from '../wire/domains.ts'

/** Each asks the DNS a hundred questions. */
const AT_A_TIME = 4
const CHANGES_SHOWN = 100

export function domainRoutes(deps: ServerDeps): Route[] {
  const { database, secrets, domains } = deps
  const limiter = createLimiter({ concurrency: AT_A_TIME, waiting: 0 })

  async function limited<T>(work: () => Promise<T>): Promise<T> {
    const running = limiter.run(work)
    if (!running) throw new Refusal('too_busy', { retryAfterSeconds: 20 })
    return await running
  }

  async function show(tx: Tx, domain: Domain): Promise<DomainDetail> {
    const { workspaceId, id } = domain
    return toDomainDetail({
      domain,
      keys: await listKeys(tx, workspaceId, id),
      checks: await listChecks(tx, workspaceId, id),
      changes: await listCheckChanges(tx, workspaceId, id, CHANGES_SHOWN),
      publishing: await publishingOf(tx, workspaceId, domains.hosts),
      campaigns: [...(await campaignsFrom(tx, workspaceId, domain.name))],
    })
  }

  return [
    route(listDomains, async ({ tx, actor }) => ({ items: (await list(tx, actor.workspaceId)).map(toDomain), next: null })),
    route(getDomain, async ({ tx, params, actor }) => show(tx, await mustFind(tx, actor.workspaceId, params.id))),
    preparedRoute(addDomain, makeKeys, async ({ tx, body, prepared, actor, now }) => {
      const wanted = { name: body.name, returnPathHost: body.return_path_host, trackingHost: body.tracking_host, keys: prepared }
      return show(tx, await add(tx, secrets, actor.workspaceId, wanted, actorReference(actor), now))
    }),
    route(changeDomain, async ({ tx, params, body, actor, now }) => {
      const wanted = { returnPathHost: body.return_path_host, trackingHost: body.tracking_host }
      return show(tx, await change(tx, actor.workspaceId, params.id, wanted, actorReference(actor), now))
    }),
    route(removeDomain, async ({ tx, params, actor, now }) =>
      remove(tx, actor.workspaceId, params.id, actorReference(actor), now),
    ),
    preparedRoute(rotateDomainKeys, makeKeys, async ({ tx, params, prepared, actor, now }) =>
      show(tx, await rotateKeys(tx, secrets, actor.workspaceId, params.id, prepared, actorReference(actor), now)),
    ),
    route(checkDomain, ({ params, actor, signal }) =>
      limited(async () => {
        const { workspaceId } = actor
        const scope = { as: 'api', workspaceId } as const
        const domain = await database.transaction(scope, (tx) => mustFind(tx, workspaceId, params.id), { readOnly: true })
        const [report, checked] = await Promise.all([
          domains.examineOurs(domain, signal),
          check(domains.checking, scope, workspaceId, domain.id),
        ])
        if (!checked) throw new Refusal('not_found', { what: 'domain' })
        const shown = await database.transaction(scope, (tx) => show(tx, checked), { readOnly: true })
        return { domain: shown, report: toDomainReport(report) }
      }),
    ),
    route(examineDomain, ({ body, signal }) =>
      limited(async () => {
        const read = readDomain(body.domain.trim().replace(/\.$/, ''))
        if (!read.ok) throw new Refusal('invalid_request', { pointer: '/domain', why: read.reason })
        const hints = { selectors: body.selectors ?? [], addresses: body.addresses ?? [], relay: body.relay ?? null }
        return toDomainReport(await domains.examineAny(read.domain, hints, signal))
      }),
    ),
  ]
}

async function mustFind(tx: Tx, workspaceId: WorkspaceId, id: DomainId): Promise<Domain> {
  const domain = await findDomain(tx, workspaceId, id)
  if (!domain) throw new Refusal('not_found', { what: 'domain' })
  return domain
}

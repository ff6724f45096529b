import type { Database } from '../../db/database.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, MINUTE } from '../../lib/clock.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { findRoute, sealOf } from '../routes/manage.ts'
import type { Route, ScalewaySettings } from '../routes/route.ts'
import { FetchFailed, type FetchText } from './fetch-text.ts'
import { type InletToPoll, notePolled, notePollFailed, selectInletsToPoll } from './inlet-queries.ts'
import { ScalewayPage } from './scaleway.ts'
import { MAX_KEPT_BYTES, takePolled } from './take.ts'

interface PollDeps {
  readonly database: Database
  readonly secrets: Secrets
  readonly fetchText: FetchText
  readonly wake: () => void
}

/** A topic that told something lately needs no asking. */
const QUIET_FOR_MS = 15 * MINUTE
const EVERY_MS = 2 * MINUTE
const ROUTES_A_RUN = 20
const PAGES_A_RUN = 10
const PAGE_SIZE = 50
/** Mail that Scaleway still tries after so long is not asked about any more. */
const OLDEST_MS = 3 * DAY

/** The fall-back where no topic is set up, or it has fallen silent: Scaleway is asked what became of the mail it took. */
export function scalewayPolling(deps: PollDeps): PeriodicJob {
  return {
    name: 'delivery.poll_scaleway',
    everyMs: MINUTE,
    async run(now) {
      const before = { polled: new Date(now.getTime() - EVERY_MS), told: new Date(now.getTime() - QUIET_FOR_MS) }
      for (const inlet of await selectInletsToPoll(deps.database.db, before, ROUTES_A_RUN)) await poll(deps, inlet, now)
    },
  }
}

async function poll(deps: PollDeps, { workspaceId, routeId, cursor }: InletToPoll, now: Date): Promise<void> {
  const { db } = deps.database
  const route = await findRoute(db, workspaceId, routeId)
  if (route?.way.kind !== 'scaleway' || !route.way.sealedSecret) return
  const oldest = new Date(now.getTime() - OLDEST_MS)
  const since = cursor && cursor > oldest ? cursor : oldest
  try {
    const key = deps.secrets.open(route.way.sealedSecret, sealOf(routeId))
    await notePolled(
      db,
      workspaceId,
      routeId,
      await fetchSince(deps, route, { settings: route.way.settings, key, since }, now),
      now,
    )
  } catch (error) {
    if (!(error instanceof FetchFailed)) throw error
    await notePollFailed(db, workspaceId, routeId, `${error.message}.`, now)
  }
}

interface Asked {
  readonly settings: ScalewaySettings
  readonly key: string
  readonly since: Date
}

/** Keeps every page as it came. Answers from when on to ask the next time: what is still on its way is asked about again. */
async function fetchSince(
  { database, fetchText, wake }: PollDeps,
  route: Route,
  { settings, key, since }: Asked,
  now: Date,
): Promise<Date> {
  let newest = since
  let open: Date | null = null
  for (let page = 1; page <= PAGES_A_RUN; page++) {
    const text = await fetchText(pageUrl(settings, since, page), { headers: { 'x-auth-token': key }, maxBytes: MAX_KEPT_BYTES })
    const parsed = ScalewayPage.safeParse(parseJson(text))
    if (!parsed.success) throw new FetchFailed('the answer of Scaleway is not a list of mails')
    const { emails } = parsed.data
    if (emails.length > 0 && (await takePolled(database, route, Buffer.from(text), now))) wake()
    for (const { created_at, status } of emails) {
      if (!created_at) continue
      const at = new Date(created_at)
      if (at > newest) newest = at
      if (!FINAL.has(status) && (open === null || at < open)) open = at
    }
    if (emails.length < PAGE_SIZE) break
  }
  return open ?? newest
}

const FINAL: ReadonlySet<string> = new Set(['sent', 'failed', 'canceled'])

function pageUrl({ endpoint, region, project_id }: ScalewaySettings, since: Date, page: number): string {
  const base = (endpoint ?? 'https://api.scaleway.com').replace(/\/+$/, '')
  const query = new URLSearchParams({
    project_id,
    since: since.toISOString(),
    order_by: 'created_at_asc',
    page: String(page),
    page_size: String(PAGE_SIZE),
  })
  return `${base}/transactional-email/v1alpha1/regions/${region}/emails?${query}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

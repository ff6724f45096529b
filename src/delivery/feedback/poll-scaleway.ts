import type { Database } from '../../db/database.ts'
import type { Resolver } from '../../dns/resolver.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { type Clock, DAY, MINUTE } from '../../lib/clock.ts'
import type { Secrets } from '../../lib/secrets.ts'
import type { CallEnd } from '../providers/http/call.ts'
import { toScalewayOptions } from '../providers/open-provider.ts'
import { openScalewayApi, type ScalewayApi } from '../providers/scaleway/scaleway-api.ts'
import { findRoute } from '../routes/manage.ts'
import type { Route } from '../routes/route.ts'
import { type InletToPoll, notePolled, notePollFailed, selectInletsToPoll } from './inlet-queries.ts'
import { ScalewayPage } from './scaleway.ts'
import { MAX_KEPT_BYTES, takePolled } from './take.ts'

export interface PollDeps {
  readonly database: Database
  readonly secrets: Secrets
  readonly resolver: Resolver
  readonly clock: Clock
  readonly allowPrivateNetworks: boolean
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
  const api = openScalewayApi(toScalewayOptions(route, route.way.settings, deps), deps)
  try {
    const next = await askSince(deps, api, route, { projectId: route.way.settings.project_id, since }, now)
    if (typeof next === 'string') await notePollFailed(db, workspaceId, routeId, next, now)
    else await notePolled(db, workspaceId, routeId, next, now)
  } finally {
    await api.client.close(0)
  }
}

interface Asked {
  readonly projectId: string
  readonly since: Date
}

/** Keeps every page as it came. From when on to ask the next time: what is still on its way is asked about again. Or why it failed. */
async function askSince(deps: PollDeps, api: ScalewayApi, route: Route, asked: Asked, now: Date): Promise<Date | string> {
  let newest = asked.since
  let open: Date | null = null
  for (let page = 1; page <= PAGES_A_RUN; page++) {
    const end = await api.client.call({
      method: 'GET',
      path: pathOf(asked, page),
      headers: () => api.headersOf(null),
      body: null,
    })
    const text = textOf(end)
    if (text === null) return failureOf(end)
    const parsed = ScalewayPage.safeParse(parseJson(text))
    if (!parsed.success) return 'The answer of Scaleway is not a list of mails.'
    const { emails } = parsed.data
    if (emails.length > 0 && (await takePolled(deps.database, route, Buffer.from(text), now))) deps.wake()
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

function pathOf({ projectId, since }: Asked, page: number): string {
  const query = new URLSearchParams({
    project_id: projectId,
    since: since.toISOString(),
    order_by: 'created_at_asc',
    page: String(page),
    page_size: String(PAGE_SIZE),
  })
  return `/emails?${query}`
}

function textOf(end: CallEnd): string | null {
  if (end.kind !== 'answered' || end.answer.status !== 200 || !end.answer.whole) return null
  return Buffer.byteLength(end.answer.text) <= MAX_KEPT_BYTES ? end.answer.text : null
}

function failureOf(end: CallEnd): string {
  switch (end.kind) {
    case 'answered':
      return end.answer.status === 200
        ? 'The answer of Scaleway did not come whole, or is larger than a page of its list can be.'
        : `Scaleway answered ${end.answer.status}. The key needs the permission to read mails (TransactionalEmailEmailReadOnly).`
    case 'ended':
      return end.ending.kind === 'reply' ? end.ending.reply.text : `Scaleway could not be reached: ${end.ending.message}.`
    case 'unsent':
      return `Scaleway was not asked: ${end.why}.`
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

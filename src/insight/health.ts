import type { Database } from '../db/database.ts'
import type { DispatcherStatus } from '../delivery/dispatch/dispatcher.ts'
import { oldestUnexplained } from '../delivery/reading/read.ts'
import type { Incident } from '../incidents/incident.ts'
import { listUnnoticedIncidents } from '../incidents/incidents.ts'
import { MINUTE } from '../lib/clock.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { routeIncidentKey } from './attention.ts'
import { type DiskSpace, isNearlyFull } from './disk.ts'
import type { Findings } from './invariants.ts'
import { hasLiveDispatcher, selectForPeople } from './queries.ts'
import { readStoppedRoutes, type StoppedRoute } from './stopped-routes.ts'

export interface HealthItem {
  readonly sentence: string
  /** Where in the console it can be looked at or put right. */
  readonly link: string | null
  /** The open incident that this is; null for what the server sees at this moment only. */
  readonly incidentId: string | null
}

/** `ok` is false when something is broken; what merely waits for a person's decision is an item too, and leaves it true. */
export interface Health {
  readonly ok: boolean
  readonly sentence: string
  readonly items: readonly HealthItem[]
}

/** What this process knows without the database. */
export interface HealthSources {
  /** Null where this process does not send. */
  readonly dispatcher: Pick<DispatcherStatus, 'trouble'> | null
  /** Sentences about ports that could not be taken. */
  readonly portTroubles: readonly string[]
  /** The latest look at the invariants; null before the first. */
  readonly invariants: Findings | null
  /** Of the data folder; null where it is not known. */
  readonly disk: DiskSpace | null
  /** The database's schema and the newest that this program knows. */
  readonly schema: { readonly found: number; readonly known: number } | null
}

type Item = Omit<HealthItem, 'incidentId'> & { readonly incidentId?: string; readonly broken: boolean }

const OVERDUE_MS = MINUTE
const SLOW_MS = 10 * MINUTE
const LOOKED_MS = 5 * MINUTE
const INCIDENTS_SHOWN = 100

/** What needs a person, of one workspace or (null) of the whole server, the broken things first. Read as the engine, which sees every table. */
export async function health(
  { db }: Database,
  sources: HealthSources,
  workspaceId: WorkspaceId | null,
  now: Date,
): Promise<Health> {
  const [incidents, routes, people, due, sending] = await Promise.all([
    listUnnoticedIncidents(db, workspaceId, INCIDENTS_SHOWN),
    readStoppedRoutes(db, workspaceId, now),
    selectForPeople(db, workspaceId),
    oldestUnexplained(db, workspaceId, new Date(now.getTime() - OVERDUE_MS), now),
    hasLiveDispatcher(db, now),
  ])
  const told = new Set(incidents.map(({ key }) => key))
  const items = [
    ...ofServer(sources),
    ...ofWaiting(due, sending, now),
    ...incidents.map(ofIncident),
    ...routes.filter(({ id }) => !told.has(routeIncidentKey(id))).map((route) => ofRoute(route, now)),
    ...ofInvariants(sources.invariants, workspaceId, now),
    ...ofPeople(people.held, people.unheard),
  ]
  return {
    ok: items.every(({ broken }) => !broken),
    sentence:
      items.length === 0 ? 'All mail flows.' : items.length === 1 ? '1 thing needs you' : `${items.length} things need you`,
    items: items.map(({ sentence, link, incidentId = null }) => ({ sentence, link, incidentId })),
  }
}

function ofServer({ dispatcher, disk, schema, portTroubles }: HealthSources): Item[] {
  const items: Item[] = portTroubles.map((sentence) => ({ sentence, link: null, broken: false }))
  if (schema && schema.found > schema.known) {
    const sentence = `The database is at version ${schema.found}, made by a newer Waybill than this one (${schema.known}): nothing is sent until this one is upgraded.`
    items.push({ sentence, link: null, broken: true })
  } else if (dispatcher?.trouble) items.push({ sentence: dispatcher.trouble, link: null, broken: true })
  if (disk && isNearlyFull(disk)) {
    const sentence = `The disk with the data folder is nearly full: ${size(disk.freeBytes)} of ${size(disk.totalBytes)} are free. When it is full, no mail is accepted.`
    items.push({ sentence, link: null, broken: true })
  }
  return items
}

/** Mail that is due and does not go though nothing stands in its way. */
function ofWaiting(overdue: Awaited<ReturnType<typeof oldestUnexplained>>, sending: boolean, now: Date): Item[] {
  if (overdue.length > 0 && !sending) {
    const sentence = 'Mail is due and no process sends it. Start Waybill with the role "delivery".'
    return [{ sentence, link: '/deliveries?state=queued', broken: true }]
  }
  return overdue
    .filter(({ stream, dueAt }) => stream !== 'bulk' && now.getTime() - dueAt.getTime() > SLOW_MS)
    .map(({ stream, dueAt }) => ({
      sentence: `The oldest ${stream} message has been due for ${Math.floor((now.getTime() - dueAt.getTime()) / MINUTE)} minutes: more comes in than goes out.`,
      link: `/deliveries?state=queued&stream=${stream}`,
      broken: false,
    }))
}

/** Until somebody takes note of it; then it is told on the page of incidents only. */
function ofIncident({ id, title, sentence, severity }: Incident): Item {
  return {
    sentence: `${title.replace(/[.!?]$/, '')}. ${sentence}`,
    link: '/attention',
    incidentId: id,
    broken: severity === 'critical',
  }
}

function ofRoute({ id, name, why, circuit, nextTryAt, waiting }: StoppedRoute, now: Date): Item {
  const next =
    circuit === 'probing' || (nextTryAt && nextTryAt <= now)
      ? 'it is being tried now'
      : nextTryAt
        ? `next try ${clockTime(nextTryAt)}`
        : null
  const wait =
    waiting === 0 ? 'nothing waits' : waiting === 1 ? '1 message waits' : `${waiting.toLocaleString('en')} messages wait`
  const parts = [why?.replace(/\.$/, '') ?? 'it refuses mail', next, wait].filter((part) => part !== null)
  return { sentence: `Route ${name}: ${parts.join('; ')}.`, link: `/routes/${id}`, broken: true }
}

function ofInvariants(findings: Findings | null, workspaceId: WorkspaceId | null, now: Date): Item[] {
  if (!findings) return []
  const items: Item[] = findings.violations
    .filter((violation) => workspaceId === null || violation.workspaceId === null || violation.workspaceId === workspaceId)
    .map(({ sentence }) => ({ sentence, link: null, broken: true }))
  const isOld = now.getTime() - findings.at.getTime() > LOOKED_MS
  if (isOld || findings.unchecked.length > 0) {
    const which = isOld ? 'The records' : `${findings.unchecked.length} of the checks of the records`
    const sentence = isOld
      ? `${which} have not been checked since ${clockTime(findings.at)}.`
      : `${which} could not be made: ${findings.unchecked[0]?.why}.`
    items.push({ sentence, link: null, broken: false })
  }
  return unique(items)
}

/** The same fault in several workspaces is one sentence for who sees them all. */
function unique(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [item.sentence, item])).values()]
}

function ofPeople(held: number, unheard: number): Item[] {
  const items: Item[] = []
  if (held > 0) {
    const sentence =
      held === 1
        ? 'A message is held until somebody releases or cancels it.'
        : `${many(held)} messages are held until somebody releases or cancels them.`
    items.push({ sentence, link: '/deliveries?state=held', broken: false })
  }
  if (unheard > 0) {
    const sentence =
      unheard === 1
        ? 'A message may or may not have arrived: decide whether it is sent once more.'
        : `${many(unheard)} messages may or may not have arrived: decide whether they are sent once more.`
    items.push({ sentence, link: '/deliveries?state=unknown', broken: false })
  }
  return items
}

function many(n: number): string {
  return n >= 10_000 ? '10,000 or more' : n.toLocaleString('en')
}

function clockTime(at: Date): string {
  return `${at.toISOString().slice(11, 19)} UTC`
}

function size(bytes: number): string {
  return bytes >= 1024 ** 3 ? `${(bytes / 1024 ** 3).toFixed(1)} GB` : `${Math.floor(bytes / 1024 ** 2)} MB`
}

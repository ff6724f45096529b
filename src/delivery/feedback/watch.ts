import { type Database, ENGINE } from '../../db/database.ts'
import type { NewIncident } from '../../incidents/incident.ts'
import { keepIncidents } from '../../incidents/incidents.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR, MINUTE } from '../../lib/clock.ts'
import { type SilentInlet, selectSilentInlets } from './inlet-queries.ts'

/** News of mail usually comes within seconds; a provider may keep it for an hour. */
const SILENT_MS = 3 * HOUR
/** So many mails without any news are no accident. */
const MAILS = 20

const KIND = 'feedback.silent'

/** A provider that used to tell what became of mail, was given mail since, and tells nothing any more. */
export function silenceWatch(database: Database): PeriodicJob {
  return {
    name: 'delivery.watch_feedback',
    everyMs: 10 * MINUTE,
    run: (now) =>
      database.transaction(ENGINE, async (tx) => {
        const times = { silentSince: new Date(now.getTime() - SILENT_MS), sentSince: new Date(now.getTime() - DAY) }
        const silent = await selectSilentInlets(tx, times, MAILS)
        await keepIncidents(tx, KIND, silent.map(toIncident), now)
      }),
  }
}

function toIncident({ workspaceId, routeId, name, lastBelievedAt }: SilentInlet): NewIncident {
  return {
    workspaceId,
    key: `${KIND}:${routeId}`,
    kind: KIND,
    severity: 'warning',
    title: `Route ${name} tells nothing any more`,
    sentence: `The provider of route ${name} took mail, but since ${lastBelievedAt.toISOString()} it told nothing about what became of any: bounces and complaints are not heard.`,
    hint: 'See at the provider whether the topic still has its subscription and whether that is confirmed, and whether the address there is the one on the page of the route.',
    subject: { kind: 'route', id: routeId },
    evidence: { last_believed_at: lastBelievedAt.toISOString() },
  }
}

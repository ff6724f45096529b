import { type Database, ENGINE } from '../../db/database.ts'
import type { NewIncident } from '../../incidents/incident.ts'
import { keepIncidents } from '../../incidents/incidents.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { MINUTE } from '../../lib/clock.ts'
import { selectEnabledSources } from './queries.ts'
import { type Source, type Trouble, troubleOf } from './source.ts'
import { watchEnds } from './watch-ends.ts'

const KIND = 'source.failing'
const MOST = 10_000

/** A source that fails for long, that nobody hears of, or that a person has to connect anew is an incident until it works again. */
export function sourceJobs(database: Database): PeriodicJob[] {
  return [
    { name: 'inbound.watch_sources', everyMs: MINUTE, run: (now) => watchSources(database, now) },
    { name: 'inbound.watch_ends', everyMs: MINUTE, run: (now) => watchEnds(database, now) },
  ]
}

export async function watchSources(database: Database, now: Date): Promise<void> {
  const sources = await selectEnabledSources(database.db, MOST)
  const found = sources.flatMap((source) => {
    const trouble = troubleOf(source, now)
    return trouble ? [incidentOf(source, trouble)] : []
  })
  await database.transaction(ENGINE, (tx) => keepIncidents(tx, KIND, found, now))
}

function incidentOf(source: Source, trouble: Trouble): NewIncident {
  const { workspaceId, id, name, problem, stateSince, lastHeardAt } = source
  return {
    workspaceId,
    key: `source.failing:${id}`,
    kind: KIND,
    severity: 'critical',
    ...TOLD[trouble](source),
    subject: { kind: 'source', id },
    evidence: {
      name,
      cause: problem?.cause ?? trouble,
      since: stateSince.toISOString(),
      last_heard_at: lastHeardAt?.toISOString() ?? null,
      link: '/settings/sources',
    },
  }
}

const TOLD: Readonly<Record<Trouble, (source: Source) => Pick<NewIncident, 'title' | 'sentence' | 'hint'>>> = {
  reconnect: ({ name, problem }) => ({
    title: `The source ${name} has to be connected anew`,
    sentence: `${problem?.sentence ?? 'The provider does not let us in any more.'} Until then no mail is fetched from it; what waits there is fetched afterwards.`,
    hint: problem?.hint ?? '',
  }),
  failing: ({ name, problem }) => ({
    title: `No mail is fetched from the source ${name}`,
    sentence: `${problem?.sentence ?? 'It cannot be read.'} It is tried again by itself; what waits there is fetched afterwards.`,
    hint: problem?.hint ?? '',
  }),
  silent: ({ name }) => ({
    title: `Nobody fetches from the source ${name}`,
    sentence: 'It was not heard of for a quarter of an hour, and no failure was told either. Mail waits on its server.',
    hint: 'Check that a process with the role inbound is running (WAYBILL_ROLES).',
  }),
}

import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { newId, type WorkspaceId } from '../lib/ids.ts'
import { type Incident, type IncidentId, isOpen, type NewIncident } from './incident.ts'
import {
  markAcknowledged,
  resolveById,
  resolveByKey,
  selectIncident,
  selectOpenKeys,
  selectWorkspaceIds,
  upsertIncident,
} from './queries.ts'

export {
  selectIncident as findIncident,
  selectOpenIncidents as listOpenIncidents,
  selectOpenKeys as openKeysOf,
  selectResolvedIncidents as listResolvedIncidents,
  selectUnnoticedIncidents as listUnnoticedIncidents,
} from './queries.ts'

/** Opens an incident, or says of the open one with its key that it was seen again. Only the opening is an event. */
export async function raiseIncident(
  tx: Tx,
  incident: NewIncident,
  now: Date,
): Promise<{ readonly id: IncidentId; readonly opened: boolean }> {
  const raised = await upsertIncident(tx, newId<IncidentId>(), incident, now)
  if (raised.opened)
    await append(
      tx,
      {
        type: 'incident.opened',
        workspaceId: incident.workspaceId,
        subjectId: raised.id,
        data: { ...saidOf(incident), sentence: incident.sentence, hint: incident.hint },
      },
      now,
    )
  return raised
}

/** The trouble went away: resolves the open incident of this key. False when there is none. */
export async function clearIncident(tx: Tx, workspaceId: WorkspaceId, key: string, now: Date): Promise<boolean> {
  const incident = await resolveByKey(tx, workspaceId, key, now)
  if (incident) await append(tx, resolvedEvent(incident, null), now)
  return incident !== null
}

/**
 * For a check that sees everything of its kind at once, in all workspaces: what it found is raised, what it found before and finds no more is
 * resolved.
 */
export async function keepIncidents(tx: Tx, kind: string, found: readonly NewIncident[], now: Date): Promise<void> {
  const present = new Set(found.map(({ workspaceId, key }) => `${workspaceId} ${key}`))
  const gone = (await selectOpenKeys(tx, kind)).filter(({ workspaceId, key }) => !present.has(`${workspaceId} ${key}`))
  for (const { workspaceId, key } of gone) await clearIncident(tx, workspaceId, key, now)
  for (const incident of found) await raiseIncident(tx, incident, now)
}

/** What troubles the whole installation needs somebody in every workspace: each sees it, takes note of it and sees it end. */
export async function raiseEverywhere(tx: Tx, incident: Omit<NewIncident, 'workspaceId'>, now: Date): Promise<void> {
  for (const workspaceId of await selectWorkspaceIds(tx)) await raiseIncident(tx, { ...incident, workspaceId }, now)
}

export async function clearEverywhere(tx: Tx, key: string, now: Date): Promise<void> {
  for (const workspaceId of await selectWorkspaceIds(tx)) await clearIncident(tx, workspaceId, key, now)
}

/** A person says: I know, I am on it. It stays open. Doing so twice changes nothing. */
export async function acknowledgeIncident(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: IncidentId,
  actor: string,
  now: Date,
): Promise<Incident> {
  const incident = await markAcknowledged(tx, workspaceId, id, actor, now)
  if (!incident) return await openOrRefused(tx, workspaceId, id, 'acknowledged')
  await append(tx, { type: 'incident.acknowledged', workspaceId, subjectId: id, actor, data: saidOf(incident) }, now)
  return incident
}

/** A person says: this is over. Should the trouble be seen again, it opens anew. */
export async function resolveIncident(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: IncidentId,
  actor: string,
  now: Date,
): Promise<Incident> {
  const incident = await resolveById(tx, workspaceId, id, actor, now)
  if (!incident) return await openOrRefused(tx, workspaceId, id, 'resolved')
  await append(tx, resolvedEvent(incident, actor), now)
  return incident
}

async function openOrRefused(tx: Tx, workspaceId: WorkspaceId, id: IncidentId, action: string): Promise<Incident> {
  const incident = await selectIncident(tx, workspaceId, id)
  if (!incident) throw new Refusal('not_found', { what: 'incident' })
  if (!isOpen(incident)) throw new Refusal('wrong_state', { what: 'incident', state: 'resolved', action })
  return incident
}

function saidOf({ key, kind, severity, title, subject }: Omit<NewIncident, 'workspaceId'>) {
  return { key, kind, severity, title, subject }
}

function resolvedEvent(incident: Incident, actor: string | null) {
  const lastedMs = (incident.resolvedAt?.getTime() ?? 0) - incident.openedAt.getTime()
  return {
    type: 'incident.resolved' as const,
    workspaceId: incident.workspaceId,
    subjectId: incident.id,
    actor,
    data: { ...saidOf(incident), opened_at: incident.openedAt, lasted_ms: lastedMs },
  }
}

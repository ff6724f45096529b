import type { Incident } from '../../incidents/incident.ts'
import type * as endpoints from '../endpoints/incidents.ts'
import type { NameActor } from './deliveries.ts'

export function toIncident(incident: Incident, nameActor: NameActor): endpoints.Incident {
  const { id, key, kind, severity, title, sentence, hint, subject, evidence, times } = incident
  return {
    id,
    key,
    kind,
    severity,
    state: incident.resolvedAt ? 'resolved' : incident.acknowledgedAt ? 'acknowledged' : 'open',
    title,
    sentence,
    hint,
    subject: subject && { ...subject },
    evidence: { ...evidence },
    opened_at: incident.openedAt,
    seen_at: incident.seenAt,
    times,
    acknowledged_at: incident.acknowledgedAt,
    acknowledged_by: incident.acknowledgedBy === null ? null : nameActor(incident.acknowledgedBy),
    resolved_at: incident.resolvedAt,
    resolved_by: incident.resolvedBy === null ? null : nameActor(incident.resolvedBy),
  }
}

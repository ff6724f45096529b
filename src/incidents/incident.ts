/**
 * An incident is something that is wrong now and needs a person. Its key names the trouble ("circuit of this route"), not the moment:
 *
 *   (nothing) ──seen──▶ open ──seen again──▶ open, one time more
 *                        │ └──a person takes note──▶ acknowledged, still open
 *                        └──the trouble went away, or a person says so──▶ resolved
 *
 * A resolved one never opens again: the same trouble later is a new row, so that the history can be counted. The same law stands as CHECKs
 * and a unique index in migrations/0013_incidents.sql.
 */
import type { Id, WorkspaceId } from '../lib/ids.ts'

export type IncidentId = Id<'incident'>

/** `critical`: mail is lost, late or unprotected while this lasts. `warning`: it will be, or somebody has to decide. */
const SEVERITIES = ['warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What an incident is about, by the noun's name and id (or name, where it has no id). */
export interface Subject {
  readonly kind: string
  readonly id: string
}

export interface NewIncident {
  readonly workspaceId: WorkspaceId
  /** One open incident a key: `route.open:<id>`. */
  readonly key: string
  /** What sort of trouble, for pages and rules: `route.open`. */
  readonly kind: string
  readonly severity: Severity
  readonly title: string
  /** What happened, whose side, since when, what is affected. */
  readonly sentence: string
  /** What to do about it. */
  readonly hint: string
  readonly subject: Subject | null
  readonly evidence: Readonly<Record<string, unknown>>
}

export interface Incident extends NewIncident {
  readonly id: IncidentId
  readonly openedAt: Date
  readonly seenAt: Date
  readonly times: number
  readonly acknowledgedAt: Date | null
  readonly acknowledgedBy: string | null
  readonly resolvedAt: Date | null
  /** Null while it is open, and when the trouble went away by itself. */
  readonly resolvedBy: string | null
}

export function isOpen({ resolvedAt }: Pick<Incident, 'resolvedAt'>): boolean {
  return resolvedAt === null
}

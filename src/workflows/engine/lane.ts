/** What a lane is named by: what may not happen at the same time. */
import type { Subject } from '../definition/graph.ts'
import type { Happening } from '../happening.ts'
import type { LaneKey } from './box.ts'

/** Null where the happening is about no such subject. */
export function subjectOf(subject: Subject, happening: Pick<Happening, 'conversationId' | 'contactId'>): string | null {
  if (subject === 'conversation') return happening.conversationId
  return subject === 'contact' ? happening.contactId : null
}

export function laneKeyOf(subject: Subject, subjectId: string | null, runId: string): LaneKey {
  return subject === 'none' ? `run:${runId}` : `${subject}:${subjectId}`
}

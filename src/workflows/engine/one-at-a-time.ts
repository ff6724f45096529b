/** Which runs count where a workflow has only so many about one subject: those of whoever was joined with it are about the same. */
import { isId } from '../../lib/ids.ts'
import type { Subject } from '../definition/graph.ts'
import type { RunId } from '../steps/step.ts'
import type { Start } from './box.ts'
import type { LiveRun } from './live-run.ts'
import type { RunRow } from './run-queries.ts'

/** Whom it is about, and whoever was joined with them: all of that is one. */
export function sameSubjects(subject: Subject, subjectId: string | null, { keys }: Start['happening']): string[] {
  if (subjectId === null) return []
  const prefix = `${subject}:`
  const named = keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))
  return [...new Set([subjectId, ...named.filter((id) => isId(id))])]
}

export function countOf(begun: readonly LiveRun[], { row }: LiveRun, subjects: readonly string[]): number {
  return begun.filter((other) => isSame(other, row, subjects)).length
}

function isSame({ row, saved }: LiveRun, other: RunRow, subjects: readonly string[]): boolean {
  return saved === null && row.workflowId === other.workflowId && subjects.includes(row.subjectId ?? '')
}

/** The one that goes on, as far as this burst knows: it may have ended, or begun, a moment ago. */
export async function stillRunning(
  stored: RunId | null,
  begun: readonly LiveRun[],
  { row }: LiveRun,
  subjects: readonly string[],
  runOf: (id: RunId) => Promise<LiveRun | null>,
): Promise<LiveRun | null> {
  const here = begun.find((other) => isSame(other, row, subjects) && other.state.status === 'running' && other.row.sole)
  if (here) return here
  const there = stored === null ? null : await runOf(stored)
  return there?.state.status === 'running' ? there : null
}

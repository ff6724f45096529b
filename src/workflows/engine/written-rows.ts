/** What of runs in hand is written, as rows: of each only what differs. */
import type { NewEvent } from '../../events/event.ts'
import type { LogPosition } from '../../events/follow.ts'
import { newId } from '../../lib/ids.ts'
import type { RunState, Token } from '../interpret/state.ts'
import type { LiveRun } from './live-run.ts'
import type { RunRow } from './run-queries.ts'
import type { NewLine } from './run-writing-queries.ts'
import type { NewToken, NewWait } from './token-writing-queries.ts'

const NOWHERE: LogPosition = { txid: '0', seq: '0' }
export const EMPTY: Pick<RunState, 'tokens' | 'forks'> = { tokens: [], forks: [] }

/** The end of a run that nobody began to wait for it: it is read when the log is read next. */
export function isOfNoInterest({ type, subjectId }: NewEvent, runs: readonly LiveRun[]): boolean {
  return type === 'workflow.run_ended' && runs.some(({ row }) => row.id === subjectId && row.parentId === null)
}

export function rowOf({ row, state, lines }: LiveRun, laneId: string, now: Date): RunRow {
  const { status, vars, outputs, steps, visits, endReason } = state
  const isOver = status !== 'running'
  return {
    ...row,
    ...{ status, vars, outputs, steps, visits, endReason },
    laneId: isOver ? row.laneId : laneId,
    lines: row.lines + lines.length,
    held: heldOf(state).length,
    endedAt: isOver ? now : null,
  }
}

function heldOf({ tokens }: Pick<RunState, 'tokens'>): Token[] {
  return tokens.filter(({ state }) => state === 'held')
}

export function linesOf({ row, lines }: LiveRun): NewLine[] {
  return lines.map((line, nth) => ({ workspaceId: row.workspaceId, runId: row.id, seq: row.lines + nth + 1, line }))
}

export interface TokenChanges {
  readonly put: readonly NewToken[]
  readonly waits: readonly NewWait[]
  /** Tokens that do not wait for what they waited for. */
  readonly unwaited: readonly string[]
  readonly gone: readonly string[]
}

export function tokensOf(laneId: string, runs: readonly LiveRun[]): TokenChanges {
  const put: NewToken[] = []
  const waits: NewWait[] = []
  const unwaited: string[] = []
  const gone: string[] = []
  for (const { row, saved, state, places } of runs) {
    const { workspaceId, id: runId } = row
    const before = new Map((saved ?? EMPTY).tokens.map((token) => [token.id, token]))
    const after = new Set(state.tokens.map(({ id }) => id))
    gone.push(...[...before.keys()].filter((id) => !after.has(id)))
    for (const token of state.tokens) {
      const was = before.get(token.id)
      if (was === token) continue
      const place = places.get(token.id) ?? NOWHERE
      put.push({ workspaceId, runId, laneId, token, place })
      if (was?.arms === token.arms) continue
      if (was && was.arms.length > 0) unwaited.push(token.id)
      waits.push(...token.arms.map((arm) => ({ workspaceId, id: newId() as string, tokenId: token.id, laneId, arm, place })))
    }
  }
  return { put, waits, unwaited, gone }
}

/** What others are told: who waits for its end, who mends it, and those that it began and that are of no use any more. */
export function eventsOf(run: LiveRun): NewEvent[] {
  const { row, graph, saved, state, dropped } = run
  const { workspaceId, id, workflowId, depth } = row
  const told = { name: graph.name, workflow_id: workflowId, run_id: id }
  const about = { workspaceId, subjectId: id, actor: `workflow:${id}`, depth: Math.min(depth, 100) }
  const wasHeld = new Set(heldOf(saved ?? EMPTY).map(({ id }) => id))
  const events: NewEvent[] = heldOf(state)
    .filter((token) => !wasHeld.has(token.id))
    .map(({ node, trouble }) => ({
      ...about,
      type: 'workflow.held',
      data: { ...told, node, class: trouble?.class, sentence: trouble?.sentence },
    }))
  for (const { arms } of dropped)
    for (const { on, key } of arms)
      if (on === 'run.ended' && key.startsWith('run:'))
        events.push({ ...about, type: 'workflow.asked', data: { act: 'cancel', run_id: key.slice(4), reason: 'parent_ended' } })
  if (state.status !== 'running') {
    const { status, endReason: reason, outputs } = state
    events.push({ ...about, type: 'workflow.run_ended', data: { ...told, status, reason, outputs } })
  }
  return events
}

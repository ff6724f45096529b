/** A run in the hands of a burst: as it was read, and as it is now. What differs is written when the burst ends. */
import type { Tx } from '../../db/database.ts'
import type { LogPosition } from '../../events/follow.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Graph } from '../definition/graph.ts'
import type { Turn } from '../interpret/advance.ts'
import type { StepLine } from '../interpret/result.ts'
import type { Arm, Fork, RunState, Token, Values } from '../interpret/state.ts'
import type { RunFacts } from '../steps/step.ts'
import { type RunRow, selectForks, selectRuns, selectTokens, selectWaitsOf } from './run-queries.ts'
import type { Standing } from './standing.ts'
import type { Versions } from './versions.ts'

export interface LiveRun {
  readonly row: RunRow
  readonly facts: RunFacts
  readonly graph: Graph
  /** Null: it began in this burst. */
  readonly saved: RunState | null
  state: RunState
  /** Where in the log each token stands: what its next wait is for counts from there. */
  readonly places: Map<string, LogPosition>
  readonly waits: ReadonlyMap<string, { readonly tokenId: string; readonly arms: readonly Arm[]; readonly port: string }>
  readonly lines: StepLine[]
  readonly dropped: Token[]
  /** What conditions and texts see of its subject, once it was read. */
  subject: Values | null
}

export function factsOf(row: RunRow, graph: Graph): RunFacts {
  const { workspaceId, id, workflowId, versionId, cause, inputs, parentId, depth, isTest, startedAt, subjectKind, subjectId } =
    row
  return {
    ...{ workspaceId, id, workflowId, versionId, cause, inputs, parentId, depth, isTest, startedAt },
    workflowName: graph.name,
    subject: subjectKind === 'none' || subjectId === null ? null : { kind: subjectKind, id: subjectId },
  }
}

/** Runs by id, with everything that belongs to them. One whose version cannot be read is left out. */
export async function loadRuns(
  tx: Tx,
  versions: Versions,
  workspaceId: WorkspaceId,
  ids: readonly string[],
): Promise<Map<string, LiveRun>> {
  if (ids.length === 0) return new Map()
  const runs = (await selectRuns(tx, workspaceId, ids)).filter(({ status }) => status === 'running')
  if (runs.length === 0) return new Map()
  const tokens = await selectTokens(
    tx,
    workspaceId,
    runs.map(({ id }) => id),
  )
  const waiting = tokens.flatMap(({ token }) => (token.state === 'waiting' ? [token.id] : []))
  const waits = waiting.length === 0 ? [] : await selectWaitsOf(tx, workspaceId, waiting)
  return await runsStanding(tx, versions, workspaceId, { runs, tokens, waits })
}

/** The same of rows that were read already. */
export async function runsStanding(
  tx: Tx,
  versions: Versions,
  workspaceId: WorkspaceId,
  standing: Standing,
): Promise<Map<string, LiveRun>> {
  const found = new Map<string, LiveRun>()
  const { runs: rows } = standing
  if (rows.length === 0) return found
  const tokens = Map.groupBy(standing.tokens, ({ runId }) => runId)
  const waiting = new Set(standing.tokens.flatMap(({ token }) => (token.state === 'waiting' ? [token.id] : [])))
  const waitsOf = Map.groupBy(
    standing.waits.filter(({ tokenId }) => waiting.has(tokenId)),
    ({ tokenId }) => tokenId,
  )
  const hasForks = standing.tokens.some(({ token }) => token.frames.length > 0)
  const runIds = rows.map(({ id }) => id)
  const forks = Map.groupBy(hasForks ? await selectForks(tx, workspaceId, runIds) : [], ({ runId }) => runId)
  for (const row of rows) {
    const version = await versions.of(tx, workspaceId, row.versionId)
    if (!version) continue
    const own = (tokens.get(row.id) ?? []).map(({ token, place }) => ({
      place,
      token: { ...token, arms: (waitsOf.get(token.id) ?? []).map(({ arm }) => arm) },
    }))
    const state: RunState = {
      ...{
        status: row.status,
        vars: row.vars,
        outputs: row.outputs,
        steps: row.steps,
        visits: row.visits,
        endReason: row.endReason,
      },
      tokens: own.map(({ token }) => token),
      forks: (forks.get(row.id) ?? []).map(({ runId: _, ...fork }): Fork => fork),
    }
    found.set(row.id, {
      ...{ row, graph: version.graph, saved: state, state },
      facts: factsOf(row, version.graph),
      places: new Map(own.map(({ token, place }) => [token.id, place])),
      waits: new Map(
        own.flatMap(({ token }) =>
          (waitsOf.get(token.id) ?? []).map(
            ({ id, arm }) => [id, { tokenId: token.id, arms: token.arms, port: arm.port }] as const,
          ),
        ),
      ),
      ...{ lines: [], dropped: [], subject: null },
    })
  }
  return found
}

/** Takes what a move came to. Tokens that moved stand where `place` is. */
export function take(run: LiveRun, turn: Turn, place: LogPosition): void {
  const before = new Map(run.state.tokens.map((token) => [token.id, token]))
  for (const token of turn.state.tokens) if (before.get(token.id) !== token) run.places.set(token.id, place)
  run.state = turn.state
  run.lines.push(...turn.lines)
  run.dropped.push(...turn.dropped)
}

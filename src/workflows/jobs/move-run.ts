/** One run goes on by another version, under the lock of its lane. What it waits for is not touched: nothing that comes meanwhile is lost. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { interpretDeps } from '../engine/context.ts'
import { waitForLane } from '../engine/lane-queries.ts'
import { loadRuns } from '../engine/live-run.ts'
import { selectRuns } from '../engine/run-queries.ts'
import { insertingLines, updatingRuns, writeAll } from '../engine/run-writing-queries.ts'
import { puttingForks, puttingTokens } from '../engine/token-writing-queries.ts'
import { createVersions, type Versions } from '../engine/versions.ts'
import { BLOCKERS, type BlockerCode, blockersOf, carry, comparison, type Mapping } from '../interpret/carry.ts'
import { selectVersion } from '../queries.ts'
import type { RunId, VersionId } from '../steps/step.ts'
import { unparkFor } from './queries.ts'

export interface Aim {
  readonly versionId: VersionId
  readonly mapping: Mapping
}

/** `there`: it goes on by that version already. */
export type Moved = 'moved' | 'there' | 'over' | 'unreadable' | BlockerCode

export async function carryRun(
  tx: Tx,
  versions: Versions,
  workspaceId: WorkspaceId,
  runId: RunId,
  { versionId, mapping }: Aim,
  now: Date,
): Promise<Moved> {
  const [row] = await selectRuns(tx, workspaceId, [runId])
  if (row?.status !== 'running' || row.laneId === null) return 'over'
  // Whoever works in it is waited for; then it is read, not before.
  await waitForLane(tx, workspaceId, row.laneId)
  const run = (await loadRuns(tx, versions, workspaceId, [runId])).get(runId)
  const after = await versions.of(tx, workspaceId, versionId)
  if (!run) return (await selectRuns(tx, workspaceId, [runId]))[0]?.status === 'running' ? 'unreadable' : 'over'
  if (!after || after.workflowId !== row.workflowId) return 'unreadable'
  if (run.row.versionId === versionId) return 'there'
  const [blocker] = blockersOf(run.state, comparison(run.graph, after.graph, mapping))
  if (blocker) return blocker.code

  const numbers = await numbersOf(tx, workspaceId, run.row.versionId, versionId)
  const { state, lines } = carry(after.graph, run.state, { mapping, ...numbers }, interpretDeps(run, now))
  const { laneId } = row
  const of = { workspaceId, runId }
  const tokens = state.tokens.filter((token) => !run.state.tokens.includes(token))
  const forks = state.forks.filter((fork) => !run.state.forks.includes(fork))
  const { vars, visits } = state
  await writeAll(tx, [
    updatingRuns([{ ...run.row, versionId, vars, visits, lines: run.row.lines + lines.length }]),
    insertingLines(lines.map((line, nth) => ({ ...of, seq: run.row.lines + nth + 1, line }))),
    ...(tokens.length > 0
      ? [puttingTokens(tokens.map((token) => ({ ...of, laneId, token, place: run.places.get(token.id) ?? NOWHERE })))]
      : []),
    ...(forks.length > 0 ? [puttingForks(forks.map((fork) => ({ ...of, fork })))] : []),
  ])
  if (run.graph.reentry === 'queue' && after.graph.reentry !== 'queue')
    await unparkFor(tx, workspaceId, laneId, { workflowId: row.workflowId, versionId })
  return 'moved'
}

const NOWHERE = { txid: '0', seq: '0' }

async function numbersOf(
  tx: Tx,
  workspaceId: WorkspaceId,
  from: VersionId,
  to: VersionId,
): Promise<{ readonly from: number; readonly to: number }> {
  const [old, now] = [await selectVersion(tx, workspaceId, from), await selectVersion(tx, workspaceId, to)]
  return { from: old?.number ?? 0, to: now?.number ?? 0 }
}

/** The same for one run, by a person; refused with what stands in the way. */
export async function moveRun(tx: Tx, actor: Actor, runId: RunId, aim: Aim, now: Date): Promise<void> {
  const { workspaceId } = actor
  const [row] = await selectRuns(tx, workspaceId, [runId])
  if (!row) throw new Refusal('not_found', { what: 'run' })
  const version = await selectVersion(tx, workspaceId, aim.versionId)
  if (version?.workflowId !== row.workflowId) throw new Refusal('not_found', { what: 'version', pointer: '/version_id' })
  const moved = await carryRun(tx, createVersions(), workspaceId, runId, aim, now)
  if (moved === 'there') return
  if (moved === 'over') throw new Refusal('wrong_state', { what: 'run', state: 'over', action: 'moved' })
  if (moved === 'unreadable')
    throw new Refusal('wrong_state', { what: 'run', state: 'of a version that cannot be read', action: 'moved' })
  if (moved !== 'moved') throw new Refusal('invalid_request', { why: BLOCKERS[moved], pointer: '/mapping' })
  const { workflowId } = row
  const graph = version.graph as { readonly name?: string }
  const data = { name: graph.name ?? '', workflow_id: workflowId, run_id: runId, number: version.number }
  await append(tx, { type: 'workflow.moved', workspaceId, subjectId: runId, actor: actorReference(actor), data }, now)
}

/** Runs as `workflow_take` gives them, in the same round trip as their lane: rows as JSON, by the names of their columns. */
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Frame, TokenState, Trouble, Values } from '../interpret/state.ts'
import type { RunId, VersionId, WorkflowId } from '../steps/step.ts'
import type { RunRow, TokenRow, WaitRow } from './run-queries.ts'

export interface Standing {
  readonly runs: readonly RunRow[]
  readonly tokens: readonly TokenRow[]
  readonly waits: readonly WaitRow[]
}

export const NOTHING_STANDS: Standing = { runs: [], tokens: [], waits: [] }

export interface RunJson
  extends Pick<
    RunRow,
    'node' | 'cause' | 'depth' | 'sole' | 'inputs' | 'vars' | 'outputs' | 'steps' | 'visits' | 'lines' | 'held'
  > {
  readonly workspace_id: WorkspaceId
  readonly id: RunId
  readonly workflow_id: WorkflowId
  readonly version_id: VersionId
  readonly lane_id: string | null
  readonly status: RunRow['status']
  readonly subject_kind: RunRow['subjectKind']
  readonly subject_id: string | null
  readonly txid: string | number
  readonly seq: string | number
  readonly parent_id: RunId | null
  readonly is_test: boolean
  readonly started_at: string
  readonly deadline_at: string
  readonly ended_at: string | null
  readonly end_reason: string | null
}

export function runOf(row: RunJson): RunRow {
  const { node, cause, depth, sole, inputs, vars, outputs, steps, visits, lines, held, id, status } = row
  return {
    ...{ id, status, node, cause, depth, sole, inputs, vars, outputs, steps, visits, lines, held },
    workspaceId: row.workspace_id,
    workflowId: row.workflow_id,
    versionId: row.version_id,
    laneId: row.lane_id,
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
    txid: String(row.txid),
    seq: String(row.seq),
    parentId: row.parent_id,
    isTest: row.is_test,
    startedAt: new Date(row.started_at),
    deadlineAt: new Date(row.deadline_at),
    endedAt: dateOf(row.ended_at),
    endReason: row.end_reason,
  }
}

export interface TokenJson {
  readonly id: string
  readonly run_id: string
  readonly node: string
  readonly visit: number
  readonly state: TokenState
  readonly due_at: string | null
  readonly timeout_port: string | null
  readonly attempt: number
  readonly frames: readonly Frame[]
  readonly memo: Values
  readonly txid: string | number
  readonly seq: string | number
  readonly arrived_at: string
  readonly trouble: (Omit<Trouble, 'at'> & { at: string }) | null
}

export function tokenOf(row: TokenJson): TokenRow {
  const { id, node, visit, state, attempt, frames, memo, trouble } = row
  return {
    runId: row.run_id,
    token: {
      ...{ id, node, visit, state, attempt, frames, memo },
      dueAt: dateOf(row.due_at),
      timeoutPort: row.timeout_port,
      arrivedAt: new Date(row.arrived_at),
      trouble: trouble && { ...trouble, at: new Date(trouble.at) },
    },
    place: { txid: String(row.txid), seq: String(row.seq) },
  }
}

export interface WaitJson {
  readonly id: string
  readonly token_id: string
  readonly port: string
  readonly happening: string
  readonly key: string
  readonly filter: Values
}

export function waitOf({ id, token_id: tokenId, port, happening, key, filter }: WaitJson): WaitRow {
  return { id, tokenId, arm: { port, on: happening, key, ...(Object.keys(filter).length > 0 && { where: filter }) } }
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}

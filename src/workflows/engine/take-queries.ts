/** A lane taken in hand: its lock, and what there is to do in it. */
import type { LogPosition } from '../../events/follow.ts'
import { isId } from '../../lib/ids.ts'
import type { RunId } from '../steps/step.ts'
import type { BoxRow, Letter } from './box.ts'
import type { Lane } from './lane-queries.ts'
import { type RunJson, runOf, type Standing, type TokenJson, tokenOf, type WaitJson, waitOf } from './standing.ts'

export interface Work {
  readonly box: readonly BoxRow[]
  readonly due: readonly { readonly id: string; readonly runId: RunId }[]
  /** How far the log had been read when this was seen: whatever it brought till there is in the box. */
  readonly place: LogPosition
  /** The runs that all of this is about. */
  readonly standing: Standing
}

export interface BoxJson {
  id: number
  body: unknown
  txid: string
  seq: string
  at: string
  fresh: boolean
}

export function boxRowOf({ id, body, txid, seq, at, fresh }: BoxJson): BoxRow {
  return { id: String(id), letter: body as Letter, place: { txid, seq }, at: new Date(at), fresh }
}

interface Taken {
  readonly crashes: number
  readonly key: string
  readonly box: readonly BoxJson[] | null
  readonly due: readonly { readonly id: string; readonly run: RunId }[] | null
  readonly txid: string | null
  readonly seq: string | null
  readonly runs: readonly RunJson[] | null
  readonly tokens: readonly TokenJson[] | null
  readonly waits: readonly WaitJson[] | null
}

/** Takes a lane's lock, and reads what there is to do in it; travels with `begin`. */
export function takingLane({ workspaceId, id }: Pick<Lane, 'workspaceId' | 'id'>, limit: number, now: Date): string {
  if (!isId(workspaceId) || !isId(id)) throw new TypeError('a lane has ids')
  return `select * from workflow_take('${workspaceId}', '${id}', '${now.toISOString()}', ${Math.trunc(limit)})`
}

/** The same of many lanes of one workspace: nobody is waited for, so that many locks do no more harm than one. */
export function takingTogether(lanes: readonly Pick<Lane, 'workspaceId' | 'id'>[], limit: number, now: Date): string {
  const [first] = lanes
  if (!first || !isId(first.workspaceId)) throw new TypeError('a lane has ids')
  const ids = lanes.map(({ id, workspaceId }) => {
    if (!isId(id) || workspaceId !== first.workspaceId) throw new TypeError('lanes of one workspace have ids')
    return `'${id}'`
  })
  return `select n.id as lane_id, taken.* from unnest(array[${ids.join(', ')}]::uuid[]) as n (id)
    cross join lateral workflow_take('${first.workspaceId}', n.id, '${now.toISOString()}', ${Math.trunc(limit)}) as taken`
}

/** By their ids; those that somebody else has, or that are gone, are not there. */
export function readTogether(rows: readonly unknown[]): ReadonlyMap<string, TakenLane> {
  return new Map((rows as readonly (Taken & { readonly lane_id: string })[]).map((row) => [row.lane_id, takenOf(row)]))
}

export interface TakenLane extends Work {
  readonly crashes: number
  readonly key: string
}

/** What `takingLane` gave; null: somebody else has the lane, or it is gone. */
export function readTaken(rows: readonly unknown[]): TakenLane | null {
  const row = rows[0] as Taken | undefined
  return row ? takenOf(row) : null
}

function takenOf(row: Taken): TakenLane {
  return {
    ...{ crashes: row.crashes, key: row.key },
    box: (row.box ?? []).map(boxRowOf),
    due: (row.due ?? []).map(({ id, run }) => ({ id, runId: run })),
    place: { txid: row.txid ?? '0', seq: row.seq ?? '0' },
    standing: {
      runs: (row.runs ?? []).map(runOf),
      tokens: (row.tokens ?? []).map(tokenOf),
      waits: (row.waits ?? []).map(waitOf),
    },
  }
}

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

/** What `takingLane` gave; null: somebody else has the lane, or it is gone. */
export function readTaken(rows: readonly unknown[]): (Work & { readonly crashes: number; readonly key: string }) | null {
  const row = rows[0] as Taken | undefined
  if (!row) return null
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

/** What the end of a turn writes of its lane, as parts of the one statement that ends it. */
import { type RawBuilder, sql } from 'kysely'
import { plainArray, tableOf } from '../../db/arrays.ts'
import type { Lane } from './lane-queries.ts'

export interface LaneEnd {
  readonly lane: Pick<Lane, 'workspaceId' | 'id'>
  /** Letters that are done with. */
  readonly taken: readonly string[]
  /** Letters are left for the next time: the lane's time answers for them, seen or not, and nobody has to pass them by. */
  readonly isLeft: boolean
  readonly parked: readonly string[]
  /** Runs that were looked at: what they are due for is `due`, of the others it is read. */
  readonly runs: readonly string[]
  readonly due: Date | null
  /** Nothing can come for it any more. */
  readonly isOver: boolean
  /** A run that others of its kind wait for has ended. */
  readonly unpark: boolean
  readonly crashes: number
}

/** Parts of the statement that ends a burst: the lane says when there is something to do. */
export function endingLane({ lane, taken, isLeft, parked, runs, due, isOver, unpark, crashes }: LaneEnd): RawBuilder<unknown>[] {
  const { workspaceId, id } = lane
  const box = (ids: readonly string[]) =>
    sql`workspace_id = ${workspaceId} and lane_id = ${id} and id = any (${plainArray(ids)}::bigint[])`
  const parts: RawBuilder<unknown>[] = []
  if (taken.length > 0) parts.push(sql`delete from workflow_box where ${box(taken)}`)
  if (isLeft)
    parts.push(sql`
      update workflow_box set fresh = false
       where workspace_id = ${workspaceId} and lane_id = ${id} and fresh and id <> all (${plainArray([...taken, ...parked])}::bigint[])`)
  if (parked.length > 0) parts.push(sql`update workflow_box set fresh = false, parked = true where ${box(parked)}`)
  if (unpark)
    parts.push(sql`
    update workflow_box set parked = false, fresh = true
     where workspace_id = ${workspaceId} and lane_id = ${id} and parked`)
  if (isOver) parts.push(sql`delete from workflow_lane where workspace_id = ${workspaceId} and id = ${id}`)
  else
    parts.push(sql`
      update workflow_lane
         set crashes = ${crashes}::smallint,
             due_at = least(${due}::timestamptz, (
               select min(due_at) from workflow_token
                where workspace_id = ${workspaceId} and lane_id = ${id} and due_at is not null and state <> 'held'
                  and run_id <> all (${plainArray(runs)}::uuid[])))
       where workspace_id = ${workspaceId} and id = ${id}`)
  return parts
}

/** The same for many lanes of one workspace, each with one run in it, that leave nothing in their boxes. */
export function endingLanes(workspaceId: string, ends: readonly LaneEnd[]): RawBuilder<unknown>[] {
  const letters = ends.flatMap(({ lane, taken }) => taken.map((id) => ({ laneId: lane.id, id })))
  const over = ends.filter(({ isOver }) => isOver).map(({ lane }) => lane.id)
  const going = ends.filter(({ isOver }) => !isOver)
  const parts: RawBuilder<unknown>[] = []
  if (letters.length > 0) {
    const table = tableOf('d', letters, { lane_id: ['uuid', (one) => one.laneId], id: ['bigint', (one) => one.id] })
    parts.push(sql`
      delete from workflow_box as b using ${table} where b.workspace_id = ${workspaceId} and b.lane_id = d.lane_id and b.id = d.id`)
  }
  if (over.length > 0)
    parts.push(sql`delete from workflow_lane where workspace_id = ${workspaceId} and id = any (${plainArray(over)}::uuid[])`)
  if (going.length > 0) {
    const table = tableOf('g', going, {
      id: ['uuid', ({ lane }) => lane.id],
      due_at: ['timestamptz', ({ due }) => due],
      crashes: ['smallint', ({ crashes }) => crashes],
    })
    parts.push(sql`
      update workflow_lane as l set due_at = g.due_at, crashes = g.crashes
        from ${table} where l.workspace_id = ${workspaceId} and l.id = g.id`)
  }
  return parts
}

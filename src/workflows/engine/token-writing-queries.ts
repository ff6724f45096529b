/** Tokens, what they wait for, and forks, as parts of the one statement that ends a burst. */
import { type RawBuilder, sql } from 'kysely'
import { plainArray, tableOf } from '../../db/arrays.ts'
import type { LogPosition } from '../../events/follow.ts'
import type { Arm, Fork, Token } from '../interpret/state.ts'
import { EVERY, type Only } from './only-queries.ts'

const json = (value: unknown) => JSON.stringify(value)

export interface NewToken {
  readonly workspaceId: string
  readonly runId: string
  readonly laneId: string
  readonly token: Token
  readonly place: LogPosition
}

/** New ones, and what became of those that were there. */
export function puttingTokens(rows: readonly NewToken[], only: Only = EVERY): RawBuilder<unknown> {
  const table = tableOf('t', rows, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    id: ['uuid', ({ token }) => token.id],
    run_id: ['uuid', (one) => one.runId],
    lane_id: ['uuid', (one) => one.laneId],
    node: ['text', ({ token }) => token.node],
    visit: ['int', ({ token }) => token.visit],
    state: ['text', ({ token }) => token.state],
    due_at: ['timestamptz', ({ token }) => token.dueAt],
    timeout_port: ['text', ({ token }) => token.timeoutPort],
    attempt: ['int', ({ token }) => token.attempt],
    frames: ['jsonb', ({ token }) => json(token.frames)],
    memo: ['jsonb', ({ token }) => json(token.memo)],
    txid: ['text', ({ place }) => place.txid],
    seq: ['bigint', ({ place }) => place.seq],
    arrived_at: ['timestamptz', ({ token }) => token.arrivedAt],
    trouble: ['jsonb', ({ token }) => (token.trouble === null ? null : json(token.trouble))],
  })
  return sql`
    insert into workflow_token as was (workspace_id, id, run_id, lane_id, node, visit, state, due_at, timeout_port, attempt, frames, memo, txid, seq,
      arrived_at, trouble)
    select t.workspace_id, t.id, t.run_id, t.lane_id, t.node, t.visit, t.state, t.due_at, t.timeout_port, t.attempt, t.frames, t.memo, t.txid::xid8,
      t.seq, t.arrived_at, t.trouble
      from ${table} ${only({ run: 't.run_id' })}
    on conflict (workspace_id, id) do update
       set node = excluded.node, visit = excluded.visit, state = excluded.state, due_at = excluded.due_at, timeout_port = excluded.timeout_port,
           attempt = excluded.attempt, frames = excluded.frames, memo = excluded.memo, txid = excluded.txid, seq = excluded.seq,
           arrived_at = excluded.arrived_at, trouble = excluded.trouble`
}

export function deletingTokens(workspaceId: string, ids: readonly string[]): RawBuilder<unknown> {
  return sql`delete from workflow_token where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`
}

export interface NewWait {
  readonly workspaceId: string
  readonly id: string
  readonly tokenId: string
  readonly laneId: string
  readonly arm: Arm
  readonly place: LogPosition
}

export function insertingWaits(rows: readonly NewWait[], only: Only = EVERY): RawBuilder<unknown> {
  const table = tableOf('w', rows, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    id: ['uuid', (one) => one.id],
    token_id: ['uuid', (one) => one.tokenId],
    lane_id: ['uuid', (one) => one.laneId],
    port: ['text', ({ arm }) => arm.port],
    happening: ['text', ({ arm }) => arm.on],
    key: ['text', ({ arm }) => arm.key],
    filter: ['jsonb', ({ arm }) => json(arm.where ?? {})],
    txid: ['text', ({ place }) => place.txid],
    seq: ['bigint', ({ place }) => place.seq],
  })
  return sql`
    insert into workflow_wait (workspace_id, id, token_id, lane_id, port, happening, key, filter, txid, seq)
    select w.workspace_id, w.id, w.token_id, w.lane_id, w.port, w.happening, w.key, w.filter, w.txid::xid8, w.seq
      from ${table} ${only({ lane: 'w.lane_id' })}`
}

export function deletingWaits(workspaceId: string, tokenIds: readonly string[]): RawBuilder<unknown> {
  return sql`delete from workflow_wait where workspace_id = ${workspaceId} and token_id = any (${plainArray(tokenIds)}::uuid[])`
}

export function puttingForks(rows: readonly { workspaceId: string; runId: string; fork: Fork }[]): RawBuilder<unknown> {
  const table = tableOf('f', rows, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    id: ['uuid', ({ fork }) => fork.id],
    run_id: ['uuid', (one) => one.runId],
    node: ['text', ({ fork }) => fork.node],
    kind: ['text', ({ fork }) => fork.kind],
    total: ['int', ({ fork }) => fork.total],
    need: ['int', ({ fork }) => fork.need],
    arrived: ['int', ({ fork }) => fork.arrived],
    dead: ['int', ({ fork }) => fork.dead],
    join_node: ['text', ({ fork }) => fork.join],
    items: ['jsonb', ({ fork }) => json(fork.items)],
    at_once: ['int', ({ fork }) => fork.atOnce],
    begun: ['int', ({ fork }) => fork.begun],
    frames: ['jsonb', ({ fork }) => json(fork.frames)],
  })
  return sql`
    insert into workflow_fork as was (workspace_id, id, run_id, node, kind, total, need, arrived, dead, join_node, items, at_once, begun, frames)
    select f.* from ${table}
    on conflict (workspace_id, id) do update
       set node = excluded.node, arrived = excluded.arrived, dead = excluded.dead, join_node = excluded.join_node, begun = excluded.begun`
}

export function deletingForks(workspaceId: string, ids: readonly string[]): RawBuilder<unknown> {
  return sql`delete from workflow_fork where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`
}

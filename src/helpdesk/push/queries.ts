import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { Id, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { CauseEvent } from '../notify/cause.ts'
import type { Reason } from '../notify/matrix.ts'
import type { PushTarget } from './encrypt.ts'

export type PushSubscriptionId = Id<'push_subscription'>
export type PushId = Id<'push'>

export interface StoredKeys {
  readonly publicKey: Buffer
  /** Sealed. */
  readonly privateKey: Buffer
}

export async function selectKeys(db: Db | Tx): Promise<StoredKeys | null> {
  const { rows } = await sql<StoredKeys>`select public_key as "publicKey", private_key as "privateKey" from push_key`.execute(db)
  return rows[0] ?? null
}

/** Of two processes that make the first pair, one wins. */
export async function insertKeys(tx: Tx, { publicKey, privateKey }: StoredKeys, now: Date): Promise<void> {
  await sql`insert into push_key (public_key, private_key, created_at) values (${publicKey}, ${privateKey}, ${now})
            on conflict do nothing`.execute(tx)
}

export interface PushSubscription {
  readonly id: PushSubscriptionId
  readonly endpoint: string
  readonly browser: string
  readonly createdAt: Date
  readonly usedAt: Date | null
  readonly problem: string | null
}

const SUBSCRIPTION = sql.raw('id, endpoint, browser, created_at as "createdAt", used_at as "usedAt", problem')

export async function selectSubscriptions(db: Db | Tx, workspaceId: WorkspaceId, userId: UserId): Promise<PushSubscription[]> {
  const { rows } = await sql<PushSubscription>`
    select ${SUBSCRIPTION} from push_subscription
     where workspace_id = ${workspaceId} and user_id = ${userId}
     order by created_at desc, id`.execute(db)
  return rows
}

/** A browser is one person's: who signed in to it last is told there, and nobody else is. */
export async function upsertSubscription(
  tx: Tx,
  given: PushTarget & { id: PushSubscriptionId; workspaceId: WorkspaceId; userId: UserId; browser: string },
  now: Date,
): Promise<PushSubscription> {
  const { rows } = await sql<PushSubscription>`
    insert into push_subscription (workspace_id, id, user_id, endpoint, p256dh, auth, browser, created_at)
    values (${given.workspaceId}, ${given.id}, ${given.userId}, ${given.endpoint}, ${given.p256dh}, ${given.auth}, ${given.browser}, ${now})
    on conflict (workspace_id, endpoint) do update
       set user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth, browser = excluded.browser, problem = null
    returning ${SUBSCRIPTION}`.execute(tx)
  return rows[0] as PushSubscription
}

export async function countSubscriptions(tx: Tx, workspaceId: WorkspaceId, userId: UserId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from push_subscription where workspace_id = ${workspaceId} and user_id = ${userId}`.execute(tx)
  return rows[0]?.n ?? 0
}

export async function deleteSubscription(
  tx: Tx,
  workspaceId: WorkspaceId,
  userId: UserId,
  id: PushSubscriptionId,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from push_subscription where workspace_id = ${workspaceId} and user_id = ${userId} and id = ${id}`.execute(tx)
  return numAffectedRows === 1n
}

/** One push as it is carried: what it says, and to whom. */
export interface DuePush extends PushTarget {
  readonly workspaceId: WorkspaceId
  readonly id: PushId
  readonly subscriptionId: PushSubscriptionId
  readonly attempts: number
  /** False: what it tells of was taken back. */
  readonly isWanted: boolean
  readonly createdAt: Date
  readonly notificationId: string
  readonly event: CauseEvent
  readonly reason: Reason
  readonly number: number
  /** How many conversations it tells of. */
  readonly count: number
  readonly subject: string
  readonly inbox: string
  /** Name of the agent or the customer who did it. */
  readonly actorId: UserId | null
  readonly writer: string
}

/**
 * Takes what is due until `until`: a process that dies leaves it to whoever looks next. The try is counted now, so that a push that ends the process
 * is not tried for ever.
 */
export async function claimPushes(tx: Tx, until: Date, limit: number, now: Date): Promise<DuePush[]> {
  const { rows } = await sql<DuePush>`
    with due as (
      select workspace_id, id from push
       where state = 'waiting' and due_at <= ${now}
       order by due_at limit ${limit} for update skip locked
    ), taken as (
      update push set due_at = ${until}, attempts = attempts + 1
        from due where push.workspace_id = due.workspace_id and push.id = due.id
      returning push.*
    )
    select t.workspace_id as "workspaceId", t.id, t.attempts, t.created_at as "createdAt", s.id as "subscriptionId", s.endpoint, s.p256dh, s.auth,
           n.id as "notificationId", n.by_push as "isWanted", n.event, n.reason, n.actor_id as "actorId", c.number::float8 as number, 1 + cardinality(n.others) as count, c.subject, i.name as inbox,
           coalesce(nullif(w.from_name, ''), nullif(w.from_address, ''), c.requester) as writer
      from taken t
      join push_subscription s on s.workspace_id = t.workspace_id and s.id = t.subscription_id
      join notification n on n.workspace_id = t.workspace_id and n.id = t.notification_id
      join conversation c on c.workspace_id = n.workspace_id and c.id = n.conversation_id
      join inbox i on i.workspace_id = c.workspace_id and i.id = c.inbox_id
      left join conversation_item w on w.workspace_id = n.workspace_id and w.id = n.item_id`.execute(tx)
  return rows
}

export type PushEnd =
  | { readonly state: 'sent' }
  | { readonly state: 'waiting'; readonly dueAt: Date; readonly problem: string }
  /** `isUnwanted`: not for any trouble with the browser. */
  | { readonly state: 'dropped'; readonly reason: string; readonly isUnwanted?: boolean }

/** Names the attempt it expects: a late answer ends nothing that another try is under way for. */
export async function settlePush(
  tx: Tx,
  { workspaceId, id, attempts, subscriptionId }: DuePush,
  end: PushEnd,
  now: Date,
): Promise<void> {
  const [dueAt, reason] = [end.state === 'waiting' ? end.dueAt : null, end.state === 'dropped' ? end.reason : null]
  await sql`
    update push
       set state = ${end.state}, due_at = ${dueAt}, reason = ${reason}, settled_at = ${end.state === 'waiting' ? null : now}
     where workspace_id = ${workspaceId} and id = ${id} and state = 'waiting' and attempts = ${attempts}`.execute(tx)
  if (end.state === 'dropped' && end.isUnwanted) return
  const problem = end.state === 'sent' ? null : end.state === 'waiting' ? end.problem : end.reason
  await sql`
    update push_subscription
       set problem = ${problem}, used_at = case when ${end.state} = 'sent' then ${now}::timestamptz else used_at end
     where workspace_id = ${workspaceId} and id = ${subscriptionId}`.execute(tx)
}

/** The browser is gone for good: what else waits for it goes with it. */
export async function forgetSubscription(tx: Tx, { workspaceId, subscriptionId }: DuePush): Promise<void> {
  await sql`delete from push_subscription where workspace_id = ${workspaceId} and id = ${subscriptionId}`.execute(tx)
}

export async function deleteOldPushes(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from push where (workspace_id, id) in (
      select workspace_id, id from push where created_at < ${before} and state <> 'waiting' order by created_at limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}

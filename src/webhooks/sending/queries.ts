import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { WebhookDeliveryId, WebhookEndpointId } from '../endpoint.ts'
import type { Answer } from './post.ts'

/** A row that is ours to send until its lease ends. */
export interface Claimed {
  readonly workspaceId: WorkspaceId
  readonly id: WebhookDeliveryId
  readonly endpointId: WebhookEndpointId
  readonly eventId: string
  readonly body: string
  readonly attempt: number
  readonly tries: number
  readonly url: string
  readonly allowPrivate: boolean
  readonly secret: Buffer
  readonly oldSecret: Buffer | null
  readonly oldSecretExpiresAt: Date | null
}

export interface ClaimLimits {
  /** Rows in all. */
  readonly limit: number
  /** At a time, to one endpoint. */
  readonly atOnce: number
  /** Endpoints that take nothing at present have a claim, and room, of their own: the others never wait for them. */
  readonly failing: boolean
}

const ENDPOINTS_A_ROUND = 500

/**
 * Leases what is due. The endpoint's row is locked for the moment, so that two processes together keep to its `atOnce`; `skip locked` keeps them from
 * waiting for one another. Where the order of a message matters, only the first that is not settled can be had.
 */
export async function claimDue(
  db: Db,
  { limit, atOnce, failing }: ClaimLimits,
  leaseExpiresAt: Date,
  now: Date,
): Promise<Claimed[]> {
  const { rows } = await sql<Claimed>`
    with ready as materialized (
      select e.id, e.url, e.allow_private, e.secret, e.old_secret, e.old_secret_expires_at,
             ${atOnce}::int - (select count(*) from webhook_delivery as s where s.endpoint_id = e.id and s.state = 'sending') as room
        from webhook_endpoint as e
       where e.state = 'enabled' and (e.failing_since is not null) = ${failing}
         and exists (select from webhook_delivery as d where d.endpoint_id = e.id and d.state = 'queued' and d.due_at <= ${now})
       order by e.last_success_at nulls first
       limit ${sql.lit(ENDPOINTS_A_ROUND)}
         for no key update skip locked
    ), due as materialized (
      select d.workspace_id, d.id, r.url, r.allow_private, r.secret, r.old_secret, r.old_secret_expires_at
        from ready as r
       cross join lateral (
         select workspace_id, id
           from webhook_delivery as d
          where d.endpoint_id = r.id and d.state = 'queued' and d.due_at <= ${now}
            and (d.order_key is null or not exists (
                  select from webhook_delivery as sooner
                   where sooner.endpoint_id = d.endpoint_id and sooner.order_key = d.order_key and sooner.state in ('queued', 'sending')
                     and sooner.position < d.position))
          order by d.due_at, d.position
          limit greatest(r.room, 0)
            for update skip locked
       ) as d
       limit ${limit}
    )
    update webhook_delivery as d
       set state = 'sending', attempt = d.attempt + 1, tries = d.tries + 1, due_at = null, lease_expires_at = ${leaseExpiresAt}
      from due
     where d.workspace_id = due.workspace_id and d.id = due.id
    returning d.workspace_id as "workspaceId", d.id, d.endpoint_id as "endpointId", d.event_id as "eventId", d.body, d.attempt, d.tries, due.url,
              due.allow_private as "allowPrivate", due.secret, due.old_secret as "oldSecret", due.old_secret_expires_at as "oldSecretExpiresAt"`.execute(
    db,
  )
  return rows
}

/** What a process held that is gone. Its try did not count: nobody knows whether it was made. */
export async function requeueLost(db: Db, now: Date): Promise<number> {
  const result = await sql`
    update webhook_delivery set state = 'queued', due_at = ${now}, lease_expires_at = null, tries = greatest(tries - 1, 0)
     where state = 'sending' and lease_expires_at <= ${now}`.execute(db)
  return Number(result.numAffectedRows ?? 0)
}

export type Settlement =
  | { readonly state: 'delivered' | 'failed' }
  | { readonly state: 'queued'; readonly dueAt: Date; readonly unsent?: boolean }

/** False when the row is not this attempt's any more: its lease ended, and somebody else has it. */
export async function settleDelivery(
  tx: Tx,
  { workspaceId, id, attempt }: Claimed,
  settlement: Settlement,
  answer: Pick<Answer, 'status' | 'error'>,
  now: Date,
): Promise<boolean> {
  const [dueAt, back] = settlement.state === 'queued' ? [settlement.dueAt, settlement.unsent ? 1 : 0] : [null, 0]
  const result = await sql`
    update webhook_delivery
       set state = ${settlement.state}, due_at = ${dueAt}, settled_at = ${settlement.state === 'queued' ? null : now}, lease_expires_at = null,
           tries = greatest(tries - ${back}::int, 0), last_status = ${answer.status}, last_error = ${answer.error}
     where workspace_id = ${workspaceId} and id = ${id} and attempt = ${attempt} and state = 'sending'`.execute(tx)
  return Number(result.numAffectedRows ?? 0) > 0
}

export async function insertAttempt(tx: Tx, claimed: Claimed, answer: Answer, startedAt: Date): Promise<void> {
  await sql`
    insert into webhook_attempt (workspace_id, webhook_delivery_id, attempt, started_at, duration_ms, url, address, request_headers, status, response_headers,
                                 response_body, error)
    values (${claimed.workspaceId}, ${claimed.id}, ${claimed.attempt}, ${startedAt}, ${answer.durationMs}, ${claimed.url}, ${answer.address},
            ${JSON.stringify(answer.requestHeaders)}::jsonb, ${answer.status}, ${answer.headers && JSON.stringify(answer.headers)}::jsonb, ${answer.body},
            ${answer.error})
    on conflict do nothing`.execute(tx)
}

/** Written once a minute at most: many may be sent in a second, and all of them to one row. True when the endpoint had been failing. */
export async function markTaken(tx: Tx, { workspaceId, endpointId }: Claimed, now: Date): Promise<boolean> {
  const { rows } = await sql<{ wasFailing: boolean }>`
    with was as (
      select failing_since from webhook_endpoint where workspace_id = ${workspaceId} and id = ${endpointId}
    )
    update webhook_endpoint set last_success_at = ${now}, failing_since = null
     where workspace_id = ${workspaceId} and id = ${endpointId}
       and (failing_since is not null or last_success_at is null or last_success_at < ${now}::timestamptz - interval '1 minute')
    returning (select failing_since is not null from was) as "wasFailing"`.execute(tx)
  return rows[0]?.wasFailing === true
}

export async function markFailing(tx: Tx, { workspaceId, endpointId }: Claimed, since: Date): Promise<void> {
  await sql`
    update webhook_endpoint set failing_since = ${since}
     where workspace_id = ${workspaceId} and id = ${endpointId} and failing_since is null and state = 'enabled'`.execute(tx)
}

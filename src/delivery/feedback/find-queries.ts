/** The deliveries that news speaks of. */
import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { DeliveryId, MessageId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { MailedAs, SentAs } from './sent-as.ts'

/** Whose mailbox it is, as far as its lane knows. */
export async function selectReceiver(tx: Tx, workspaceId: WorkspaceId, id: DeliveryId): Promise<string | null> {
  const { rows } = await sql<{ receiver: string | null }>`
    select lane.receiver
      from delivery
      join lane on lane.id = delivery.lane_id
     where delivery.workspace_id = ${workspaceId} and delivery.id = ${id}`.execute(tx)
  return rows[0]?.receiver ?? null
}

/** Whose delivery it is. An id alone is no key of the table: one look a workspace, of which there are few. */
export async function selectWorkspaceOf(db: Db, id: DeliveryId): Promise<WorkspaceId | null> {
  const { rows } = await sql<{ id: WorkspaceId }>`
    select workspace.id
      from workspace
     cross join lateral (select from delivery where delivery.workspace_id = workspace.id and delivery.id = ${id}) as found
     limit 1`.execute(db)
  return rows[0]?.id ?? null
}

export async function isWorkspace(db: Db, id: WorkspaceId): Promise<boolean> {
  const { rows } = await sql`select from workspace where id = ${id}`.execute(db)
  return rows.length === 1
}

export interface Candidate {
  readonly id: DeliveryId
  readonly recipient: string
}

/** The deliveries of the message that this delivery is of, itself first. */
export async function selectSiblings(tx: Tx, workspaceId: WorkspaceId, id: DeliveryId): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select other.id, other.recipient
      from delivery as named
      join message on message.workspace_id = named.workspace_id and message.id = named.message_id
      join delivery as other on other.workspace_id = named.workspace_id and other.message_id = named.message_id
                            and other.id between message.first_delivery and message.last_delivery
     where named.workspace_id = ${workspaceId} and named.id = ${id}
     order by other.id <> named.id, other.id
     limit 1000`.execute(tx)
  return rows
}

export async function selectByProviderId(
  tx: Tx,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  providerId: string,
): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select delivery.id, delivery.recipient
      from provider_message
      join delivery on delivery.workspace_id = provider_message.workspace_id and delivery.id = provider_message.delivery_id
     where provider_message.workspace_id = ${workspaceId} and provider_message.route_id = ${routeId} and provider_message.provider_id = ${providerId}
     limit 1000`.execute(tx)
  return rows
}

/** What left under this Message-ID, ours or the one a provider put in its place; the latest first, since mail sent again keeps its Message-ID. */
export async function selectByMessageId(
  tx: Tx,
  workspaceId: WorkspaceId,
  messageId: string,
  recipient: string | null,
): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    with named as (
      select id, first_delivery, last_delivery from message where workspace_id = ${workspaceId} and rfc_message_id = ${messageId}
      union
      select message.id, message.first_delivery, message.last_delivery
        from provider_message
        join message on message.workspace_id = provider_message.workspace_id and message.id = provider_message.message_id
       where provider_message.workspace_id = ${workspaceId} and provider_message.wire_message_id = trim(both '<>' from ${messageId}::text)
    )
    select delivery.id, delivery.recipient
      from named
      join delivery on delivery.workspace_id = ${workspaceId} and delivery.message_id = named.id
                   and delivery.id between named.first_delivery and named.last_delivery
     where (${recipient}::text is null or lower(delivery.recipient) = lower(${recipient})) and delivery.attempt > 0
     order by delivery.id desc
     limit 10`.execute(tx)
  return rows
}

/** One statement, by the two indexes of Message-IDs. */
export async function selectSentAs(tx: Tx, workspaceId: WorkspaceId, rfcIds: readonly string[]): Promise<SentAs[]> {
  const { rows } = await sql<SentAs>`
    with asked as (select distinct id from unnest(${textArray(rfcIds)}::text[]) as id)
    select asked.id as "rfcId", message.id as "messageId", false as "isAlias", message.origin->>'purpose' as purpose
      from asked join message on message.workspace_id = ${workspaceId} and message.rfc_message_id = asked.id
    union all
    select asked.id, message.id, true, message.origin->>'purpose'
      from asked
      join provider_message on provider_message.workspace_id = ${workspaceId} and provider_message.wire_message_id = trim(both '<>' from asked.id)
      join message on message.workspace_id = provider_message.workspace_id and message.id = provider_message.message_id
     limit ${500 + 4 * rfcIds.length}`.execute(tx)
  return rows
}

export async function isDelivery(tx: Tx, workspaceId: WorkspaceId, id: DeliveryId): Promise<boolean> {
  const { rows } = await sql`select from delivery where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
  return rows.length === 1
}

export async function selectMessageOf(tx: Tx, workspaceId: WorkspaceId, id: DeliveryId): Promise<MessageId | null> {
  const { rows } = await sql<{ id: MessageId }>`
    select message_id as id from delivery where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
  return rows[0]?.id ?? null
}

/** By the key of deliveries, and by the index of Message-IDs that providers made. */
export async function selectMailedAs(
  tx: Tx,
  workspaceId: WorkspaceId,
  {
    named,
    rfcIds,
    deliveryIds,
  }: {
    readonly named: readonly { readonly rfcId: string; readonly id: string; readonly domain: string }[]
    readonly rfcIds: readonly string[]
    readonly deliveryIds: readonly DeliveryId[]
  },
): Promise<MailedAs[]> {
  const { rows } = await sql<MailedAs>`
    with named as (
      select n.id, n.domain, n.rfc_id
        from unnest(${plainArray(named.map(({ id }) => id))}::uuid[], ${textArray(named.map(({ domain }) => domain))}::text[],
                    ${textArray(named.map(({ rfcId }) => rfcId))}::text[]) as n (id, domain, rfc_id)
      union all
      select p.delivery_id, null, a.id
        from unnest(${textArray(rfcIds)}::text[]) as a (id)
        join provider_message as p on p.workspace_id = ${workspaceId} and p.wire_message_id = trim(both '<>' from a.id)
      union all
      select i.id, null, null from unnest(${plainArray(deliveryIds)}::uuid[]) as i (id)
    )
    select d.id as "deliveryId", coalesce(named.rfc_id, '<' || d.id || '@' || m.from_domain || '>') as "rfcId", d.message_id as "messageId", d.recipient, m.origin
      from named
      join delivery as d on d.workspace_id = ${workspaceId} and d.id = named.id
      join message as m on m.workspace_id = d.workspace_id and m.id = d.message_id
     where m.mailing_id is not null and (named.domain is null or named.domain = m.from_domain)
     limit ${500 + 4 * (rfcIds.length + deliveryIds.length)}`.execute(tx)
  return rows
}

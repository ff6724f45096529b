import { sql } from 'kysely'
import { type Columns, plainArray, tableOf } from '../../db/arrays.ts'
import type { Tx } from '../../db/database.ts'
import type { ConversationId, Id, InboxId, ItemId, TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { CauseEvent } from './cause.ts'
import type { Choices, Reason } from './matrix.ts'

export type NotificationId = Id<'notification'>

export interface NewNotification {
  readonly id: NotificationId
  readonly userId: UserId
  readonly conversationId: ConversationId
  readonly itemId: ItemId | null
  readonly causeId: string
  readonly event: CauseEvent
  readonly actorId: UserId | null
  readonly reason: Reason
  readonly inApp: boolean
  readonly byPush: boolean
  readonly messageId: string | null
  readonly others: readonly ConversationId[]
}

interface Surroundings {
  readonly settings: readonly { readonly userId: UserId; readonly choices: Choices; readonly muted: readonly InboxId[] }[]
  readonly followers: Readonly<Record<ConversationId, readonly UserId[]>>
  readonly teams: Readonly<Record<TeamId, readonly UserId[]>>
}

/** What people wish, who follows, and who is in the teams: one statement, whatever their number. */
export async function surroundingsOf(
  tx: Tx,
  workspaceId: WorkspaceId,
  conversations: readonly ConversationId[],
  teams: readonly TeamId[],
): Promise<Surroundings> {
  const { rows } = await sql<Surroundings>`
    select (select coalesce(json_agg(json_build_object('userId', s.user_id, 'choices', s.choices, 'muted', s.muted)), '[]')
              from notification_setting s where s.workspace_id = ${workspaceId}) as settings,
           (select coalesce(json_object_agg(f.id, f.users), '{}')
              from (select conversation_id as id, json_agg(user_id) as users from conversation_follower
                     where workspace_id = ${workspaceId} and conversation_id = any (${plainArray(conversations)}::uuid[]) group by 1) as f) as followers,
           (select coalesce(json_object_agg(m.id, m.users), '{}')
              from (select team_id as id, json_agg(user_id) as users from team_member
                     where workspace_id = ${workspaceId} and team_id = any (${plainArray(teams)}::uuid[]) group by 1) as m) as teams`.execute(
    tx,
  )
  return rows[0] ?? { settings: [], followers: {}, teams: {} }
}

/** Who was told of a cause before is not told again; `areFirst`: nobody was, which spares looking. Returns those that are new. */
export async function insertNotifications(
  tx: Tx,
  workspaceId: WorkspaceId,
  list: readonly NewNotification[],
  areFirst: boolean,
  now: Date,
): Promise<Set<NotificationId>> {
  const { rows } = await sql<{ id: NotificationId }>`
    insert into notification (workspace_id, id, user_id, conversation_id, item_id, cause_id, event, reason, actor_id, in_app, by_push,
                              message_id, others, created_at)
    select ${workspaceId}::uuid, n.id, n.user_id, n.conversation_id, n.item_id, n.cause_id, n.event, n.reason, n.actor_id, n.in_app, n.by_push,
           n.message_id, n.others::uuid[], ${now}::timestamptz
      from ${tableOf('n', list, NOTIFICATION)}
     order by n.cause_id, n.event, n.user_id
    ${areFirst ? sql`` : sql`on conflict (workspace_id, cause_id, event, user_id) do nothing`}
    returning id`.execute(tx)
  return new Set(rows.map(({ id }) => id))
}

const NOTIFICATION: Columns<NewNotification> = {
  id: ['uuid', (n) => n.id],
  user_id: ['uuid', (n) => n.userId],
  conversation_id: ['uuid', (n) => n.conversationId],
  item_id: ['uuid', (n) => n.itemId],
  cause_id: ['uuid', (n) => n.causeId],
  event: ['text', (n) => n.event],
  reason: ['text', (n) => n.reason],
  actor_id: ['uuid', (n) => n.actorId],
  in_app: ['boolean', (n) => n.inApp],
  by_push: ['boolean', (n) => n.byPush],
  message_id: ['uuid', (n) => n.messageId],
  others: ['text', (n) => plainArray(n.others)],
}

export async function insertFollowers(
  tx: Tx,
  workspaceId: WorkspaceId,
  pairs: readonly { readonly conversationId: ConversationId; readonly userId: UserId }[],
): Promise<void> {
  await sql`
    insert into conversation_follower (workspace_id, conversation_id, user_id)
    select ${workspaceId}::uuid, p.c, p.u
      from unnest(${plainArray(pairs.map(({ conversationId }) => conversationId))}::uuid[],
                  ${plainArray(pairs.map(({ userId }) => userId))}::uuid[]) as p (c, u)
     order by 2, 3
    on conflict do nothing`.execute(tx)
}

/** As much of an item as a mail says. */
export interface SaidItem {
  readonly id: ItemId
  readonly kind: 'customer' | 'reply' | 'note' | 'forward'
  readonly userId: UserId | null
  readonly fromName: string
  readonly fromAddress: string
  readonly text: string
  readonly isHidden: boolean
  readonly createdAt: Date
}

const SAID_LAST = 6
const TEXT_CHARACTERS = 20_100

/** What was said last in each of these conversations, the newest first; lines of what was done are none of it. */
export async function selectSaid(
  tx: Tx,
  workspaceId: WorkspaceId,
  conversations: readonly ConversationId[],
): Promise<Map<ConversationId, SaidItem[]>> {
  const { rows } = await sql<SaidItem & { conversationId: ConversationId }>`
    select w.* from unnest(${plainArray(conversations)}::uuid[]) as c (id),
           lateral (select i.conversation_id as "conversationId", i.id, i.kind, i.user_id as "userId", i.from_name as "fromName",
                           i.from_address as "fromAddress", left(i.body_text, ${TEXT_CHARACTERS}) as text, i.hidden_at is not null as "isHidden",
                           i.created_at as "createdAt"
                      from conversation_item as i
                     where i.workspace_id = ${workspaceId} and i.conversation_id = c.id and i.kind <> 'activity'
                     order by i.id desc limit ${SAID_LAST}) as w`.execute(tx)
  return Map.groupBy(rows, ({ conversationId }) => conversationId)
}

/** One for each browser in which one of those people wants to be told. */
export async function insertPushes(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly NotificationId[],
  dueAt: Date,
  now: Date,
): Promise<void> {
  await sql`
    insert into push (workspace_id, id, notification_id, subscription_id, due_at, created_at)
    select n.workspace_id, gen_random_uuid(), n.id, s.id, ${dueAt}::timestamptz, ${now}::timestamptz
      from notification n
      join push_subscription s on s.workspace_id = n.workspace_id and s.user_id = n.user_id
     where n.workspace_id = ${workspaceId} and n.id = any(${ids}::uuid[])
    on conflict do nothing`.execute(tx)
}

export interface Setting {
  readonly choices: Choices
  readonly muted: readonly InboxId[]
}

export async function selectSetting(tx: Tx, workspaceId: WorkspaceId, userId: UserId): Promise<Setting> {
  const { rows } = await sql<Setting>`
    select choices, muted from notification_setting where workspace_id = ${workspaceId} and user_id = ${userId}`.execute(tx)
  return rows[0] ?? { choices: {}, muted: [] }
}

/** Held until the transaction ends: of two changes at once the second sees the first. */
export async function lockSetting(tx: Tx, workspaceId: WorkspaceId, userId: UserId, now: Date): Promise<Setting> {
  await sql`insert into notification_setting (workspace_id, user_id, updated_at) values (${workspaceId}, ${userId}, ${now})
            on conflict do nothing`.execute(tx)
  const { rows } = await sql<Setting>`
    select choices, muted from notification_setting where workspace_id = ${workspaceId} and user_id = ${userId} for update`.execute(
    tx,
  )
  return rows[0] ?? { choices: {}, muted: [] }
}

export async function updateSetting(
  tx: Tx,
  workspaceId: WorkspaceId,
  userId: UserId,
  { choices, muted }: Setting,
  now: Date,
): Promise<void> {
  await sql`
    update notification_setting
       set choices = ${JSON.stringify(choices)}::jsonb, muted = ${muted}::uuid[], updated_at = ${now}
     where workspace_id = ${workspaceId} and user_id = ${userId}`.execute(tx)
}

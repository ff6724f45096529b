import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { ConversationId, Id, InboxId, ItemId, MessageId, TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { CauseEvent } from './cause.ts'
import type { Choices, Reason } from './matrix.ts'

export type NotificationId = Id<'notification'>

export interface NewNotification {
  readonly id: NotificationId
  readonly userId: UserId
  readonly reason: Reason
  readonly inApp: boolean
  readonly byPush: boolean
  readonly messageId: MessageId | null
}

interface SurroundingsRow {
  readonly settings: readonly { readonly userId: UserId; readonly choices: Choices; readonly isMuted: boolean }[]
  readonly followers: readonly UserId[]
  readonly team: readonly UserId[]
}

/** What people wish, who follows, and who is in the team: one statement, whatever their number. */
export async function surroundingsOf(
  tx: Tx,
  place: { workspaceId: WorkspaceId; inboxId: InboxId; conversationId: ConversationId; teamId: TeamId | null },
): Promise<SurroundingsRow> {
  const { rows } = await sql<SurroundingsRow>`
    select (select coalesce(json_agg(json_build_object('userId', s.user_id, 'choices', s.choices, 'isMuted', ${place.inboxId}::uuid = any(s.muted))), '[]')
              from notification_setting s where s.workspace_id = ${place.workspaceId}) as settings,
           (select coalesce(json_agg(f.user_id), '[]')
              from conversation_follower f where f.workspace_id = ${place.workspaceId} and f.conversation_id = ${place.conversationId}) as followers,
           (select coalesce(json_agg(m.user_id), '[]')
              from team_member m where m.workspace_id = ${place.workspaceId} and m.team_id = ${place.teamId}) as team`.execute(tx)
  return rows[0] ?? { settings: [], followers: [], team: [] }
}

/** Who was told of this cause before is not told again. Returns those that are new. */
export async function insertNotifications(
  tx: Tx,
  cause: {
    workspaceId: WorkspaceId
    conversationId: ConversationId
    itemId: ItemId | null
    causeId: string
    event: CauseEvent
    actorId: UserId | null
  },
  list: readonly NewNotification[],
  now: Date,
): Promise<Set<NotificationId>> {
  const { rows } = await sql<{ id: NotificationId }>`
    insert into notification (workspace_id, id, user_id, conversation_id, item_id, cause_id, event, reason, actor_id, in_app, by_push,
                              message_id, created_at)
    select ${cause.workspaceId}::uuid, n.id, n."userId", ${cause.conversationId}::uuid, ${cause.itemId}::uuid, ${cause.causeId}::uuid, ${cause.event},
           n.reason, ${cause.actorId}::uuid, n."inApp", n."byPush", n."messageId", ${now}::timestamptz
      from json_to_recordset(${JSON.stringify(list)}::json) as n (id uuid, "userId" uuid, reason text, "inApp" boolean, "byPush" boolean,
           "messageId" uuid)
     order by n."userId"
    on conflict (workspace_id, cause_id, event, user_id) do nothing
    returning id`.execute(tx)
  return new Set(rows.map(({ id }) => id))
}

export async function insertFollowers(
  tx: Tx,
  workspaceId: WorkspaceId,
  conversationId: ConversationId,
  userIds: readonly UserId[],
): Promise<void> {
  await sql`
    insert into conversation_follower (workspace_id, conversation_id, user_id)
    select ${workspaceId}::uuid, ${conversationId}::uuid, u from unnest(${userIds}::uuid[]) u order by u
    on conflict do nothing`.execute(tx)
}

/** One for each browser in which one of those people wants to be told. */
export async function insertPushes(tx: Tx, workspaceId: WorkspaceId, ids: readonly NotificationId[], now: Date): Promise<void> {
  await sql`
    insert into push (workspace_id, id, notification_id, subscription_id, due_at, created_at)
    select n.workspace_id, gen_random_uuid(), n.id, s.id, ${now}::timestamptz, ${now}::timestamptz
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

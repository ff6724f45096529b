import type { Actor } from '../../accounts/actor.ts'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { ConversationId, MessageId } from '../../lib/ids.ts'
import { reachOf } from '../access/reach.ts'
import { placesOf } from './places.ts'

export interface SentMail {
  readonly messageId: MessageId
  readonly origin: Readonly<Record<string, unknown>>
}

/** Mail out of conversations that somebody may not reach: answers, and what agents were told. Where delivery is looked at it is not there for them. */
export async function outOfReach(tx: Db | Tx, actor: Actor, mails: readonly SentMail[]): Promise<ReadonlySet<MessageId>> {
  const reach = await reachOf(tx, actor)
  if (reach.all) return new Set()
  const reached = await placesOf(
    tx,
    actor.workspaceId,
    mails.flatMap((mail) => conversationOf(mail) ?? []),
    reach,
  )
  return new Set(
    mails.flatMap((mail) => {
      const conversation = conversationOf(mail)
      return conversation === null || reached.has(conversation) ? [] : [mail.messageId]
    }),
  )
}

export async function refuseOutOfReach(tx: Db | Tx, actor: Actor, mail: SentMail, what: 'message' | 'delivery'): Promise<void> {
  if ((await outOfReach(tx, actor, [mail])).size > 0) throw new Refusal('not_found', { what })
}

function conversationOf({ origin }: SentMail): ConversationId | null {
  return origin.kind === 'conversation' && typeof origin.conversation_id === 'string'
    ? (origin.conversation_id as ConversationId)
    : null
}

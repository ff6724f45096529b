/** Agents answer from their own mail program: what the rules (agent-mail-rules.ts) take for an agent's answer is written as one. */
import { can } from '../../accounts/actor.ts'
import type { Member } from '../../accounts/member.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Tx } from '../../db/database.ts'
import type { ConversationId, ItemId, WorkspaceId } from '../../lib/ids.ts'
import { mayReach, reachOf } from '../access/reach.ts'
import { agentAddresses } from '../agents/agents.ts'
import type { Conversation } from '../conversation.ts'
import { findConversation } from '../conversations.ts'
import type { Incoming } from '../incoming.ts'
import { readReplyToken, replyKey } from '../outgoing/reply-token.ts'
import { selectNotification } from './agent-mail-queries.ts'
import { judge } from './agent-mail-rules.ts'
import { NOTIFICATION_LIFETIME_MS } from './maintenance.ts'
import type { NotifyDeps } from './notify.ts'
import { personIn } from './person.ts'
import { type MayAnswer, sayNotTaken } from './say-not-taken.ts'
import { writeForAgent } from './write-for-agent.ts'

export interface AgentMail {
  readonly incoming: Incoming
  /** Who says that the sender is who it seems: a DMARC pass that is aligned with the From domain, in words. Null: nobody. */
  readonly provenBy: string | null
}

export type AgentMailOutcome =
  | {
      readonly kind: 'reply_added' | 'note_added'
      readonly conversationId: ConversationId
      readonly itemId: ItemId
      readonly matchedBy: string
    }
  | { readonly kind: 'ignored'; readonly reason: 'answer_to_notification'; readonly detail: string }
  | { readonly kind: 'quarantined'; readonly stage: 'match'; readonly reason: 'agent_not_proven'; readonly detail: string }

/**
 * Null: it answers no notification of ours. Else it ends here, as an answer or note of the agent who was told, as what a machine answered, or put aside;
 * never as what a customer said. Files of the mail are blobs already. `mayAnswer` asks the budget of automatic mail.
 */
export async function agentMailOf(
  tx: Tx,
  deps: NotifyDeps,
  mail: AgentMail,
  mayAnswer: MayAnswer,
  now: Date,
): Promise<AgentMailOutcome | null> {
  const { incoming } = mail
  const token = tokenOf(deps, incoming)
  if (token === null) return null
  const told = await whoWasTold(tx, incoming.workspaceId, token.id)
  const judgement = judge({ ...claimOf(mail, told), automatic: incoming.automatic }, NOTIFICATION_LIFETIME_MS, now)
  switch (judgement.is) {
    case 'machines':
      return {
        kind: 'ignored',
        reason: 'answer_to_notification',
        detail: `A machine answered a notification (${judgement.why}).`,
      }
    case 'not_proven': {
      const notTaken = { conversation: told.conversation, inboundId: incoming.inboundId, why: judgement.why }
      if (judgement.tell && told.person) await sayNotTaken(tx, deps, told.person, notTaken, mayAnswer, now)
      const detail = `It answers a notification, but ${judgement.why}.`
      return { kind: 'quarantined', stage: 'match', reason: 'agent_not_proven', detail }
    }
    case 'agents':
      return await writeForAgent(tx, deps, mail, told as ToldAgent, token.text, now)
  }
}

function tokenOf({ secrets }: NotifyDeps, { keys }: Incoming): { id: string; text: string } | null {
  const known = [replyKey(secrets)]
  for (const text of keys.tokens) {
    const read = readReplyToken(text, known)
    if (read?.purpose === 'notification') return { id: read.id, text }
  }
  return null
}

export interface WasTold {
  readonly createdAt: Date | null
  readonly count: number
  readonly person: Member | null
  readonly addresses: readonly string[]
  readonly conversation: Conversation | null
  readonly isReachable: boolean
  readonly people: readonly Member[]
}
export type ToldAgent = WasTold & { readonly person: Member; readonly conversation: Conversation }

const MERGED_INTO_MAX = 10

/** As it is now, not as it was when they were told: who left, or lost an inbox, answers nothing. */
async function whoWasTold(tx: Tx, workspaceId: WorkspaceId, id: string): Promise<WasTold> {
  const notification = await selectNotification(tx, workspaceId, id)
  const people = await rosterOf(tx, workspaceId)
  const person = people.find((one) => one.id === notification?.userId) ?? null
  const others = person ? (await agentAddresses(tx, workspaceId)).filter(({ userId }) => userId === person.id) : []
  let conversation = notification ? await findConversation(tx, workspaceId, notification.conversationId) : null
  for (let i = 0; i < MERGED_INTO_MAX && conversation?.mergedInto; i += 1)
    conversation = await findConversation(tx, workspaceId, conversation.mergedInto)
  return {
    createdAt: notification?.createdAt ?? null,
    count: notification?.count ?? 1,
    person,
    addresses: person ? [person.email, ...others.map(({ address }) => address)] : [],
    conversation,
    isReachable:
      person !== null &&
      conversation !== null &&
      conversation.deletedAt === null &&
      conversation.mergedInto === null &&
      mayReach(await reachOf(tx, personIn(workspaceId, person)), conversation),
    people,
  }
}

function claimOf({ incoming, provenBy }: AgentMail, { createdAt, count, person, addresses, isReachable }: WasTold) {
  const { workspaceId, from } = incoming
  return {
    notification: createdAt && { createdAt, count },
    person: person && { name: person.name, addresses, mayAnswer: can(personIn(workspaceId, person), 'conversations.write') },
    sender: from.address,
    provenBy,
    isReachable,
  }
}

/** `@fwd`: an agent passes a customer's mail on to an inbox, and it becomes the conversation of whoever wrote it first. */
import { can } from '../../accounts/actor.ts'
import type { Member } from '../../accounts/member.ts'
import { rosterOf } from '../../accounts/roster.ts'
import { keyOfAddress } from '../../contacts/save-contact.ts'
import type { Tx } from '../../db/database.ts'
import type { ConversationId, InboxId, ItemId } from '../../lib/ids.ts'
import { accessInto, levelIn } from '../access/reach.ts'
import { agentAddresses } from '../agents/agents.ts'
import { htmlOfText } from '../answering/letter.ts'
import { addItem, updateConversation } from '../conversations.ts'
import type { Inbox } from '../inbox.ts'
import type { Incoming } from '../incoming.ts'
import { type ReceiveDeps, receiveMessage } from '../receive-message.ts'
import type { AgentMail } from './agent-mail.ts'
import { type Forwarded, readForward } from './agent-mail-rules.ts'

export interface Forward {
  readonly kind: 'conversation_started'
  readonly conversationId: ConversationId
  readonly itemId: ItemId
  readonly matchedBy: string
}

/**
 * Null: it is no such mail, and what it is is asked elsewhere: it was sent to this inbox and to nobody else, by an address of an agent that is proven, who
 * may work in the inbox, and it says of one person that they wrote first. An address of ours never is that person.
 */
export async function agentForwardOf(
  tx: Tx,
  deps: ReceiveDeps,
  { incoming, provenBy }: AgentMail,
  inbox: Inbox,
  own: ReadonlyMap<string, InboxId>,
  number: () => Promise<number>,
  now: Date,
): Promise<Forward | null> {
  const forwarded = forwardIn({ incoming, provenBy }, inbox, own)
  if (!forwarded) return null
  const agent = await agentOf(tx, incoming, inbox)
  if (!agent) return null
  const matchedBy = `${agent.name} passed it on with @fwd; ${provenBy}.`
  const place = { kind: 'start' as const, inbox, number: await number(), because: matchedBy }
  const received = await receiveMessage(tx, deps, asWritten(incoming, forwarded), place, own, now)
  if (!received) return null
  const { conversation, itemId } = received
  if (forwarded.remark !== '') await addRemark(tx, conversation, agent, forwarded.remark, now)
  return { kind: 'conversation_started', conversationId: conversation.id, itemId, matchedBy }
}

/** Whether a mail looks like one, by itself: who sent it is asked after. Pure. */
export function forwardIn({ incoming, provenBy }: AgentMail, inbox: Inbox, own: ReadonlyMap<string, InboxId>): Forwarded | null {
  if (provenBy === null || incoming.automatic || incoming.to.length !== 1 || incoming.cc.length > 0) return null
  if (!inbox.addresses.some(({ address }) => address === keyOfAddress(incoming.to[0]?.address ?? ''))) return null
  const forwarded = readForward(wholeText(incoming), incoming.subject)
  return !forwarded || own.has(keyOfAddress(forwarded.address) ?? '') ? null : forwarded
}

/** A quote finder may have folded the forwarded mail away. */
function wholeText({ body }: Incoming): string {
  return body.quoted === null ? body.text : `${body.text}\n\n${body.quoted}`
}

async function agentOf(tx: Tx, { workspaceId, from }: Incoming, inbox: Inbox): Promise<Member | null> {
  const sender = keyOfAddress(from.address)
  if (sender === null) return null
  const people = await rosterOf(tx, workspaceId)
  const other = (await agentAddresses(tx, workspaceId)).find(({ address }) => address === sender)
  const person = people.find(({ id, email }) => email.toLowerCase() === sender || id === other?.userId)
  const access = person && (await accessInto(tx, workspaceId, inbox.id))
  if (!person || !access || levelIn(access, person) !== 'full') return null
  const actor = { kind: 'user', id: person.id, name: person.name, workspaceId, role: person.role } as const
  return can(actor, 'conversations.write') ? person : null
}

/** Nothing proves what a forwarded mail says of its writer: what is known of the agent's mail is not said of theirs. */
function asWritten(incoming: Incoming, { name, address, text, subject }: Forwarded): Incoming {
  return {
    ...incoming,
    from: { name, address },
    replyTo: [],
    subject,
    body: { text, quoted: null, html: null },
    authentication: null,
  }
}

async function addRemark(
  tx: Tx,
  conversation: Parameters<typeof updateConversation>[1],
  agent: Member,
  text: string,
  now: Date,
): Promise<void> {
  const { workspaceId, id } = conversation
  await addItem(
    tx,
    { workspaceId, conversationId: id, kind: 'note', userId: agent.id, bodyText: text, bodyHtml: htmlOfText(text) },
    now,
  )
  await updateConversation(tx, { ...conversation, items: conversation.items + 1, updatedAt: now })
}

/** Everything that a run may look at of what it is about: read once, when the first asks for it. */
import type { Tx } from '../../db/database.ts'
import type { Values } from '../interpret/state.ts'
import type { RunFacts } from '../steps/step.ts'
import { contactFacts } from './contact.ts'
import { conversationFacts, type HeadersOf, liveConversation, messageFacts } from './conversation.ts'

export async function subjectFacts(
  tx: Tx,
  { workspaceId, subject, cause }: Pick<RunFacts, 'workspaceId' | 'subject' | 'cause'>,
  headersOf: HeadersOf,
): Promise<Values> {
  const conversationId = subject?.kind === 'conversation' ? subject.id : cause.conversationId
  const conversation = conversationId === null ? null : await liveConversation(tx, workspaceId, conversationId)
  const contactId = subject?.kind === 'contact' ? subject.id : (conversation?.contactId ?? cause.contactId)
  const message = conversation && (await messageFacts(tx, conversation, cause.facts.item_id as string | undefined, headersOf))
  return {
    conversation: conversation && (await conversationFacts(tx, conversation)),
    message,
    contact: contactId === null ? null : await contactFacts(tx, workspaceId, contactId),
  }
}

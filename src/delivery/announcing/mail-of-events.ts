import type { Tx } from '../../db/database.ts'
import { selectMessageFacts, selectRecipients } from './queries.ts'

interface Mentioned {
  readonly workspaceId: string
  readonly messageId: string | null
  readonly deliveryId: string | null
}

/** The mail that events are about, in the words of whoever tells others of them. */
export interface MailOfEvent {
  readonly stream: string
  readonly from: string
  readonly subject: string
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly messageIdHeader: string
  readonly recipient: string | null
}

/** Looks up the mail of many events at once; null for an event about no mail, or about mail that is not kept any more. */
export async function mailOfEvents(
  tx: Tx,
  events: readonly Mentioned[],
): Promise<(event: Pick<Mentioned, 'messageId' | 'deliveryId'>) => MailOfEvent | null> {
  const messages = new Map(
    (
      await selectMessageFacts(
        tx,
        keysOf(events, ({ messageId }) => messageId),
      )
    ).map((facts) => [facts.id, facts]),
  )
  const recipients = new Map(
    (
      await selectRecipients(
        tx,
        keysOf(events, ({ deliveryId }) => deliveryId),
      )
    ).map(({ id, recipient }) => [id, recipient]),
  )
  return ({ messageId, deliveryId }) => {
    const facts = messageId === null ? undefined : messages.get(messageId)
    if (!facts) return null
    const { stream, sender, subject, tags, metadata, rfcMessageId } = facts
    const recipient = deliveryId === null ? null : (recipients.get(deliveryId) ?? null)
    return { stream, from: sender, subject, tags, metadata, messageIdHeader: rfcMessageId, recipient }
  }
}

function keysOf(events: readonly Mentioned[], idOf: (event: Mentioned) => string | null) {
  const keys = events.flatMap((event) => {
    const id = idOf(event)
    return id === null ? [] : [{ workspaceId: event.workspaceId, id }]
  })
  return [...new Map(keys.map((key) => [key.id, key])).values()]
}

import type { Tx } from '../../db/database.ts'
import type { Reason } from '../delivery.ts'
import { type RecipientOf, selectDeliveryFacts, selectMessageFacts, selectRecipients } from './queries.ts'

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
  readonly reason: ToldReason | null
}

interface ToldReason {
  readonly code: string
  readonly sentence: string
  readonly hint: string
  readonly reply: { readonly code: number; readonly enhanced: string | null; readonly text: string } | null
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
  const deliveries = new Map(
    (
      await selectDeliveryFacts(
        tx,
        keysOf(events, ({ deliveryId }) => deliveryId),
      )
    ).map((facts) => [facts.id, facts]),
  )
  return ({ messageId, deliveryId }) => {
    const facts = messageId === null ? undefined : messages.get(messageId)
    if (!facts) return null
    const { stream, sender, subject, tags, metadata, rfcMessageId } = facts
    const delivery = deliveryId === null ? undefined : deliveries.get(deliveryId)
    const reason = delivery?.reason ? toldReason(delivery.reason) : null
    return {
      stream,
      from: sender,
      subject,
      tags,
      metadata,
      messageIdHeader: rfcMessageId,
      recipient: delivery?.recipient ?? null,
      reason,
    }
  }
}

/** Whom deliveries went to and what was said of why, by id; what is not kept any more is missing. */
export async function recipientsOfDeliveries(
  tx: Tx,
  keys: readonly { readonly workspaceId: string; readonly id: string }[],
): Promise<ReadonlyMap<string, RecipientOf>> {
  const distinct = [...new Map(keys.map((key) => [key.id, key])).values()]
  return new Map(distinct.length === 0 ? [] : (await selectRecipients(tx, distinct)).map((one) => [one.id, one]))
}

function toldReason({ code, sentence, hint, failure }: Reason): ToldReason {
  return { code, sentence, hint, reply: failure?.reply ?? null }
}

function keysOf(events: readonly Mentioned[], idOf: (event: Mentioned) => string | null) {
  const keys = events.flatMap((event) => {
    const id = idOf(event)
    return id === null ? [] : [{ workspaceId: event.workspaceId, id }]
  })
  return [...new Map(keys.map((key) => [key.id, key])).values()]
}

import type { Handoff } from '../../src/delivery/providers/provider.ts'
import { type DeliveryId, type MessageId, newId, type WorkspaceId } from '../../src/lib/ids.ts'

export const HELLO =
  'From: Ann <ann@example.com>\r\nTo: bob@example.org\r\nSubject: Hello\r\nMessage-ID: <1@example.com>\r\n\r\nHello Bob\r\n'

/** A message on its way, with what a test does not care about filled in. */
export function aHandoff(wanted: Partial<Handoff> = {}): Handoff {
  const recipients = wanted.recipients ?? ['bob@example.org']
  return {
    workspaceId: newId<WorkspaceId>(),
    messageId: newId<MessageId>(),
    deliveryIds: recipients.map(() => newId<DeliveryId>()),
    contentHash: '0'.repeat(64),
    attempt: 1,
    sender: 'ann@example.com',
    recipients,
    content: HELLO,
    eightBit: false,
    internationalized: false,
    mayLeave: () => true,
    bodyLeft: () => {},
    ...wanted,
  }
}

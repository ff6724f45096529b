import type { EventType } from '../events/event.ts'
import { EVENT_EXAMPLES, isAboutMail } from '../events/examples.ts'
import { type MailFacts, payloadOf } from './payload.ts'

const MAIL: MailFacts = {
  from: 'Shop <shop@example.com>',
  subject: 'Your sign-in code',
  stream: 'transactional',
  tags: ['sign-in'],
  metadata: { order: 4711 },
  messageIdHeader: '<0193e0a0-3333-7abc-9def-0123456789ab@example.com>',
  recipient: 'ann@example.org',
  reason: null,
}
const REFUSED: MailFacts['reason'] = {
  code: 'recipient_unknown',
  sentence: 'the address does not exist, says mx.example.org',
  hint: 'Check the address for a typing error, or ask the person for another one.',
  reply: { code: 550, enhanced: '5.1.1', text: 'User unknown' },
}

/** What an endpoint would be sent for an event of this type: the documentation's example, and what a try sends. */
export function examplePayload(type: EventType, id: string, workspaceId: string, at: Date): string {
  const isOfDelivery = type.startsWith('delivery.')
  const mail = { ...MAIL, ...(!isOfDelivery && { recipient: null }), ...(type === 'delivery.bounced' && { reason: REFUSED }) }
  const event = {
    type,
    at,
    workspaceId,
    messageId: isAboutMail(type) ? '0193e0a0-3333-7abc-9def-0123456789ab' : null,
    deliveryId: isOfDelivery ? '0193e0a0-4444-7abc-9def-0123456789ab' : null,
    subjectId: isAboutMail(type) ? null : '0193e0a0-1111-7abc-9def-0123456789ab',
    actor: null,
    data: EVENT_EXAMPLES[type],
  }
  return payloadOf(id, event, isAboutMail(type) ? mail : null)
}

/**
 * What Amazon's Simple Notification Service posts, and Scaleway's Topics and Events in the same form: the provider's own event as text, in an
 * envelope that is signed over some of its fields, one name and one value a line.
 */
import { z } from 'zod'

const text = (max: number) => z.string().max(max)

export const Envelope = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: text(200).min(1),
  TopicArn: text(512).min(1),
  Message: text(512 * 1024),
  Timestamp: z.iso.datetime({ offset: true }),
  SignatureVersion: z.enum(['1', '2']),
  Signature: text(4096).min(1),
  SigningCertURL: text(1024),
  Subject: text(1024).nullish(),
  Token: text(4096).nullish(),
  SubscribeURL: text(4096).nullish(),
})
export type Envelope = z.output<typeof Envelope>

const FIELDS_OF_NOTIFICATION = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const
const FIELDS_OF_CONFIRMATION = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const

/** What the signature is over. A field that is not there has no line. */
export function signedText(envelope: Envelope): string {
  const fields = envelope.Type === 'Notification' ? FIELDS_OF_NOTIFICATION : FIELDS_OF_CONFIRMATION
  return fields
    .map((name) => ({ name, value: envelope[name] }))
    .filter(({ value }) => value !== undefined && value !== null)
    .map(({ name, value }) => `${name}\n${value}\n`)
    .join('')
}

/** `arn:aws:sns:eu-west-1:123456789012:topic`, `arn:scw:sns:fr-par:project-…:topic`. */
export function regionOf(topicArn: string): string | null {
  const [arn, , service, region = ''] = topicArn.split(':')
  return arn === 'arn' && service === 'sns' && /^[a-z]{2}(-[a-z]+)+(-\d)?$/.test(region) ? region : null
}

/** What SES tells of a mail that it took: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html */
import { z } from 'zod'
import { MAX_RECIPIENTS } from '../mail-size.ts'

const words = z.string().max(2_048)

const Received = z.object({
  notificationType: z.literal('Received'),
  mail: z.object({ messageId: z.string().min(1).max(200), source: words.nullish() }),
  receipt: z.object({
    recipients: z.array(words).max(MAX_RECIPIENTS).nullish(),
    action: z.object({
      type: words,
      encoding: words.nullish(),
      bucketName: words.nullish(),
      objectKey: words.nullish(),
    }),
  }),
  content: z.string().nullish(),
})

export interface ReceivedBySes {
  readonly messageId: string
  /** '' for the null return path; null where nothing is said. */
  readonly sender: string | null
  readonly recipients: readonly string[]
  readonly content: Buffer | null
  /** Where SES put it. */
  readonly object: { readonly bucket: string; readonly key: string } | null
}

/** Null: it tells of something else. */
export function readReceived(json: unknown): ReceivedBySes | null {
  const parsed = Received.safeParse(json)
  if (!parsed.success) return null
  const { mail, receipt, content } = parsed.data
  const { action, recipients } = receipt
  const sender = mail.source ?? null
  return {
    messageId: mail.messageId,
    sender: sender === '<>' ? '' : sender,
    recipients: recipients ?? [],
    content: content ? Buffer.from(content, action.encoding?.toUpperCase() === 'BASE64' ? 'base64' : 'utf8') : null,
    object:
      action.type === 'S3' && action.bucketName && action.objectKey ? { bucket: action.bucketName, key: action.objectKey } : null,
  }
}

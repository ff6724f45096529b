import type { StagedBlob } from '../blobs/blob-store.ts'
import type { Stream } from '../delivery/stream.ts'
import type { MessageId, RouteId } from '../lib/ids.ts'
import { type Address, formatAddress, formatMailbox } from '../mail/address.ts'
import type { PreparedHead } from '../mail/prepare-raw.ts'
import { lifeOf, recipientsOf, type Sender } from './prepare.ts'
import type { Prepared } from './send.ts'

/** A finished mail that came over a wire: its head was made ready when it had come, its content is staged already. */
export interface ReceivedMail {
  readonly id: MessageId
  readonly head: PreparedHead
  readonly content: StagedBlob
  readonly eightBit: boolean
  /** Null: none (RFC 5321 §4.5.5). */
  readonly envelopeSender: Address | null
  readonly recipients: readonly Address[]
  readonly stream: Stream
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  readonly viaRoute: RouteId | null
  readonly requestHash: Buffer
}

/** The same road as prepareRawSend, from another kind of client. */
export function prepareReceived(mail: ReceivedMail, by: Sender, now: Date): Prepared {
  const { head } = mail
  const recipients = recipientsOf(mail.recipients)
  const { scheduledAt, expiresAt } = lifeOf({ scheduledAt: null, expiresAt: null, stream: mail.stream }, now)
  return {
    requestHash: mail.requestHash,
    submission: {
      id: mail.id,
      workspaceId: by.workspaceId,
      stream: mail.stream,
      origin: by.origin,
      actor: by.actor,
      envelopeSender: mail.envelopeSender === null ? '' : formatAddress(mail.envelopeSender),
      sender: formatMailbox(head.from),
      fromDomain: head.from.address.domain,
      to: head.to.mailboxes.map(formatMailbox),
      cc: head.cc.mailboxes.map(formatMailbox),
      bcc: head.bcc.mailboxes.map(formatMailbox),
      subject: head.subject,
      tags: mail.tags,
      metadata: mail.metadata,
      rfcMessageId: head.messageId,
      content: mail.content,
      eightBit: mail.eightBit,
      internationalized: head.internationalized || recipients.internationalized,
      recipients: recipients.addresses,
      scheduledAt,
      expiresAt,
      resendOf: null,
      viaRoute: mail.viaRoute,
    },
  }
}

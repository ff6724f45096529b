/** Every mail that the helpdesk sends takes this road: composed once, submitted in the transaction that wants it, and known by its ids from then on. */
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Db, Tx } from '../../db/database.ts'
import { MAX_MESSAGE_BYTES, MAX_RECIPIENTS, type Submission } from '../../delivery/message.ts'
import { STREAM_RULES, type Stream } from '../../delivery/stream.ts'
import { submit } from '../../delivery/submit.ts'
import { Refusal } from '../../errors.ts'
import { type ConversationId, type ItemId, type MessageId, newId, type WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { type Address, formatAddress, formatMailbox, isInternationalized, type Mailbox } from '../../mail/address.ts'
import type { Attachment } from '../../mail/attachment.ts'
import { compose } from '../../mail/compose.ts'
import { isMessageId, messageIdOf } from '../../mail/message-id.ts'
import type { Inbox } from '../inbox.ts'
import type { ItemFile } from '../item.ts'
import { plainTextOf } from './plain-text.ts'
import { insertReference } from './queries.ts'
import { type ReplyToken, replyKey, signToken } from './reply-token.ts'

export interface HelpdeskMail {
  readonly inbox: Pick<Inbox, 'workspaceId' | 'id' | 'routeId' | 'plusAddress'>
  readonly purpose: 'reply' | 'forward' | 'auto_reply' | 'notification' | 'no_match_answer'
  readonly conversationId: ConversationId | null
  readonly itemId: ItemId | null
  readonly from: Mailbox
  readonly to: readonly Mailbox[]
  readonly cc: readonly Mailbox[]
  readonly bcc: readonly Mailbox[]
  /** Where answers go, if not to `from`. Left empty, an inbox with plus addresses puts the token there. */
  readonly replyTo: readonly Mailbox[]
  readonly subject: string
  readonly html: string
  /** Left out: the words of the HTML. */
  readonly text?: string
  readonly files: readonly ItemFile[]
  /** With angle brackets. What cannot be written into a header is left out. */
  readonly inReplyTo: string | null
  readonly references: readonly string[]
  readonly token: ReplyToken | null
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly stream: Stream
  readonly actor: string | null
  readonly scheduledAt: Date | null
  /** Left out: as long as its stream is patient. */
  readonly expiresAt?: Date
  /** Who wanted it, beside the conversation. */
  readonly origin?: Readonly<Record<string, unknown>>
}

/** A mail as it will go, not yet sent: its content is staged, nothing of it is in the database. */
export interface Composed {
  readonly submission: Submission
  readonly conversationId: ConversationId | null
  readonly itemId: ItemId | null
  readonly source: 'outgoing' | 'notification'
}

export interface ComposeDeps {
  /** Reads files; a transaction where the caller has one. */
  readonly db: Db | Tx
  readonly blobs: BlobStore
  readonly secrets: Pick<Secrets, 'hmac'>
}

/** Writes the mail and stages its content. Outside of a transaction wherever it has files: reading and encoding them takes time. */
export async function composeMail(deps: ComposeDeps, mail: HelpdeskMail, now: Date): Promise<Composed> {
  const id = newId<MessageId>(now.getTime())
  const { workspaceId } = mail.inbox
  const token = mail.token && { ...mail.token, text: signToken(mail.token, replyKey(deps.secrets)) }
  const letter = token?.purpose === 'notification' ? 'n' : 'r'
  const rfcMessageId = messageIdOf(token ? `${letter}.${token.text}` : id, mail.from.address.domain)
  const recipients = recipientsOf(mail)
  const written = compose(
    {
      from: mail.from,
      to: mail.to,
      cc: mail.cc,
      replyTo: mail.replyTo.length > 0 || !token ? mail.replyTo : plusAddress(mail, `${letter}.${token.text}`),
      subject: mail.subject,
      text: `${mail.text ?? plainTextOf(mail.html)}${token ? `\n\n[ref:${token.text}]\n` : '\n'}`,
      html: `${mail.html}${token ? markerOf(token.text) : ''}`,
      headers: [...threading(mail), ...mail.headers],
      attachments: await attachmentsOf(deps, workspaceId, mail.files),
      date: now,
      messageId: rfcMessageId,
    },
    { maxBytes: MAX_MESSAGE_BYTES },
  )
  const begins = mail.scheduledAt && mail.scheduledAt > now ? mail.scheduledAt : now
  return {
    conversationId: mail.conversationId,
    itemId: mail.itemId,
    source: mail.purpose === 'notification' ? 'notification' : 'outgoing',
    submission: {
      id,
      workspaceId,
      stream: mail.stream,
      origin: {
        kind: 'conversation',
        conversation_id: mail.conversationId,
        item_id: mail.itemId,
        purpose: mail.purpose,
        ...mail.origin,
      },
      actor: mail.actor,
      // RFC 3834 §3.3: what a machine answers comes from nowhere, so that nothing answers it.
      envelopeSender: NOBODY.has(mail.purpose) ? '' : formatAddress(mail.from.address),
      sender: formatMailbox(mail.from),
      fromDomain: mail.from.address.domain,
      to: mail.to.map(formatMailbox),
      cc: mail.cc.map(formatMailbox),
      bcc: mail.bcc.map(formatMailbox),
      subject: mail.subject,
      tags: [],
      metadata: {},
      rfcMessageId,
      content: await deps.blobs.stage(workspaceId, Buffer.from(written.content, 'latin1')),
      eightBit: written.eightBit,
      internationalized: written.internationalized || recipients.internationalized,
      recipients: recipients.addresses,
      scheduledAt: mail.scheduledAt,
      expiresAt: mail.expiresAt ?? new Date(begins.getTime() + STREAM_RULES[mail.stream].lifetimeMs),
      resendOf: null,
      viaRoute: mail.inbox.routeId,
    },
  }
}

const NOBODY: ReadonlySet<HelpdeskMail['purpose']> = new Set(['auto_reply', 'no_match_answer'])

/** The message exists together with whatever else the transaction does, or not at all. Its conversation is known by its Message-ID from now on. */
export async function sendMail(
  tx: Tx,
  blobs: BlobStore,
  composed: Composed,
  now: Date,
): Promise<{ messageId: MessageId; rfcMessageId: string }> {
  const { submission, conversationId, itemId, source } = composed
  await submit(tx, blobs, [submission], now)
  const { id: messageId, rfcMessageId, workspaceId } = submission
  if (conversationId && itemId) await insertReference(tx, { workspaceId, conversationId, itemId, rfcId: rfcMessageId, source })
  return { messageId, rfcMessageId }
}

/** Each mailbox once: somebody in To and in Cc gets one copy. */
function recipientsOf({ to, cc, bcc }: HelpdeskMail): { addresses: string[]; internationalized: boolean } {
  const addresses: Address[] = [...to, ...cc, ...bcc].map(({ address }) => address)
  if (addresses.length === 0) throw new Refusal('recipient_needed')
  if (addresses.length > MAX_RECIPIENTS) throw new Refusal('too_many_recipients', { limit: MAX_RECIPIENTS, pointer: '/to' })
  return { addresses: [...new Set(addresses.map(formatAddress))], internationalized: addresses.some(isInternationalized) }
}

/** `support+r.token@example.com`: whoever answers, and whatever his program does to headers, writes to the token. */
function plusAddress({ inbox, from }: HelpdeskMail, detail: string): Mailbox[] {
  if (!inbox.plusAddress) return []
  const { local, domain } = from.address
  const address = { local: `${local}+${detail}`, domain } as Address
  return address.local.length > LOCAL_PART_MAX ? [] : [{ name: from.name, address }]
}

/** RFC 5321 §4.5.3.1.1. */
const LOCAL_PART_MAX = 64

/** Small and grey, but there to be seen: hidden text is what filters look for. It survives providers that give out their own Message-IDs. */
function markerOf(token: string): string {
  return `<div style="margin-top:16px;font-size:9px;line-height:12px;color:#b5b5b5">[ref:${token}]</div>`
}

const REFERENCES_MAX = 20
/** Servers refuse header blocks that are too long; the first id, which began the conversation, and the last ones thread. */
const REFERENCES_CHARACTERS = 1_500

/** RFC 5322 §3.6.4. */
function threading({ inReplyTo, references }: HelpdeskMail): [string, string][] {
  const ids = [...new Set([...references, ...(inReplyTo === null ? [] : [inReplyTo])].filter(isMessageId))]
  const [first, ...others] = ids
  if (first === undefined) return []
  const kept: string[] = []
  let room = REFERENCES_CHARACTERS - first.length
  for (const id of others.toReversed()) {
    room -= id.length + 1
    if (room < 0 || kept.length === REFERENCES_MAX - 1) break
    kept.unshift(id)
  }
  const answered = inReplyTo !== null && isMessageId(inReplyTo) ? [['In-Reply-To', inReplyTo] as [string, string]] : []
  return [...answered, ['References', [first, ...kept].join(' ')]]
}

async function attachmentsOf(
  { db, blobs }: ComposeDeps,
  workspaceId: WorkspaceId,
  files: readonly ItemFile[],
): Promise<Attachment[]> {
  if (files.length === 0) return []
  // Base64 makes four bytes of three: what cannot fit is refused before it is read.
  const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  if (bytes > MAX_MESSAGE_BYTES) throw new Refusal('message_too_large', { limit: MAX_MESSAGE_BYTES })
  const contents = await blobs.read(db, workspaceId, [...new Set(files.map(({ hash }) => hash))])
  return files.map((file) => {
    const content = contents.get(file.hash)
    if (content === undefined) throw new Refusal('not_kept', { what: `The file "${file.filename.slice(0, 80)}"` })
    return {
      filename: file.filename,
      contentType: TYPE.test(file.contentType) ? file.contentType : 'application/octet-stream',
      content: Buffer.from(content, 'latin1'),
      contentId: file.contentId !== null && CONTENT_ID.test(file.contentId) ? file.contentId : null,
      disposition: file.isInline ? 'inline' : 'attachment',
    }
  })
}

/** What came in with somebody else's mail may be anything; what leaves is written by the book. */
const TYPE = /^(?!multipart\/)[a-z0-9!#$&^_.+-]{1,60}\/[a-z0-9!#$&^_.+-]{1,100}$/i
const CONTENT_ID = /^[\x21-\x3b\x3d\x3f-\x7e]{1,200}$/

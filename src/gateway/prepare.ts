import type { BlobStore } from '../blobs/blob-store.ts'
import { MAX_MESSAGE_BYTES, MAX_RECIPIENTS, type Submission } from '../delivery/message.ts'
import { STREAM_RULES } from '../delivery/stream.ts'
import { Refusal } from '../errors.ts'
import { DAY } from '../lib/clock.ts'
import { type LinkSetId, type MessageId, newId, type WorkspaceId } from '../lib/ids.ts'
import { type Address, formatAddress, formatMailbox, isInternationalized, type Mailbox } from '../mail/address.ts'
import { compose, type OutgoingMessage } from '../mail/compose.ts'
import { messageIdOf } from '../mail/message-id.ts'
import { type PreparedMessage, prepareRaw } from '../mail/prepare-raw.ts'
import { planTracking, type TrackedText, type TrackingPlace, trackText } from '../tracking/track.ts'
import { attachmentsOf, bytesAt, mailboxAt, mailboxesAt } from './fields.ts'
import { hashOf } from './request-hash.ts'
import type { Prepared } from './send.ts'
import {
  MAX_ATTACHMENTS,
  MAX_HEADERS,
  MAX_HEADERS_BYTES,
  MAX_TEXT,
  type RawRequest,
  type SendRequest,
  type Terms,
} from './send-request.ts'

export interface PrepareDeps {
  readonly blobs: BlobStore
  /** Null: nothing is tracked, whatever its stream says. */
  readonly tracking: TrackingPlace | null
}

export interface Sender {
  readonly workspaceId: WorkspaceId
  /** 'user:<id>', 'key:<id>' or 'credential:<id>'. */
  readonly actor: string | null
  readonly origin: Readonly<Record<string, unknown>>
}

const MAX_SCHEDULE_MS = 365 * DAY
const MAX_PATIENCE_MS = 30 * DAY

/** From what a client wrote to what can be submitted: addresses parsed once, limits kept, the mail composed, its content staged. Needs no transaction. */
export async function prepareSend(deps: PrepareDeps, request: SendRequest, by: Sender, now: Date): Promise<Prepared> {
  refuseTooMany(request)
  refuseTooMuch(request)
  const from = mailboxAt('/from', request.from)
  const to = mailboxesAt('/to', request.to)
  const cc = mailboxesAt('/cc', request.cc)
  const bcc = mailboxesAt('/bcc', request.bcc)
  const recipients = recipientsOf([...to, ...cc, ...bcc].map((mailbox) => mailbox.address))
  const id = newId<MessageId>(now.getTime())
  const tracked = await trackHtml(deps.tracking, request, by.workspaceId, from, false)
  const message: OutgoingMessage = {
    from,
    to,
    cc,
    replyTo: mailboxesAt('/reply_to', request.replyTo),
    subject: request.subject,
    text: request.text,
    html: tracked.html,
    quotedHtml: tracked.tracking !== null,
    headers: Object.entries(request.headers),
    attachments: attachmentsOf(request.attachments),
    date: now,
    messageId: messageIdOf(id, from.address.domain),
  }
  const composed = compose(message, { maxBytes: MAX_MESSAGE_BYTES })
  const linkSet = newId<LinkSetId>(now.getTime())
  return {
    requestHash: hashOf(request),
    submission: {
      ...(await submissionOf(deps.blobs, request, by, id, composed.content, now)),
      envelopeSender: formatAddress(from.address),
      sender: formatMailbox(from),
      fromDomain: from.address.domain,
      to: to.map(formatMailbox),
      cc: cc.map(formatMailbox),
      bcc: bcc.map(formatMailbox),
      subject: request.subject,
      rfcMessageId: message.messageId,
      eightBit: composed.eightBit,
      internationalized: composed.internationalized || recipients.internationalized,
      recipients: recipients.addresses,
      tracking: tracked.tracking && { ...tracked.tracking, linkSet },
    },
    links: tracked.urls.length > 0 ? { id: linkSet, urls: tracked.urls } : null,
  }
}

/** A mail that is finished already: only its envelope is ours to say. */
export async function prepareRawSend(blobs: BlobStore, request: RawRequest, by: Sender, now: Date): Promise<Prepared> {
  const id = newId<MessageId>(now.getTime())
  const raw = finished(bytesAt('/raw', request.raw), id, now)
  const { from } = raw
  const [to, cc, bcc] = [raw.to.mailboxes, raw.cc.mailboxes, raw.bcc.mailboxes]
  const named = request.to === null ? [...to, ...cc, ...bcc] : mailboxesAt('/to', request.to)
  const recipients = recipientsOf(named.map((mailbox) => mailbox.address))
  return {
    requestHash: hashOf(request),
    submission: {
      ...(await submissionOf(blobs, request, by, id, raw.content, now)),
      envelopeSender: formatAddress(from.address),
      sender: formatMailbox(from),
      fromDomain: from.address.domain,
      to: to.map(formatMailbox),
      cc: cc.map(formatMailbox),
      bcc: bcc.map(formatMailbox),
      subject: raw.subject,
      rfcMessageId: raw.messageId,
      eightBit: raw.eightBit,
      internationalized: raw.internationalized || recipients.internationalized,
      recipients: recipients.addresses,
    },
  }
}

/** A mail without a Message-ID gets one under the domain of its author, who is known only after a first reading. */
function finished(bytes: Buffer, id: MessageId, now: Date): PreparedMessage {
  const limits = { maxBytes: MAX_MESSAGE_BYTES }
  const unknown = messageIdOf(id, 'localhost')
  const raw = prepareRaw(bytes, { date: now, messageId: unknown }, limits)
  return raw.messageId === unknown
    ? prepareRaw(bytes, { date: now, messageId: messageIdOf(id, raw.from.address.domain) }, limits)
    : raw
}

/** The HTML with its links through us, where they are to be. */
export async function trackHtml(
  place: TrackingPlace | null,
  { html, stream, headers, tracking }: Pick<SendRequest, 'html' | 'stream' | 'headers' | 'tracking'>,
  workspaceId: WorkspaceId,
  { address: { domain: fromDomain } }: Mailbox,
  isTemplate: boolean,
): Promise<Omit<TrackedText, 'html'> & { readonly html: string | null }> {
  const plan = html && place ? await planTracking(place, { workspaceId, stream, fromDomain }, tracking) : null
  return html && plan ? trackText(plan, { html, headers, isTemplate }) : { html, tracking: null, urls: [] }
}

type Common = Pick<
  Submission,
  | 'id'
  | 'workspaceId'
  | 'stream'
  | 'origin'
  | 'actor'
  | 'tags'
  | 'metadata'
  | 'content'
  | 'scheduledAt'
  | 'expiresAt'
  | 'resendOf'
  | 'viaRoute'
>

export async function submissionOf(
  blobs: BlobStore,
  request: Terms,
  by: Sender,
  id: MessageId,
  content: string,
  now: Date,
): Promise<Common> {
  const { scheduledAt, expiresAt } = lifeOf(request, now)
  return {
    id,
    workspaceId: by.workspaceId,
    stream: request.stream,
    origin: by.origin,
    actor: by.actor,
    tags: request.tags,
    metadata: request.metadata as Submission['metadata'],
    content: await blobs.stage(by.workspaceId, Buffer.from(content, 'latin1')),
    scheduledAt,
    expiresAt,
    resendOf: null,
    viaRoute: request.viaRoute,
  }
}

/** When it may go and how long it is worth trying: the stream's own patience counts from the time it may go. */
export function lifeOf(
  request: Pick<RawRequest, 'scheduledAt' | 'expiresAt' | 'stream'>,
  now: Date,
): { scheduledAt: Date | null; expiresAt: Date } {
  const { scheduledAt } = request
  if (scheduledAt && scheduledAt.getTime() - now.getTime() > MAX_SCHEDULE_MS) {
    throw new Refusal('invalid_request', { pointer: '/scheduled_at', why: 'A message can be scheduled at most 365 days ahead.' })
  }
  const begins = scheduledAt && scheduledAt > now ? scheduledAt : now
  const expiresAt = request.expiresAt ?? new Date(begins.getTime() + STREAM_RULES[request.stream].lifetimeMs)
  if (expiresAt <= begins) {
    throw new Refusal('invalid_request', { pointer: '/expires_at', why: 'The message would expire before it may be sent.' })
  }
  if (expiresAt.getTime() - begins.getTime() > MAX_PATIENCE_MS) {
    const why = 'A message is tried for at most 30 days from the time that it may go.'
    throw new Refusal('invalid_request', { pointer: '/expires_at', why })
  }
  return { scheduledAt, expiresAt }
}

function refuseTooMany({ to, cc, bcc }: Pick<SendRequest, 'to' | 'cc' | 'bcc'>): void {
  if (to.length + cc.length + bcc.length > MAX_RECIPIENTS)
    throw new Refusal('too_many_recipients', { limit: MAX_RECIPIENTS, pointer: '/to' })
}

export function refuseTooMuch(request: Pick<SendRequest, 'attachments' | 'text' | 'html' | 'headers'>): void {
  if (request.attachments.length > MAX_ATTACHMENTS)
    throw new Refusal('too_many_attachments', { limit: MAX_ATTACHMENTS, pointer: '/attachments' })
  for (const field of ['text', 'html'] as const) {
    if ((request[field]?.length ?? 0) > MAX_TEXT) throw new Refusal('text_too_large', { limit: MAX_TEXT, pointer: `/${field}` })
  }
  const headers = Object.entries(request.headers)
  if (headers.length > MAX_HEADERS)
    throw new Refusal('too_many_headers', { limit: MAX_HEADERS, unit: 'lines', pointer: '/headers' })
  const bytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (bytes > MAX_HEADERS_BYTES)
    throw new Refusal('too_many_headers', { limit: MAX_HEADERS_BYTES, unit: 'bytes', pointer: '/headers' })
}

/** Each mailbox once: somebody in To and in Cc gets one copy. Case counts only in front of the @ (RFC 5321 §2.4). */
export function recipientsOf(addresses: readonly Address[]): { addresses: string[]; internationalized: boolean } {
  if (addresses.length === 0) {
    throw new Refusal('invalid_request', { pointer: '/to', why: 'A message needs at least one recipient in to, cc or bcc.' })
  }
  if (addresses.length > MAX_RECIPIENTS) throw new Refusal('too_many_recipients', { limit: MAX_RECIPIENTS, pointer: '/to' })
  return { addresses: [...new Set(addresses.map(formatAddress))], internationalized: addresses.some(isInternationalized) }
}

import type { BlobStore } from '../blobs/blob-store.ts'
import type { Tx } from '../db/database.ts'
import { MAX_MESSAGE_BYTES, type Submission, type Tracking } from '../delivery/message.ts'
import { submit } from '../delivery/submit.ts'
import { Refusal } from '../errors.ts'
import { assert } from '../lib/assert.ts'
import { type LinkSetId, type MessageId, newId, type WorkspaceId } from '../lib/ids.ts'
import { formatAddress, formatMailbox, type Mailbox } from '../mail/address.ts'
import { type CompiledMessage, compile } from '../mail/compile.ts'
import { messageIdOf } from '../mail/message-id.ts'
import { fill, type Pieces, piecesOf } from '../mail/placeholder.ts'
import { keepLinks } from '../tracking/links.ts'
import { webUrl } from '../tracking/rewrite.ts'
import type { LinkSet, TrackedText } from '../tracking/track.ts'
import { attachmentsOf, mailboxAt, mailboxesAt } from './fields.ts'
import { type PrepareDeps, refuseTooMuch, type Sender, submissionOf, trackHtml } from './prepare.ts'
import { hashOf } from './request-hash.ts'
import { type BatchRecipient, type BatchRequest, MAX_BATCH_BYTES } from './send-request.ts'
import { underKey } from './under-key.ts'

/** A message that can be submitted, or why there is none for this recipient. */
export type PreparedItem = { readonly to: string } & (
  | { readonly submission: Submission; readonly links: LinkSet | null }
  | { readonly refusal: Refusal }
)

export interface PreparedBatch {
  readonly workspaceId: WorkspaceId
  readonly stream: string
  readonly requestHash: Buffer
  readonly items: readonly PreparedItem[]
  /** Of all of them. */
  readonly links: readonly LinkSet[]
}

/** What became of one recipient. Plain data, since it is kept under the idempotency key as it is. */
export type BatchAnswer = { readonly to: string } & (
  | { readonly id: string; readonly delivery: { readonly id: string; readonly recipient: string; readonly dueAt: string } }
  | { readonly problem: { readonly code: string; readonly title: string; readonly detail: string } }
)

export interface BatchReceipt {
  readonly createdAt: string
  readonly stream: string
  readonly items: readonly BatchAnswer[]
}

/** What all messages of a batch have in common. */
interface Common {
  readonly request: BatchRequest
  readonly by: Sender
  readonly from: Mailbox
  readonly subject: Pieces
  readonly compiled: CompiledMessage
  readonly links: BatchLinks | null
}

interface BatchLinks {
  readonly tracking: Omit<Tracking, 'linkSet'>
  readonly pieces: readonly Pieces[]
  /** Null: each recipient has links of their own. */
  readonly shared: LinkSet | null
}

/**
 * Writes the text once and each recipient's message from it. What is wrong with the text refuses the whole batch; what is wrong with one
 * recipient (an address, a missing value) is that one's answer, and the others go. Needs no transaction.
 */
export async function prepareBatch(deps: PrepareDeps, request: BatchRequest, by: Sender, now: Date): Promise<PreparedBatch> {
  refuseTooMuch(request)
  const from = mailboxAt('/from', request.from)
  const { subject, text } = request
  const tracked = await trackHtml(deps.tracking, request, by.workspaceId, from, true)
  const template = {
    from,
    replyTo: mailboxesAt('/reply_to', request.replyTo),
    subject,
    text,
    html: tracked.html,
    quotedHtml: tracked.tracking !== null,
    headers: Object.entries(request.headers),
    attachments: attachmentsOf(request.attachments),
  }
  const compiled = compile(template, { maxBytes: MAX_MESSAGE_BYTES })
  const links = linksOf(tracked, now)
  const common: Common = { request, by, from, subject: piecesOf(subject), compiled, links }
  const items: PreparedItem[] = []
  let bytes = 0
  for (const recipient of request.recipients) {
    const item = await itemOf(deps.blobs, common, recipient, now)
    items.push(item)
    if ('submission' in item) bytes += item.submission.content.sizeBytes
    if (bytes > MAX_BATCH_BYTES) {
      const why = `The messages come to more than ${MAX_BATCH_BYTES / 1_048_576} MB together. Send fewer at once.`
      throw new Refusal('invalid_request', { pointer: '/recipients', why })
    }
  }
  const requestHash = hashOf(request)
  return { workspaceId: by.workspaceId, stream: request.stream, requestHash, items, links: links?.shared ? [links.shared] : [] }
}

/** One set for all where every recipient's links lead to the same places, else one for each. */
function linksOf({ tracking, urls }: Pick<TrackedText, 'tracking' | 'urls'>, now: Date): BatchLinks | null {
  if (!tracking) return null
  const pieces = urls.map(piecesOf)
  const isPersonal = pieces.some(({ names }) => names.length > 0)
  return { tracking, pieces, shared: isPersonal ? null : { id: newId(now.getTime()), urls } }
}

function ownLinks({ tracking, pieces, shared }: BatchLinks, values: Readonly<Record<string, string>>, now: Date) {
  if (shared) return { tracking: { ...tracking, linkSet: shared.id }, links: null }
  const urls = pieces.map((each) => {
    const missing = each.names.find((name) => !Object.hasOwn(values, name))
    if (missing !== undefined) throw new Refusal('missing_value', { name: missing })
    const url = webUrl(fill(each, values))
    if (url === null) throw new Refusal('invalid_request', { why: 'A link of this recipient is too long to be tracked.' })
    return url
  })
  const id = newId<LinkSetId>(now.getTime())
  return { tracking: { ...tracking, linkSet: id }, links: { id, urls } }
}

async function itemOf(blobs: BlobStore, common: Common, recipient: BatchRecipient, now: Date): Promise<PreparedItem> {
  try {
    return { to: recipient.to, ...(await messageFor(blobs, common, recipient, now)) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { to: recipient.to, refusal: error }
  }
}

async function messageFor(
  blobs: BlobStore,
  { request, by, from, subject, compiled, links: common }: Common,
  { to: written, values, metadata }: BatchRecipient,
  now: Date,
): Promise<{ submission: Submission; links: LinkSet | null }> {
  const to = mailboxAt('/to', written)
  const id = newId<MessageId>(now.getTime())
  const messageId = messageIdOf(id, from.address.domain)
  const message = compiled.write({ to, date: now, messageId, values })
  const own = common && ownLinks(common, values, now)
  const terms = { ...request, metadata: { ...request.metadata, ...metadata } }
  const submission = {
    ...(await submissionOf(blobs, terms, by, id, message.content, now)),
    envelopeSender: formatAddress(from.address),
    sender: formatMailbox(from),
    fromDomain: from.address.domain,
    to: [formatMailbox(to)],
    cc: [],
    bcc: [],
    subject: fill(subject, values),
    rfcMessageId: messageId,
    eightBit: message.eightBit,
    internationalized: message.internationalized,
    recipients: [formatAddress(to.address)],
    tracking: own?.tracking ?? null,
  }
  return { submission, links: own?.links ?? null }
}

/** Stores all messages of the batch and the answer under its key in one transaction. `replayed`: it was done before, nothing was sent now. */
export async function sendBatch(
  tx: Tx,
  blobs: BlobStore,
  { workspaceId, stream, requestHash, items, links }: PreparedBatch,
  key: string | null,
  now: Date,
): Promise<{ receipt: BatchReceipt; replayed: boolean }> {
  const work = async (): Promise<BatchReceipt> => {
    const submissions = items.flatMap((item) => ('submission' in item ? [item.submission] : []))
    const own = items.flatMap((item) => ('links' in item && item.links ? [item.links] : []))
    if (submissions.length > 0)
      await keepLinks(
        tx,
        workspaceId,
        [...links, ...own].filter(({ urls }) => urls.length > 0),
      )
    const deliveries = submissions.length === 0 ? [] : await submit(tx, blobs, submissions, now)
    const byMessage = new Map(submissions.map(({ id }, i) => [id, deliveries[i]?.[0]]))
    const answers = items.map((item): BatchAnswer => {
      const { to } = item
      if ('refusal' in item) {
        const { code, title, message: detail } = item.refusal
        return { to, problem: { code, title, detail } }
      }
      const { id } = item.submission
      const delivery = byMessage.get(id)
      assert(delivery, 'submit answers for every message')
      return { to, id, delivery: { id: delivery.id, recipient: delivery.recipient, dueAt: delivery.dueAt.toISOString() } }
    })
    return { createdAt: now.toISOString(), stream, items: answers }
  }
  return await underKey(tx, { workspaceId, key, requestHash }, work, now)
}

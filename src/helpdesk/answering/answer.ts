/** What an agent sends, from the moment they ask: read and composed outside of any transaction, then written in one. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Db } from '../../db/database.ts'
import { MAX_MESSAGE_BYTES } from '../../delivery/message.ts'
import { Refusal } from '../../errors.ts'
import { SECOND } from '../../lib/clock.ts'
import { type ItemId, newId, type UserId } from '../../lib/ids.ts'
import { explainMailbox, formatAddress, type Mailbox, parseMailbox } from '../../mail/address.ts'
import type { Correspondent } from '../../mail/received-head.ts'
import { bareSubject, type Conversation, type ConversationStatus } from '../conversation.ts'
import { filesOf, findItems } from '../conversations.ts'
import { type DraftContent, isBlank, MAX_FILES, MAX_HTML, type Upload } from '../drafts/draft.ts'
import { uploadsOf } from '../drafts/uploads.ts'
import type { Inbox } from '../inbox.ts'
import { findInbox } from '../inboxes.ts'
import type { Item, ItemFile } from '../item.ts'
import type { NotifyDeps } from '../notify/notify.ts'
import { type Composed, composeMail } from '../outgoing/send-mail.ts'
import { reachConversation } from '../reading/read.ts'
import { refuseNotLive } from '../triage/act.ts'
import {
  type Body,
  bodyOfMail,
  cleanHtml,
  contentIdOf,
  forwardedHtml,
  historyHtml,
  type Letter,
  lettersAmong,
  wholeHtml,
  withContentIds,
} from './letter.ts'
import { type Author, senderName, sendersOf, signatureFor } from './sender.ts'

export interface AnswerDeps extends NotifyDeps {
  /** Reads what an answer is made of, before its transaction. */
  readonly db: Db
}

export interface AnswerRequest {
  readonly content: DraftContent
  /** Null: as the inbox does it. */
  readonly status: ConversationStatus | null
  /** Left out: as the inbox does it. Null: nobody. */
  readonly assigneeId?: UserId | null
  /** The newest thing the writer saw; null: send it, whatever came in meanwhile. */
  readonly seen: ItemId | null
  /** Files that are kept already, as those of an answer that came by mail. */
  readonly attached?: readonly ItemFile[]
  /** Null or left out: a person wrote it. */
  readonly byMachine?: MachineWritten | null
}

/** What nobody wrote at this moment says so (RFC 3834 §3.1.7), and need not be worth sending for as long as a person's words. */
export interface MachineWritten {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly origin: Readonly<Record<string, unknown>>
  readonly scheduledAt: Date | null
  readonly expiresAt: Date
}

export interface Prepared {
  readonly kind: 'reply' | 'forward'
  readonly itemId: ItemId
  readonly conversation: Conversation
  readonly inbox: Inbox
  readonly request: AnswerRequest
  readonly body: Body
  readonly files: readonly ItemFile[]
  readonly from: Correspondent
  readonly to: readonly Correspondent[]
  readonly cc: readonly Correspondent[]
  readonly bcc: readonly Correspondent[]
  readonly subject: string
  readonly composed: Composed
  readonly undoUntil: Date | null
}

/** Everything that can be said of a conversation that is not there yet, beside one that is. */
export interface Ground {
  readonly conversation: Conversation
  readonly inbox: Inbox
  /** Oldest first. */
  readonly items: readonly Item[]
}

const THREAD_MAX = 60

export async function groundOf(deps: AnswerDeps, actor: Actor, id: string): Promise<Ground> {
  const conversation = await reachConversation(deps.db, actor, id)
  await refuseNotLive(deps.db, conversation)
  const { workspaceId } = conversation
  const inbox = await findInbox(deps.db, workspaceId, conversation.inboxId)
  if (!inbox) throw new Refusal('not_found', { what: 'conversation' })
  const items = (await findItems(deps.db, workspaceId, conversation.id, { before: null, limit: THREAD_MAX })).reverse()
  return { conversation, inbox, items }
}

/** The ids are made here and go into mail and rows alike: what is sent is this item, never "the newest". */
export async function prepareAnswer(
  deps: AnswerDeps,
  actor: Actor,
  kind: 'reply' | 'forward',
  { conversation, inbox, items }: Ground,
  request: AnswerRequest,
  now: Date,
): Promise<Prepared> {
  const { content } = request
  refuseTooMuch(content)
  const author = await authorOf(deps.db, actor)
  const from = fromOf(inbox, content.from, author)
  const to = mailboxes('/to', content.to)
  const cc = mailboxes('/cc', content.cc)
  const bcc = withAutoBcc(mailboxes('/bcc', content.bcc), inbox, [...to, ...cc])
  if (kind === 'reply' && isBlank(content)) throw new Refusal('nothing_written')

  const passedOn = kind === 'forward' ? chosenLetters(items, content) : []
  const { html: named, shown } = withContentIds(content.html)
  const uploads = await uploadsOf(deps.db, actor.workspaceId, [...new Set([...content.files, ...shown])])
  const attached = await passedOnFiles(deps.db, actor, passedOn)
  const files = filesInOrder(uploads, shown, [...attached, ...(request.attached ?? [])])
  refuseTooLarge(files)

  const itemId = newId<ItemId>(now.getTime())
  const requester = requesterOf(conversation, items)
  const signature = signatureFor(inbox, { contact: requester, agent: author, inbox, conversation })
  const below =
    kind === 'forward'
      ? forwardedHtml(
          passedOn,
          conversation.subject,
          (letter, id) => attached.find((file) => file.itemId === letter.id && file.oldContentId === id)?.contentId ?? null,
        )
      : content.quote === 'none'
        ? ''
        : historyHtml(items, content.quote)
  const body = bodyOfMail(cleanHtml(named), signature, below)
  const subject = subjectOf(kind, content, conversation, inbox)
  const undoUntil = inbox.undoSeconds > 0 && actor.kind === 'user' ? new Date(now.getTime() + inbox.undoSeconds * SECOND) : null
  const composed = await composeMail(
    deps,
    {
      inbox,
      purpose: kind,
      conversationId: conversation.id,
      itemId,
      ...{ from, to, cc, bcc, replyTo: [], subject, html: wholeHtml(body), files },
      text: [body.text, body.below?.text].filter(Boolean).join('\n\n'),
      ...(kind === 'reply' ? threadOf(items) : { inReplyTo: null, references: [] }),
      token: { purpose: 'reply', id: itemId },
      headers: request.byMachine?.headers ?? [],
      stream: 'conversation',
      actor: actorReference(actor),
      scheduledAt: request.byMachine ? request.byMachine.scheduledAt : undoUntil,
      ...(request.byMachine && { origin: request.byMachine.origin, expiresAt: request.byMachine.expiresAt }),
    },
    now,
  )
  const people = (list: readonly Mailbox[]) => list.map(toCorrespondent)
  return {
    ...{ kind, itemId, conversation, inbox, request, body, files, subject, composed, undoUntil },
    ...{ from: toCorrespondent(from), to: people(to), cc: people(cc), bcc: people(bcc) },
  }
}

export function refuseTooMuch(content: Pick<DraftContent, 'html' | 'files'>): void {
  if (content.html.length > MAX_HTML) throw new Refusal('text_too_large', { limit: MAX_HTML, pointer: '/html' })
  if (content.files.length > MAX_FILES) throw new Refusal('too_many_attachments', { limit: MAX_FILES, pointer: '/files' })
}

/** Base64 makes four bytes of three, and the letter itself needs room. */
const FILES_MAX_BYTES = Math.floor((MAX_MESSAGE_BYTES - 2_000_000) * 0.73)

function refuseTooLarge(files: readonly ItemFile[]): void {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  if (bytes > FILES_MAX_BYTES) throw new Refusal('attachments_too_large', { limit: FILES_MAX_BYTES, pointer: '/files' })
}

/** A program has no name that customers should read. */
export async function authorOf(db: Db, actor: Actor): Promise<(Author & { readonly id: UserId }) | null> {
  if (actor.kind !== 'user') return null
  const person = (await rosterOf(db, actor.workspaceId)).find(({ id }) => id === actor.id)
  return person ? { id: person.id, name: person.name, email: person.email } : null
}

function fromOf(inbox: Inbox, wanted: string | null, author: Author | null): Mailbox {
  const address = wanted ?? inbox.address
  const senders = sendersOf(inbox)
  const known = senders.find((each) => each.toLowerCase() === address.trim().toLowerCase())
  const mailbox = known === undefined ? null : parseMailbox(known)
  if (!mailbox) throw new Refusal('sender_not_of_inbox', { address, pointer: '/from' })
  return { name: senderName(inbox, author), address: mailbox.address }
}

export function mailboxes(pointer: string, texts: readonly string[]): Mailbox[] {
  return texts.map((text, i) => {
    const mailbox = parseMailbox(text)
    if (!mailbox) {
      const why = explainMailbox(text)
      throw new Refusal('invalid_address', { text, ...(why !== null && { why }), pointer: `${pointer}/${i}` })
    }
    return mailbox
  })
}

function withAutoBcc(bcc: readonly Mailbox[], { autoBcc }: Inbox, others: readonly Mailbox[]): Mailbox[] {
  const known = new Set([...bcc, ...others].map(({ address }) => formatAddress(address).toLowerCase()))
  const more = autoBcc
    .flatMap((text) => parseMailbox(text) ?? [])
    .filter(({ address }) => !known.has(formatAddress(address).toLowerCase()))
  return [...bcc, ...more]
}

export function toCorrespondent({ name, address }: Mailbox): Correspondent {
  return { name, address: formatAddress(address) }
}

function requesterOf({ requester }: Conversation, items: readonly Item[]): { name: string; email: string } {
  const wrote = items.findLast(
    ({ kind, from }) => kind === 'customer' && from.address.toLowerCase() === requester.toLowerCase() && from.name,
  )
  return { name: wrote?.from.name ?? '', email: requester }
}

function subjectOf(kind: 'reply' | 'forward', content: DraftContent, conversation: Conversation, inbox: Inbox): string {
  const isFirst = conversation.items === 0
  const usual = `${kind === 'forward' ? 'Fwd: ' : isFirst ? '' : 'Re: '}${bareSubject(conversation.subject)}`
  const subject = (content.subject?.trim() || usual).slice(0, 900)
  const tag = `[${inbox.slug}-${conversation.number}]`
  return inbox.subjectTag && kind === 'reply' && !subject.includes(tag) ? `${subject} ${tag}` : subject
}

/** RFC 5322 §3.6.4. What was passed on to others is no part of the thread that customers have. */
function threadOf(items: readonly Item[]): { inReplyTo: string | null; references: string[] } {
  const ids = items
    .filter(({ kind, rfcMessageId }) => (kind === 'customer' || kind === 'reply') && rfcMessageId !== null)
    .map(({ rfcMessageId }) => rfcMessageId ?? '')
  return { inReplyTo: ids.at(-1) ?? null, references: ids }
}

/** What is named has to be a letter: a note is refused, not left out. */
function chosenLetters(items: readonly Item[], { items: chosen }: DraftContent): Letter[] {
  const letters = lettersAmong(items)
  if (chosen === null) return letters
  return chosen.map((id, i) => {
    const letter = letters.find((each) => each.id === id)
    if (!letter)
      throw new Refusal('invalid_request', {
        why: 'Only messages from and to customers can be forwarded, and none that is hidden.',
        pointer: `/items/${i}`,
      })
    return letter
  })
}

interface PassedOnFile extends ItemFile {
  readonly itemId: ItemId
  readonly oldContentId: string | null
}

/** Two letters may name their pictures alike: each gets a name of its own. */
async function passedOnFiles(db: Db, { workspaceId }: Actor, letters: readonly Letter[]): Promise<PassedOnFile[]> {
  if (letters.length === 0) return []
  const found = await filesOf(
    db,
    workspaceId,
    letters.map(({ id }) => id),
  )
  return found.map((file) => ({
    ...file,
    oldContentId: file.contentId,
    contentId: file.contentId === null ? null : `${file.ordinal}.${file.itemId}@waybill`,
  }))
}

function filesInOrder(uploads: readonly Upload[], shown: ReadonlySet<string>, passedOn: readonly ItemFile[]): ItemFile[] {
  const own = uploads.map(({ id, filename, contentType, sizeBytes, hash }) => ({
    ...{ filename, contentType, sizeBytes, hash },
    contentId: shown.has(id) ? contentIdOf(id) : null,
    isInline: shown.has(id),
  }))
  const others = passedOn.map(({ filename, contentType, sizeBytes, hash, contentId, isInline }) => ({
    filename,
    contentType,
    sizeBytes,
    hash,
    contentId,
    isInline,
  }))
  return [...own, ...others].map((file, ordinal) => ({ ...file, ordinal }))
}

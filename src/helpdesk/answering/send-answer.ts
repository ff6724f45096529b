import { type Actor, actorReference } from '../../accounts/actor.ts'
import { keyOfAddress, saveContacts } from '../../contacts/save-contact.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { SECOND } from '../../lib/clock.ts'
import type { UserId } from '../../lib/ids.ts'
import type { Correspondent } from '../../mail/received-head.ts'
import { bareSubject, type Conversation } from '../conversation.ts'
import { addItem, addParticipants, findConversation, previewOf, updateConversation } from '../conversations.ts'
import { dropDraft } from '../drafts/drafts.ts'
import type { Item } from '../item.ts'
import { notify } from '../notify/notify.ts'
import { sendMail } from '../outgoing/send-mail.ts'
import { lockLive, userOf } from '../triage/act.ts'
import { changeConversation } from '../triage/change.ts'
import type { Change } from '../triage/triage.ts'
import type { AnswerDeps, Prepared } from './answer.ts'
import {
  countSince,
  insertSentCopy,
  insertUndo,
  type Standing,
  selectActivitiesAfter,
  selectParticipants,
  takeBackIn,
  type Undoing,
} from './queries.ts'

/**
 * The item, its mail, what it makes of the conversation and who is told: all in this transaction, or nothing. Two who answer at once wait for one another
 * at the lock; the second is told what came in, and decides.
 */
export async function sendAnswer(tx: Tx, deps: AnswerDeps, prepared: Prepared, actor: Actor, now: Date): Promise<Item> {
  const { request, conversation: known, kind } = prepared
  const before = await lockLive(tx, known.id, actor)
  const userId = userOf(actor)
  if (request.seen !== null) {
    const count = await countSince(tx, before, request.seen, userId)
    if (count > 0) throw new Refusal('conversation_moved_on', { count })
  }
  if (before.inboxId !== prepared.inbox.id) throw new Refusal('conversation_moved_on', { count: 1 })
  return await writeAnswer(
    tx,
    deps,
    prepared,
    before,
    actor,
    userId,
    kind === 'reply' ? 'conversation.replied' : 'conversation.forwarded',
    now,
  )
}

/** `before` is locked, or was made in this transaction. */
export async function writeAnswer(
  tx: Tx,
  deps: AnswerDeps,
  prepared: Prepared,
  before: Conversation,
  actor: Actor,
  userId: UserId | null,
  type: 'conversation.replied' | 'conversation.forwarded' | 'conversation.started',
  now: Date,
): Promise<Item> {
  const { kind, itemId, body, composed, inbox, files, to, cc, bcc } = prepared
  const { workspaceId } = before
  const telling = { ...deps, notBefore: prepared.undoUntil }
  const { messageId, rfcMessageId } = await sendMail(tx, deps.blobs, composed, now)
  const item = await addItem(
    tx,
    {
      ...{ workspaceId, conversationId: before.id, id: itemId, kind, userId, from: prepared.from, recipients: { to, cc, bcc } },
      ...{ bodyText: body.text, bodyHtml: body.html, quotedText: body.below?.text ?? null, quotedHtml: body.below?.html ?? null },
      ...{
        subject: bareSubject(prepared.subject) === bareSubject(before.subject) ? null : prepared.subject,
        messageId,
        rfcMessageId,
        undoUntil: prepared.undoUntil,
      },
    },
    now,
    { files },
  )
  const answered = afterAnswer(before, prepared, now)
  await updateConversation(tx, answered)
  const added = kind === 'reply' ? await addPeople(tx, before, inbox, [...to, ...cc], actorReference(actor), now) : []
  const change = changeOf(prepared, before, userId)
  if (change !== null) await changeConversation(tx, telling, before.id, change, actor, now)
  const after = change === null ? answered : ((await findConversation(tx, workspaceId, before.id)) ?? answered)
  if (prepared.undoUntil !== null) {
    const mode = type === 'conversation.started' ? 'new' : kind
    await keepUndo(tx, prepared, { mode, before, after, participants: added, userId, until: prepared.undoUntil })
  }
  await copyToSent(tx, prepared, item, now)
  if (userId !== null && type !== 'conversation.started')
    await dropDraft(tx, workspaceId, { mode: kind, conversation: before, userId }, now)
  const data = { number: before.number, inbox_id: before.inboxId, item_id: item.id }
  await append(tx, { type, workspaceId, subjectId: before.id, actor: actorReference(actor), data }, now)
  const event = type === 'conversation.started' ? 'conversation_started' : kind === 'reply' ? 'agent_replied' : 'forwarded'
  await notify(tx, telling, { event, conversation: after, itemId: item.id, actor: userId }, now)
  return item
}

/**
 * An answer ends the waiting; what is passed on to others answers nobody. Nor does what a machine says, as that a mail has come: only where it also says
 * what becomes of the conversation.
 */
function afterAnswer(before: Conversation, { kind, body, files, request }: Prepared, now: Date): Conversation {
  const isReply = kind === 'reply' && (!request.byMachine || request.status !== null)
  return {
    ...before,
    items: before.items + 1,
    hasFiles: before.hasFiles || files.some(({ isInline }) => !isInline),
    waitingSince: isReply ? null : before.waitingSince,
    lastAgentAt: isReply ? now : before.lastAgentAt,
    lastAt: now,
    preview: kind === 'reply' ? previewOf(body.text) : before.preview,
    updatedAt: now,
  }
}

function changeOf({ kind, inbox, request }: Prepared, before: Conversation, userId: UserId | null): Change | null {
  const { statusAfterReply, assignOnReply } = inbox
  const usual = kind === 'reply' && !request.byMachine && statusAfterReply !== 'keep' ? statusAfterReply : before.status
  // What was put aside as spam and is answered all the same is none.
  const status = request.status ?? usual
  const takesOver =
    kind === 'reply' &&
    userId !== null &&
    (assignOnReply === 'always' || (assignOnReply === 'if_unassigned' && before.assigneeId === null))
  const assigneeId = request.assigneeId !== undefined ? request.assigneeId : takesOver ? userId : before.assigneeId
  const change: Change = { ...(status !== before.status && { status }), ...(assigneeId !== before.assigneeId && { assigneeId }) }
  return Object.keys(change).length === 0 ? null : change
}

/** Whoever is written to takes part, but who asks and we ourselves. Gives the addresses that are new. */
async function addPeople(
  tx: Tx,
  before: Conversation,
  inbox: Prepared['inbox'],
  people: readonly Correspondent[],
  by: string,
  now: Date,
): Promise<string[]> {
  const known = new Set([
    before.requester.toLowerCase(),
    inbox.address.toLowerCase(),
    ...inbox.addresses.map(({ address }) => address),
  ])
  const others = people.flatMap(({ name, address }) => {
    const key = keyOfAddress(address)
    return key === null || known.has(key) ? [] : [{ name, address: key }]
  })
  if (others.length === 0) return []
  const contacts = await saveContacts(tx, before.workspaceId, others, by, now)
  const there = new Set(await selectParticipants(tx, before.workspaceId, before.id))
  await addParticipants(
    tx,
    before,
    distinct(others).map((person) => ({ ...person, contactId: contacts.get(person.address) ?? null })),
    now,
  )
  await takeBackIn(
    tx,
    before,
    others.map(({ address }) => address),
  )
  return [...new Set(others.map(({ address }) => address))].filter((address) => !there.has(address))
}

function distinct(people: readonly Correspondent[]): Correspondent[] {
  return [...new Map(people.map((person) => [person.address, person])).values()]
}

interface ToKeep extends Pick<Undoing, 'mode' | 'participants' | 'userId' | 'until'> {
  readonly before: Conversation
  readonly after: Conversation
}

async function keepUndo(tx: Tx, { itemId, request }: Prepared, { before, after, ...kept }: ToKeep): Promise<void> {
  const activities = await selectActivitiesAfter(tx, before, itemId)
  const standings = { before: standingOf(before), after: standingOf(after) }
  const undo = { ...kept, ...standings, itemId, conversationId: before.id, content: request.content, activities }
  await insertUndo(tx, before.workspaceId, undo)
}

export function standingOf(c: Conversation): Standing {
  const { status, labelId, closedAt, snoozedUntil, assigneeId, waitingSince, lastAgentAt, lastAt, preview, hasFiles } = c
  return { status, labelId, closedAt, snoozedUntil, assigneeId, waitingSince, lastAgentAt, lastAt, preview, hasFiles }
}

/** Once it may have left: sooner there is nothing to copy. */
const COPY_AFTER_MS = 5 * SECOND

async function copyToSent(tx: Tx, { inbox, undoUntil, composed }: Prepared, item: Item, now: Date): Promise<void> {
  if (inbox.sentCopy === null) return
  const { workspaceId, id: itemId, conversationId } = item
  const dueAt = new Date((undoUntil ?? now).getTime() + COPY_AFTER_MS)
  const { mailboxId, folder } = inbox.sentCopy
  await insertSentCopy(
    tx,
    { workspaceId, itemId, conversationId, messageId: composed.submission.id, mailboxId, folder, dueAt },
    now,
  )
}

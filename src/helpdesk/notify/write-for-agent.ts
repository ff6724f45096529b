import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { ItemId } from '../../lib/ids.ts'
import { formatMailbox, type Mailbox, parseAddress } from '../../mail/address.ts'
import { type AnswerDeps, groundOf, prepareAnswer } from '../answering/answer.ts'
import { htmlOfText } from '../answering/letter.ts'
import { answerRecipients } from '../answering/recipients.ts'
import { sendAnswer } from '../answering/send-answer.ts'
import type { Conversation } from '../conversation.ts'
import { addItem, updateConversation } from '../conversations.ts'
import { BLANK_DRAFT } from '../drafts/draft.ts'
import type { Incoming } from '../incoming.ts'
import { lockLive } from '../triage/act.ts'
import type { AgentMail, AgentMailOutcome, ToldAgent } from './agent-mail.ts'
import { markItem, selectRemoved } from './agent-mail-queries.ts'
import { type Asked, isPassedOn, readCommands, writtenAbove } from './agent-mail-rules.ts'
import { carryOut } from './carry-out.ts'
import { type NotifyDeps, notify } from './notify.ts'
import { type Person, personIn } from './person.ts'

/** Proven to be this agent's: an answer to the customer or a note, and then what its first lines ask for. */
export async function writeForAgent(
  tx: Tx,
  given: NotifyDeps,
  { incoming, provenBy }: AgentMail,
  { person, conversation, people }: ToldAgent,
  token: string,
  now: Date,
): Promise<AgentMailOutcome> {
  const deps: AnswerDeps = { ...given, db: tx }
  const { workspaceId } = conversation
  const actor = personIn(workspaceId, person)
  const written = writtenAbove(incoming.body.text, [token, `${given.url}/conversations/${conversation.number}`])
  const asked = readCommands(written.text)
  const matchedBy = `It answers what ${person.name} was told of it; ${provenBy}.`
  // What only asks for something is kept as a note: it says who asked.
  const isOnlyCommands = asked.text === '' && asked.hasCommands && incoming.files.length === 0
  const recipients = await recipientsOf(tx, deps, actor, conversation)
  // What holds the notification, passes it on, or has nobody to go to, is kept here, and its writer is told that it did not leave.
  const isKept =
    !asked.isNote && !isOnlyCommands && (!written.isClean || isPassedOn(incoming.subject) || recipients.to.length === 0)
  const isNote = asked.isNote || isOnlyCommands || isKept
  const text = isOnlyCommands ? written.text : asked.text
  const itemId = isNote
    ? await addMailNote(tx, deps, actor, conversation, incoming, text, now)
    : await reply(tx, deps, actor, conversation, incoming, recipients, htmlOf(incoming, asked, written.wasCut), now)
  await markItem(tx, workspaceId, itemId, { inboundId: incoming.inboundId, matchedBy, authentication: incoming.authentication })
  if (isKept) await notify(tx, given, { event: 'send_failed', conversation, itemId, actor: null, author: person.id }, now)
  await carryOut(tx, deps, actor, conversation, asked, isNote, people, now)
  return { kind: isNote ? 'note_added' : 'reply_added', conversationId: conversation.id, itemId, matchedBy }
}

/** With its formatting, where nothing was cut from it and nothing in it is a picture of the mail. */
function htmlOf({ body }: Incoming, { text, hasCommands }: Asked, wasCut: boolean): string {
  const html = body.html?.visible
  const isWhole = !wasCut && !hasCommands && html !== undefined && !/cid:/i.test(html)
  return isWhole ? html : htmlOfText(text)
}

interface Recipients {
  readonly to: readonly string[]
  readonly cc: readonly string[]
}

/** What the conversation says, not the mail: whoever answers a notification sees only us in it. */
async function recipientsOf(tx: Tx, deps: AnswerDeps, actor: Person, conversation: Conversation): Promise<Recipients> {
  const { inbox, items } = await groundOf(deps, actor, conversation.id)
  const wrote = items.findLast(({ from }) => from.address.toLowerCase() === conversation.requester.toLowerCase())
  const { to, cc } = answerRecipients(items, {
    requester: { name: wrote?.from.name ?? '', address: conversation.requester },
    ours: [inbox.address, ...inbox.addresses.map(({ address }) => address)].map((address) => address.toLowerCase()),
    removed: await selectRemoved(tx, conversation.workspaceId, conversation.id),
  })
  return { to: to.flatMap(asText), cc: cc.flatMap(asText) }
}

/** As if it was written on the page, with the files of the mail. */
async function reply(
  tx: Tx,
  deps: AnswerDeps,
  actor: Person,
  conversation: Conversation,
  { files }: Incoming,
  { to, cc }: Recipients,
  html: string,
  now: Date,
): Promise<ItemId> {
  const ground = await groundOf(deps, actor, conversation.id)
  const content = { ...BLANK_DRAFT, to, cc, html: html === '' ? '<p></p>' : html }
  // The conversation is changed in a step of its own, where an obstacle costs the answer nothing.
  const request = { content, status: conversation.status, assigneeId: conversation.assigneeId, seen: null, attached: files }
  const prepared = await prepareAnswer(deps, actor, 'reply', ground, request, now)
  return (await sendAnswer(tx, deps, prepared, actor, now)).id
}

function asText({ name, address }: { name: string; address: string }): string[] {
  const parsed = parseAddress(address)
  return parsed ? [formatMailbox({ name: name.replace(/[\x00-\x1f\x7f]/g, ' '), address: parsed } satisfies Mailbox)] : []
}

async function addMailNote(
  tx: Tx,
  deps: AnswerDeps,
  actor: Person,
  { id }: Conversation,
  { files }: Incoming,
  text: string,
  now: Date,
): Promise<ItemId> {
  const before = await lockLive(tx, id, actor)
  const { workspaceId, number, inboxId } = before
  const item = await addItem(
    tx,
    { workspaceId, conversationId: id, kind: 'note', userId: actor.id, bodyText: text, bodyHtml: htmlOfText(text) },
    now,
    { files },
  )
  const after = { ...before, items: before.items + 1, hasFiles: before.hasFiles || files.length > 0, lastAt: now, updatedAt: now }
  await updateConversation(tx, after)
  const data = { number, inbox_id: inboxId, item_id: item.id }
  await append(tx, { type: 'conversation.noted', workspaceId, subjectId: id, actor: `user:${actor.id}`, data }, now)
  await notify(tx, deps, { event: 'note_added', conversation: after, itemId: item.id, actor: actor.id }, now)
  return item.id
}

import type { Member } from '../../accounts/member.ts'
import type { Tx } from '../../db/database.ts'
import type { AnswerDeps } from '../answering/answer.ts'
import { htmlOfText } from '../answering/letter.ts'
import type { Conversation } from '../conversation.ts'
import { addItem, findConversation, updateConversation } from '../conversations.ts'
import { findInbox } from '../inboxes.ts'
import { refusalFor, workersOf } from '../triage/act.ts'
import { changeConversations } from '../triage/change.ts'
import type { Change } from '../triage/triage.ts'
import { type Asked, meantBy } from './agent-mail-rules.ts'
import { notify } from './notify.ts'
import type { Person } from './person.ts'

/** What the first lines ask for, and what the inbox does after an answer. What cannot be done is said to whoever asked. */
export async function carryOut(
  tx: Tx,
  deps: AnswerDeps,
  actor: Person,
  { id, workspaceId, inboxId }: Conversation,
  asked: Asked,
  isNote: boolean,
  people: readonly Member[],
  now: Date,
): Promise<void> {
  const conversation = await findConversation(tx, workspaceId, id)
  const inbox = await findInbox(tx, workspaceId, inboxId)
  if (!conversation || !inbox) return
  const { mayWork } = await workersOf(tx, workspaceId, [inboxId])
  const named = asked.assign === null ? null : meantBy(people, asked.assign)
  const assignee = named && mayWork(named.id, inboxId) ? named.id : null
  const takesOver =
    !isNote && (inbox.assignOnReply === 'always' || (inbox.assignOnReply === 'if_unassigned' && conversation.assigneeId === null))
  const wantedAssignee = assignee ?? (takesOver && mayWork(actor.id, inboxId) ? actor.id : conversation.assigneeId)
  const usual = isNote || inbox.statusAfterReply === 'keep' ? conversation.status : inbox.statusAfterReply
  const status = asked.status ?? usual
  const parts: Change[] = [
    ...(status !== conversation.status ? [{ status }] : []),
    ...(wantedAssignee !== conversation.assigneeId ? [{ assigneeId: wantedAssignee }] : []),
  ]
  const obstacles: string[] = []
  // Each by itself: what stands in the way of the one costs the other nothing.
  for (const part of parts) {
    const [refused] = (await changeConversations(tx, deps, [id], part, actor, now)).refused
    if (refused) obstacles.push((await refusalFor(tx, workspaceId, refused)).message)
  }
  const undone = [
    ...(asked.assign !== null && assignee === null ? [`@assign ${asked.assign}: nobody who works here is meant by it.`] : []),
    ...obstacles.map((why) => (asked.status === null ? why : `@${asked.status === 'closed' ? 'close' : asked.status}: ${why}`)),
  ]
  if (undone.length === 0) return
  const text = undone.join('\n')
  const item = await addItem(
    tx,
    { workspaceId, conversationId: id, kind: 'note', bodyText: text, bodyHtml: htmlOfText(text) },
    now,
  )
  const after = (await findConversation(tx, workspaceId, id)) ?? conversation
  await updateConversation(tx, { ...after, items: after.items + 1, lastAt: now, updatedAt: now })
  await notify(tx, deps, { event: 'note_added', conversation: after, itemId: item.id, actor: null, mentioned: [actor.id] }, now)
}

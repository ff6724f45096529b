import { type Actor, actorReference } from '../../accounts/actor.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { TeamId, UserId } from '../../lib/ids.ts'
import { addItem, updateConversation } from '../conversations.ts'
import { type DraftContent, isBlank } from '../drafts/draft.ts'
import { dropDraft } from '../drafts/drafts.ts'
import { uploadsOf } from '../drafts/uploads.ts'
import type { Item } from '../item.ts'
import { notify } from '../notify/notify.ts'
import { plainTextOf } from '../outgoing/plain-text.ts'
import { reachConversation } from '../reading/read.ts'
import { lockLive, userOf } from '../triage/act.ts'
import { changeConversation } from '../triage/change.ts'
import type { Change } from '../triage/triage.ts'
import { type AnswerDeps, refuseTooMuch } from './answer.ts'
import { cleanHtml, contentIdOf, withContentIds } from './letter.ts'
import { selectTeamMembers } from './queries.ts'

export interface NoteRequest {
  readonly content: Pick<DraftContent, 'html' | 'files'>
  readonly mentions: { readonly users: readonly UserId[]; readonly teams: readonly TeamId[] }
  readonly change: Pick<Change, 'status' | 'assigneeId'>
}

/** Says something to colleagues. It goes nowhere: a note has no recipients, and no mail is made of it. */
export async function addNote(
  tx: Tx,
  deps: AnswerDeps,
  actor: Actor,
  id: string,
  request: NoteRequest,
  now: Date,
): Promise<Item> {
  const { content, mentions, change } = request
  refuseTooMuch(content)
  if (isBlank(content)) throw new Refusal('nothing_written')
  const before = await lockLive(tx, (await reachConversation(tx, actor, id)).id, actor)
  const { workspaceId } = before
  const userId = userOf(actor)
  const { html, shown } = withContentIds(content.html)
  const uploads = await uploadsOf(tx, workspaceId, [...new Set([...content.files, ...shown])])
  const files = uploads.map(({ id: uploadId, filename, contentType, sizeBytes, hash }, ordinal) => ({
    ...{ ordinal, filename, contentType, sizeBytes, hash },
    contentId: shown.has(uploadId) ? contentIdOf(uploadId) : null,
    isInline: shown.has(uploadId),
  }))
  const clean = cleanHtml(html)
  const author = { name: actor.kind === 'user' ? '' : actor.name, address: '' }
  const item = await addItem(
    tx,
    { workspaceId, conversationId: before.id, kind: 'note', userId, from: author, bodyText: plainTextOf(clean), bodyHtml: clean },
    now,
    { files },
  )
  const after = {
    ...before,
    items: before.items + 1,
    hasFiles: before.hasFiles || files.some(({ isInline }) => !isInline),
    lastAt: now,
    updatedAt: now,
  }
  await updateConversation(tx, after)
  if (Object.keys(change).length > 0) await changeConversation(tx, deps, before.id, change, actor, now)
  if (userId !== null) await dropDraft(tx, workspaceId, { mode: 'note', conversation: before, userId }, now)
  const data = { number: before.number, inbox_id: before.inboxId, item_id: item.id }
  await append(tx, { type: 'conversation.noted', workspaceId, subjectId: before.id, actor: actorReference(actor), data }, now)
  const mentioned = await peopleOf(tx, actor, mentions)
  await notify(tx, deps, { event: 'note_added', conversation: after, itemId: item.id, actor: userId, mentioned }, now)
  return item
}

/** Only people of this workspace; whether they may read it is asked where they are told. */
async function peopleOf(tx: Tx, { workspaceId }: Actor, { users, teams }: NoteRequest['mentions']): Promise<UserId[]> {
  if (users.length + teams.length === 0) return []
  const members = new Set((await rosterOf(tx, workspaceId)).map(({ id }) => id))
  const named = [...users, ...(teams.length > 0 ? await selectTeamMembers(tx, workspaceId, teams) : [])]
  return [...new Set(named)].filter((id) => members.has(id))
}

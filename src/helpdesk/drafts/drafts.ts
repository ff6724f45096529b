/** Keeping what is being written, as it is typed. */
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { type ConversationId, newId, type UserId, type WorkspaceId } from '../../lib/ids.ts'
import type { Conversation } from '../conversation.ts'
import { plainTextOf } from '../outgoing/plain-text.ts'
import { type Draft, type DraftContent, type DraftId, type DraftMode, joined } from './draft.ts'
import { deleteDraft, insertDraft, moveOrSelectDrafts, selectDraft, updateDraft } from './queries.ts'

export { selectDrafts as draftsOf, selectNewDrafts as newDraftsOf } from './queries.ts'

export type DraftPlace =
  | {
      readonly mode: Exclude<DraftMode, 'new'>
      readonly conversation: Pick<Conversation, 'id' | 'number' | 'inboxId'>
      readonly userId: UserId
      /** It was typed in a conversation that is part of this one now. */
      readonly isElsewhere?: boolean
    }
  | { readonly mode: 'new'; readonly id: DraftId; readonly userId: UserId }

/**
 * `version`: the one that the writer had last, 0 for none; null: whatever there is, it is written over. Others who look at the conversation see that
 * somebody writes, not what.
 */
export async function saveDraft(
  tx: Tx,
  workspaceId: WorkspaceId,
  place: DraftPlace,
  content: DraftContent,
  version: number | null,
  now: Date,
): Promise<Draft> {
  const found = await selectDraft(tx, workspaceId, keyOf(place))
  if (found && found.userId !== place.userId) throw new Refusal('not_found', { what: 'draft' })
  const isOther = version !== null && version !== (found?.version ?? 0)
  if (isOther && found && isElsewhere(place))
    return await saveDraft(tx, workspaceId, place, joined(found.content, content), null, now)
  if (isOther && !isElsewhere(place)) throw new Refusal('draft_changed')
  const preview = previewOf(content)
  if (found) {
    const saved = { version: found.version + 1, content, preview }
    await updateDraft(tx, workspaceId, found.id, saved, now)
    return { ...found, ...saved, updatedAt: now }
  }
  const draft: Draft = {
    ...{ workspaceId, userId: place.userId, mode: place.mode, version: 1, content, preview, createdAt: now, updatedAt: now },
    id: place.mode === 'new' ? place.id : newId<DraftId>(now.getTime()),
    conversationId: place.mode === 'new' ? null : place.conversation.id,
  }
  if (!(await insertDraft(tx, draft))) throw new Refusal('draft_changed')
  await tell(tx, workspaceId, place, now)
  return draft
}

/** Sent, or thrown away. Nothing to do where there is none. */
export async function dropDraft(tx: Tx, workspaceId: WorkspaceId, place: DraftPlace, now: Date): Promise<void> {
  const found = await selectDraft(tx, workspaceId, keyOf(place))
  if (!found || found.userId !== place.userId) return
  await deleteDraft(tx, workspaceId, found.id)
  await tell(tx, workspaceId, place, now)
}

/** What was taken back is a draft again, as it was; what was begun since stands below it. */
export async function restoreDraft(
  tx: Tx,
  workspaceId: WorkspaceId,
  place: DraftPlace,
  content: DraftContent,
  now: Date,
): Promise<Draft> {
  const since = await selectDraft(tx, workspaceId, keyOf(place))
  return await saveDraft(tx, workspaceId, place, since ? joined(content, since.content) : content, null, now)
}

function isElsewhere(place: DraftPlace): boolean {
  return place.mode !== 'new' && place.isElsewhere === true
}

/** What was being written in the one is written on in the other, below what its writer has begun there. */
export async function moveDrafts(
  tx: Tx,
  workspaceId: WorkspaceId,
  from: ConversationId,
  to: Pick<Conversation, 'id' | 'number' | 'inboxId'>,
  now: Date,
): Promise<void> {
  for (const draft of await moveOrSelectDrafts(tx, workspaceId, from, to.id)) {
    if (draft.mode === 'new') continue
    const there = await selectDraft(tx, workspaceId, { conversationId: to.id, userId: draft.userId, mode: draft.mode })
    if (!there) continue
    const content = joined(there.content, draft.content)
    const preview = previewOf(content)
    // Above both: neither of two open windows takes it for what it has.
    await updateDraft(tx, workspaceId, there.id, { version: there.version + draft.version + 1, content, preview }, now)
    await deleteDraft(tx, workspaceId, draft.id)
  }
}

function previewOf({ html }: DraftContent): string {
  return plainTextOf(html).replace(/\s+/g, ' ').slice(0, 255)
}

function keyOf(place: DraftPlace): { conversationId: ConversationId; userId: UserId; mode: DraftMode } | { id: DraftId } {
  return place.mode === 'new'
    ? { id: place.id }
    : { conversationId: place.conversation.id, userId: place.userId, mode: place.mode }
}

/** That it begins or ends is news to others; each letter is not. */
async function tell(tx: Tx, workspaceId: WorkspaceId, place: DraftPlace, now: Date): Promise<void> {
  if (place.mode === 'new') return
  const { id, number, inboxId } = place.conversation
  const data = { number, inbox_id: inboxId }
  await append(tx, { type: 'conversation.draft_saved', workspaceId, subjectId: id, actor: `user:${place.userId}`, data }, now)
}

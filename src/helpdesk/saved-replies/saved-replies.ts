import type { Actor } from '../../accounts/actor.ts'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { type InboxId, newId } from '../../lib/ids.ts'
import { mayEnter, type Reach, reachOf } from '../access/reach.ts'
import { cleanHtml, withContentIds } from '../answering/letter.ts'
import type { UploadId } from '../drafts/draft.ts'
import { uploadsOf } from '../drafts/uploads.ts'
import { findInbox } from '../inboxes.ts'
import { unknownVariables, VARIABLES } from '../variables.ts'
import { deleteSavedReply, insertSavedReply, selectSavedReplies, updateSavedReply } from './queries.ts'
import { MAX_DEPTH, MAX_SAVED_REPLIES, pathOf, type SavedReply, type SavedReplyId, within } from './saved-reply.ts'

export interface SavedReplyWish {
  readonly parentId: SavedReplyId | null
  readonly inboxId: InboxId | null
  readonly name: string
  readonly html: string
  readonly uploads: readonly UploadId[]
  readonly position: number
}

/** Those that somebody may use: of every inbox, and of those they may enter. */
export async function listSavedReplies(db: Db | Tx, actor: Actor): Promise<SavedReply[]> {
  const reach = await reachOf(db, actor)
  const all = await selectSavedReplies(db, actor.workspaceId, MAX_SAVED_REPLIES)
  return all.filter((reply) => mayUse(reach, reply))
}

function mayUse(reach: Reach, { inboxId }: Pick<SavedReply, 'inboxId'>): boolean {
  return inboxId === null || mayEnter(reach, inboxId)
}

export async function findSavedReply(db: Db | Tx, actor: Actor, id: SavedReplyId): Promise<SavedReply> {
  const found = (await listSavedReplies(db, actor)).find((reply) => reply.id === id)
  if (!found) throw new Refusal('not_found', { what: 'saved reply' })
  return found
}

export async function createSavedReply(
  tx: Tx,
  actor: Actor,
  isFolder: boolean,
  wish: SavedReplyWish,
  now: Date,
): Promise<SavedReply> {
  const all = await selectSavedReplies(tx, actor.workspaceId, MAX_SAVED_REPLIES)
  if (all.length >= MAX_SAVED_REPLIES) throw new Refusal('too_many_saved_replies', { limit: MAX_SAVED_REPLIES })
  const id = newId<SavedReplyId>(now.getTime())
  const fit = await fitting(tx, actor, all, { id, isFolder }, wish)
  const reply: SavedReply = { workspaceId: actor.workspaceId, id, isFolder, ...fit, createdAt: now, updatedAt: now }
  await insertSavedReply(tx, reply)
  return reply
}

export async function changeSavedReply(
  tx: Tx,
  actor: Actor,
  id: SavedReplyId,
  wish: Partial<SavedReplyWish>,
  now: Date,
): Promise<SavedReply> {
  const found = await findSavedReply(tx, actor, id)
  const all = await selectSavedReplies(tx, actor.workspaceId, MAX_SAVED_REPLIES)
  const changed = { ...found, ...(await fitting(tx, actor, all, found, { ...found, ...wish })), updatedAt: now }
  await updateSavedReply(tx, changed)
  return changed
}

export async function removeSavedReply(tx: Tx, actor: Actor, id: SavedReplyId): Promise<void> {
  await findSavedReply(tx, actor, id)
  await deleteSavedReply(tx, actor.workspaceId, id)
}

/** As it is stored, or refused. */
async function fitting(
  tx: Tx,
  actor: Actor,
  all: readonly SavedReply[],
  self: Pick<SavedReply, 'id' | 'isFolder'>,
  wish: SavedReplyWish,
): Promise<SavedReplyWish> {
  const { parentId, inboxId } = wish
  if (parentId !== null) refuseParent(all, self, parentId)
  const mayHave =
    inboxId === null ||
    (mayEnter(await reachOf(tx, actor), inboxId) && (await findInbox(tx, actor.workspaceId, inboxId)) !== null)
  if (!mayHave) throw new Refusal('not_found', { what: 'inbox', pointer: '/inbox_id' })
  if (self.isFolder) return { ...wish, html: '', uploads: [] }
  const [unknown] = unknownVariables(wish.html)
  if (unknown !== undefined)
    throw new Refusal('invalid_request', {
      why: `{{ ${unknown} }} is not known here. There are: ${VARIABLES.join(', ')}.`,
      pointer: '/html',
    })
  const { html, shown } = withContentIds(wish.html)
  const uploads = await uploadsOf(tx, actor.workspaceId, [...new Set([...wish.uploads, ...shown])])
  return { ...wish, html: withUploads(cleanHtml(html)), uploads: uploads.map(({ id }) => id) }
}

/** Kept as the editor shows it: what is sent gets its own names. */
function withUploads(html: string): string {
  return html.replace(/cid:([0-9a-f-]{36})(?:@|%40)waybill/g, '/v1/uploads/$1/content')
}

function refuseParent(all: readonly SavedReply[], self: Pick<SavedReply, 'id' | 'isFolder'>, parentId: SavedReplyId): void {
  const parent = all.find(({ id }) => id === parentId)
  if (!parent?.isFolder) throw new Refusal('not_found', { what: 'folder', pointer: '/parent_id' })
  const inside = within(all, self.id)
  if (parentId === self.id || inside.some(({ id }) => id === parentId))
    throw new Refusal('invalid_request', { why: 'A folder cannot lie in itself.', pointer: '/parent_id' })
  const depth = pathOf(all, { id: self.id, parentId }).length
  if (self.isFolder && depth >= MAX_DEPTH)
    throw new Refusal('invalid_request', { why: `Folders can be ${MAX_DEPTH} deep.`, pointer: '/parent_id' })
}

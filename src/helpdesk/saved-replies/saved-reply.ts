/** A text that is used again, or a folder of such texts. It belongs to one inbox or to all of them. Isomorphic. */
import type { Id, InboxId, WorkspaceId } from '../../lib/ids.ts'
import type { UploadId } from '../drafts/draft.ts'

export type SavedReplyId = Id<'saved_reply'>

export interface SavedReply {
  readonly workspaceId: WorkspaceId
  readonly id: SavedReplyId
  /** The folder it lies in; null: at the top. */
  readonly parentId: SavedReplyId | null
  /** Null: of every inbox. */
  readonly inboxId: InboxId | null
  readonly isFolder: boolean
  readonly name: string
  /** With variables (variables.ts). */
  readonly html: string
  readonly uploads: readonly UploadId[]
  readonly position: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export const MAX_SAVED_REPLIES = 2_000
/** Folders in folders: as deep as people still find things. */
export const MAX_DEPTH = 5

type Node = Pick<SavedReply, 'id' | 'parentId'>

/** The names of the folders above it, from the top. A circle, which the verbs refuse, ends it. */
export function pathOf<T extends Node>(all: readonly T[], of: Node): T[] {
  const byId = new Map(all.map((each) => [each.id, each]))
  const path: T[] = []
  let at = of.parentId === null ? undefined : byId.get(of.parentId)
  while (at && !path.includes(at) && path.length <= MAX_DEPTH) {
    path.unshift(at)
    at = at.parentId === null ? undefined : byId.get(at.parentId)
  }
  return path
}

/** What lies in it, and below. */
export function within<T extends Node>(all: readonly T[], id: SavedReplyId): T[] {
  const found: T[] = []
  const open = [id]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const each of all) {
      if (each.parentId !== next || found.includes(each)) continue
      found.push(each)
      open.push(each.id)
    }
  }
  return found
}

/** In the order in which a tree is read: folders and texts as they were arranged, each folder followed by what lies in it. */
export function inTreeOrder<T extends Node & Pick<SavedReply, 'position' | 'name'>>(
  all: readonly T[],
): { entry: T; depth: number }[] {
  const byParent = Map.groupBy(all, ({ parentId }) => parentId)
  const walk = (parentId: SavedReplyId | null, depth: number): { entry: T; depth: number }[] =>
    depth > MAX_DEPTH
      ? []
      : (byParent.get(parentId) ?? [])
          .toSorted((a, b) => a.position - b.position || a.name.localeCompare(b.name))
          .flatMap((entry) => [{ entry, depth }, ...walk(entry.id, depth + 1)])
  return walk(null, 0)
}

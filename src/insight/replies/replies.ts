import type { Database, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { Follower } from '../../events/follow.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import { DAY } from '../../lib/clock.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { addReplies, deleteOldReplies, selectHeard, updateReviewed } from './queries.ts'
import { countTogether, type UnknownReply } from './unknown-reply.ts'

export { selectReplies as listReplies } from './queries.ts'

/** Replies that no rule knows, counted by what is the same in them. */
export const replyCounter: Follower = {
  name: 'delivery.replies',
  async apply(tx, from, to) {
    await addReplies(tx, countTogether(await selectHeard(tx, from, to)))
  },
}

/** Says that somebody has looked at a reply, or that it wants another look. */
export async function reviewReply(
  tx: Tx,
  workspaceId: WorkspaceId,
  fingerprint: string,
  reviewed: { readonly at: Date; readonly by: string } | null,
): Promise<UnknownReply> {
  const reply = await updateReviewed(tx, workspaceId, fingerprint, reviewed)
  if (!reply) throw new Refusal('not_found', { what: 'reply' })
  return reply
}

const KEPT_DAYS = 180
const KEPT = 2_000
const CHUNK = 5_000

/** Safe to do twice: what is gone is gone. */
export function forgetReplies(database: Database, now: Date): Promise<void> {
  return inChunks(database, CHUNK, (tx) => deleteOldReplies(tx, new Date(now.getTime() - KEPT_DAYS * DAY), KEPT, CHUNK))
}

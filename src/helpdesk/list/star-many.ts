import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { ConversationId } from '../../lib/ids.ts'
import { rowsOf } from './list.ts'
import { setStars } from './star-queries.ts'

/** Puts stars on what somebody may see, or takes theirs away. A star is a matter between a person and a conversation: nobody else is told. */
export async function starMany(
  tx: Tx,
  actor: Actor,
  ids: readonly ConversationId[],
  starred: boolean,
  now: Date,
): Promise<ConversationId[]> {
  if (actor.kind !== 'user') throw new Refusal('invalid_request', { why: 'A key has no stars of its own.', pointer: '/act' })
  const seen = (await rowsOf(tx, actor, { filter: {}, sort: 'latest' }, ids)).map(({ id }) => id)
  await setStars(tx, actor.workspaceId, actor.id, seen, starred, now)
  return seen
}

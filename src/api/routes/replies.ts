import { actorReference } from '../../accounts/actor.ts'
import { nameActors } from '../../accounts/names.ts'
import type { Tx } from '../../db/database.ts'
import { listReplies as list, reviewReply as review } from '../../insight/replies/replies.ts'
import { knownAs, type UnknownReply } from '../../insight/replies/unknown-reply.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { listReplies, type UnknownReply as OnWire, reviewReply } from '../endpoints/replies.ts'
import { DEFAULT_PAGE_SIZE } from '../endpoints/shapes.ts'
import { type Route, route } from '../route.ts'

const LIST = 'replies'

export function replyRoutes(): Route[] {
  return [
    route(listReplies, async ({ tx, params, actor }) => {
      const size = params.limit ?? DEFAULT_PAGE_SIZE
      const found = await list(tx, actor.workspaceId, { after: placeAfter(params.after), limit: size + 1 })
      const shown = found.slice(0, size)
      const last = shown.at(-1)
      const next = found.length > size && last ? encodeCursor(LIST, placeOf(last)) : null
      return { items: await toWire(tx, actor.workspaceId, shown), next }
    }),
    route(reviewReply, async ({ tx, params, body, actor, now }) => {
      const reviewed = body.reviewed === false ? null : { at: now, by: actorReference(actor) }
      const reply = await review(tx, actor.workspaceId, params.fingerprint, reviewed)
      const [shown] = await toWire(tx, actor.workspaceId, [reply])
      return shown as OnWire
    }),
  ]
}

function placeOf({ reviewedAt, n, fingerprint }: UnknownReply): string[] {
  return [reviewedAt ? '1' : '0', String(n), fingerprint]
}

function placeAfter(cursor: string | undefined) {
  if (cursor === undefined) return null
  const [isReviewed, n, fingerprint = ''] = decodeCursor(LIST, cursor, [
    (part) => part === '0' || part === '1',
    (part) => /^\d{1,15}$/.test(part),
    (part) => /^[0-9a-f]{32}$/.test(part),
  ])
  return { isReviewed: isReviewed === '1', n: Number(n), fingerprint }
}

async function toWire(tx: Tx, workspaceId: WorkspaceId, replies: readonly UnknownReply[]): Promise<OnWire[]> {
  const name = await nameActors(
    tx,
    workspaceId,
    replies.map(({ reviewedBy }) => reviewedBy),
  )
  return replies.map((reply) => ({
    fingerprint: reply.fingerprint,
    pattern: reply.pattern,
    code: reply.code,
    enhanced: reply.enhanced,
    stage: reply.stage,
    example: reply.example,
    host: reply.host,
    receiver: reply.receiver,
    first_seen_at: reply.firstSeenAt,
    last_seen_at: reply.lastSeenAt,
    n: reply.n,
    known_as: knownAs(reply),
    reviewed_at: reply.reviewedAt,
    reviewed_by: reply.reviewedBy === null ? null : name(reply.reviewedBy),
  }))
}

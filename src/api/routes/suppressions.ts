import { actorReference } from '../../accounts/actor.ts'
import { decideHeld, listHeld } from '../../delivery/suppression/evidence/held.ts'
import { exportSuppressions as exported, type Place } from '../../delivery/suppression/lists/export.ts'
import { importSuppressions as imported } from '../../delivery/suppression/lists/import.ts'
import { listSuppressions as list, suppress, unsuppress } from '../../delivery/suppression/suppress.ts'
import type { Suppression } from '../../delivery/suppression/suppression.ts'
import { previewUndo, undo } from '../../delivery/suppression/undo.ts'
import { Refusal } from '../../errors.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import { formatAddress, parseAddress } from '../../mail/address.ts'
import type { ServerDeps } from '../deps.ts'
import { DEFAULT_PAGE_SIZE } from '../endpoints/shapes.ts'
import {
  addSuppression,
  decideHeldEvidence,
  exportSuppressions,
  importSuppressions,
  listHeldEvidence,
  listSuppressions,
  removeSuppression,
  SuppressionStream,
  undoSuppressions,
} from '../endpoints/suppressions.ts'
import { type Route, route } from '../route.ts'
import { fromCriteria, toHeldEvidence, toSuppression } from '../wire/suppressions.ts'

const LIST = 'suppressions'
const EXPORT_PAGE = 1_000

export function suppressionRoutes({ database }: Pick<ServerDeps, 'database'>): Route[] {
  return [
    route(listSuppressions, async ({ tx, params, actor, now }) => {
      const size = params.limit ?? DEFAULT_PAGE_SIZE
      const filter = fromCriteria({ ...params, search: params.address })
      const page = { ...filter, after: placeAfter(params.after), limit: size + 1 }
      const found = await list(tx, actor.workspaceId, page, now)
      const shown = found.slice(0, size)
      const last = shown.at(-1)
      const next =
        found.length > size && last ? encodeCursor(LIST, [last.createdAt.toISOString(), last.address, last.stream]) : null
      return { items: shown.map(toSuppression), next }
    }),
    route(addSuppression, async ({ tx, body, actor, now }) => {
      const parsed = parseAddress(body.address)
      if (!parsed) throw new Refusal('invalid_address', { text: body.address, pointer: '/address' })
      if (body.expires_at && body.expires_at <= now)
        throw new Refusal('invalid_request', { why: 'It would have ended already.', pointer: '/expires_at' })
      const wanted: Suppression = {
        address: formatAddress(parsed).toLowerCase(),
        stream: body.stream ?? 'all',
        reason: body.reason ?? 'manual',
        source: 'person',
        deliveryId: null,
        note: body.note ?? '',
        reply: '',
        createdAt: now,
        expiresAt: body.expires_at ?? null,
      }
      const added = await suppress(tx, actor.workspaceId, [wanted], actorReference(actor), now)
      if (added.length === 0) throw new Refusal('already_suppressed', { address: wanted.address, pointer: '/address' })
      return toSuppression(wanted)
    }),
    route(removeSuppression, async ({ tx, params, actor, now }) =>
      unsuppress(tx, actor.workspaceId, params.address, params.stream ?? 'all', actorReference(actor), now),
    ),
    route(importSuppressions, async ({ body, actor, now }) => {
      const scope = { as: 'api', workspaceId: actor.workspaceId } as const
      const format = body.type === 'text/csv' ? 'csv' : 'jsonl'
      const save = (rows: Parameters<typeof suppress>[2]) =>
        database.transaction(
          scope,
          async (tx) => (await suppress(tx, actor.workspaceId, rows, actorReference(actor), now)).length,
        )
      const { endedAt, problems, ...result } = await imported(body.content, format, save, now)
      return { ...result, problems: problems.map((problem) => ({ ...problem })), ended_at: endedAt }
    }),
    route(exportSuppressions, async ({ params, actor, now }) => {
      const { format = 'csv' } = params
      const scope = { as: 'api', workspaceId: actor.workspaceId } as const
      const page = (after: Place | null) =>
        database.transaction(
          scope,
          (tx) => list(tx, actor.workspaceId, { ...fromCriteria(params), after, limit: EXPORT_PAGE }, now),
          { readOnly: true },
        )
      return { content: exported(format, page), filename: `suppressions-${now.toISOString().slice(0, 10)}.${format}` }
    }),
    route(undoSuppressions, async ({ tx, body, actor, now }) => {
      const { preview, ...given } = body
      const filter = fromCriteria(given)
      if (preview) return { count: await previewUndo(tx, actor.workspaceId, filter), more: false }
      const { removed, more } = await undo(tx, actor.workspaceId, filter, actorReference(actor), now)
      return { count: removed, more }
    }),
    route(listHeldEvidence, async ({ tx, actor }) => ({
      items: (await listHeld(tx, actor.workspaceId)).map(toHeldEvidence),
      next: null,
    })),
    route(decideHeldEvidence, async ({ tx, params, body, actor, now }) => {
      const domain = params.domain.toLowerCase()
      const { addresses, takenOff } = await decideHeld(tx, actor.workspaceId, domain, body.decision, actorReference(actor), now)
      return { addresses, taken_off: takenOff }
    }),
  ]
}

function placeAfter(cursor: string | undefined): { createdAt: Date; address: string; stream: string } | null {
  if (cursor === undefined) return null
  const [at = '', address = '', stream = ''] = decodeCursor(LIST, cursor, [
    (part) => !Number.isNaN(Date.parse(part)),
    (part) => part.length <= 320,
    (part) => SuppressionStream.safeParse(part).success,
  ])
  return { createdAt: new Date(at), address, stream }
}

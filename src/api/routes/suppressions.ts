import { actorReference } from '../../accounts/actor.ts'
import { listSuppressions as list, suppress, unsuppress } from '../../delivery/suppression/suppress.ts'
import type { Suppression } from '../../delivery/suppression/suppression.ts'
import { Refusal } from '../../errors.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import type { DeliveryId } from '../../lib/ids.ts'
import { formatAddress, parseAddress } from '../../mail/address.ts'
import { DEFAULT_PAGE_SIZE } from '../endpoints/shapes.ts'
import {
  addSuppression,
  listSuppressions,
  removeSuppression,
  type Suppression as SuppressionOnWire,
} from '../endpoints/suppressions.ts'
import { type Route, route } from '../route.ts'

const LIST = 'suppressions'

export function suppressionRoutes(): Route[] {
  return [
    route(listSuppressions, async ({ tx, params, actor }) => {
      const size = params.limit ?? DEFAULT_PAGE_SIZE
      const page = { after: placeAfter(params.after), limit: size + 1, reason: null, search: params.address ?? null }
      const found = await list(tx, actor.workspaceId, page)
      const shown = found.slice(0, size)
      const last = shown.at(-1)
      const next = found.length > size && last ? encodeCursor(LIST, [last.createdAt.toISOString(), last.address]) : null
      return { items: shown.map(toWire), next }
    }),
    route(addSuppression, async ({ tx, body, actor, now }) => {
      const parsed = parseAddress(body.address)
      if (!parsed) throw new Refusal('invalid_address', { text: body.address, pointer: '/address' })
      const address = formatAddress(parsed).toLowerCase()
      const wanted = { address, stream: body.stream ?? 'all', reason: 'manual', deliveryId: null, note: body.note ?? '' } as const
      const added = await suppress(tx, actor.workspaceId, [wanted], actorReference(actor), now)
      if (added.length === 0) throw new Refusal('already_suppressed', { address, pointer: '/address' })
      return toWire({ ...wanted, createdAt: now })
    }),
    route(removeSuppression, async ({ tx, params, actor, now }) =>
      unsuppress(tx, actor.workspaceId, params.address, params.stream ?? 'all', actorReference(actor), now),
    ),
  ]
}

function placeAfter(cursor: string | undefined): { createdAt: Date; address: string } | null {
  if (cursor === undefined) return null
  const [at = '', address = ''] = decodeCursor(LIST, cursor, [
    (part) => !Number.isNaN(Date.parse(part)),
    (part) => part.length <= 320,
  ])
  return { createdAt: new Date(at), address }
}

function toWire({ address, stream, reason, note, deliveryId, createdAt }: Suppression): SuppressionOnWire {
  return { address, stream, reason, note, delivery_id: deliveryId as DeliveryId | null, created_at: createdAt }
}

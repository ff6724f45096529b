import { expect } from 'vitest'
import { ENGINE } from '../../../src/db/database.ts'
import { append } from '../../../src/events/append.ts'
import type { EventType } from '../../../src/events/event.ts'
import { followOnce } from '../../../src/events/follow.ts'
import { receiverCounter } from '../../../src/insight/board/count-receivers.ts'
import { newId, type RouteId, type WorkspaceId } from '../../../src/lib/ids.ts'
import type { World } from '../../support/world.ts'

export interface Told {
  readonly type: Extract<EventType, `delivery.${string}`>
  readonly receiver?: string
  readonly routeId?: RouteId
  readonly workspaceId?: WorkspaceId
  readonly source?: 'dsn'
  readonly n?: number
}

/** Events as the heart writes them, at one moment: so many of each. */
export async function tell(w: World, at: Date, told: readonly Told[]): Promise<void> {
  const events = told.flatMap(({ type, receiver = 'google', routeId = w.routeId, workspaceId = w.workspaceId, source, n = 1 }) =>
    Array.from({ length: n }, () => ({
      type,
      workspaceId,
      messageId: newId(),
      deliveryId: newId(),
      data: { route_id: routeId, receiver, ...(source && { source }) },
    })),
  )
  await w.database.transaction(ENGINE, (tx) => append(tx, events, at))
}

/** Counts what can be read by now. Whoever still writes, PostgreSQL's autovacuum too, is waited for: callers poll. */
export async function count(w: World): Promise<void> {
  while ((await followOnce(w.database, receiverCounter, w.clock.now())) > 0);
}

/** The counter has read everything: a test that turned the clock far leaves nothing unread behind. */
export async function allCounted(w: World): Promise<void> {
  await expect
    .poll(
      async () => {
        await count(w)
        return await w.invariants()
      },
      { timeout: 60_000 },
    )
    .toEqual([])
}

import { sql } from 'kysely'
import pg from 'pg'
import type { UserId, WorkspaceId } from '../lib/ids.ts'
import type { ConnectionParts } from './connection.ts'
import type { Tx } from './database.ts'

/** Says "look now" to every process. Only a hint: whoever misses it looks by himself a second later. */
export interface Notifier {
  /** At most one NOTIFY every 50 ms leaves this process, however often it is called: each takes a lock that all commits share. */
  hint(): void
  /** Called for every hint of any process, this one's included. */
  onHint(listener: () => void): void
  /** Called for what any process says with `hintInside`, until the returned function is called. */
  onTold(listener: (told: Told) => void): () => void
  close(): Promise<void>
}

/** Something open pages may show that no event tells of. Like every hint it may be missed. */
export interface Told {
  readonly workspaceId: WorkspaceId
  /** Whom it concerns; null: everybody in the workspace. */
  readonly userId: UserId | null
  readonly type: string
  readonly subjectId: string
}

/** Says it to every process when the transaction commits, and not at all when it does not. */
export async function hintInside(tx: Tx, { workspaceId, userId, type, subjectId }: Told): Promise<void> {
  await sql`select pg_notify(${TOLD_CHANNEL}, ${[workspaceId, userId ?? '', type, subjectId].join(' ')})`.execute(tx)
}

function parseTold(payload: string | undefined): Told | null {
  const [workspaceId, userId, type, subjectId] = (payload ?? '').split(' ')
  if (!workspaceId || !type || !subjectId) return null
  return { workspaceId: workspaceId as WorkspaceId, userId: userId ? (userId as UserId) : null, type, subjectId }
}

const CHANNEL = 'waybill_work'
const TOLD_CHANNEL = 'waybill_told'
const EVERY_MS = 50
const RECONNECT_MS = 1_000

export function createNotifier(connection: pg.ClientConfig | ConnectionParts, pool: pg.Pool): Notifier {
  const listeners = new Set<() => void>()
  const hearers = new Set<(told: Told) => void>()
  let client: pg.Client | null = null
  let closed = false
  let pending = false
  let timer: NodeJS.Timeout | null = null

  async function listen(): Promise<void> {
    const next = new pg.Client({ ...connection, application_name: 'waybill hints', keepAlive: true })
    let isOver = false
    const again = () => {
      if (isOver) return
      isOver = true
      if (client === next) client = null
      if (!closed) setTimeout(() => void listen(), RECONNECT_MS).unref()
    }
    next.on('error', () => next.end().catch(() => {}))
    try {
      await next.connect()
      next.once('end', again)
      next.on('notification', ({ channel, payload }) => {
        const told = channel === TOLD_CHANNEL ? parseTold(payload) : null
        if (told) for (const hearer of hearers) hearer(told)
        if (channel === CHANNEL) for (const listener of listeners) listener()
      })
      await next.query(`listen ${CHANNEL}; listen ${TOLD_CHANNEL}`)
      client = next
      if (closed) await next.end()
    } catch {
      again()
    }
  }
  void listen()

  function send(): void {
    timer = null
    if (!pending || closed) return
    pending = false
    timer = setTimeout(send, EVERY_MS)
    pool.query(`notify ${CHANNEL}`).catch(() => {})
  }

  return {
    hint() {
      pending = true
      for (const listener of listeners) listener()
      if (!timer) send()
    },
    onHint: (listener) => void listeners.add(listener),
    onTold(listener) {
      hearers.add(listener)
      return () => void hearers.delete(listener)
    },
    async close() {
      closed = true
      if (timer) clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}

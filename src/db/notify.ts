import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import pg from 'pg'
import type { UserId, WorkspaceId } from '../lib/ids.ts'
import { WORK, type Work } from '../lib/work.ts'
import type { ConnectionParts } from './connection.ts'
import type { Tx } from './database.ts'

/** Says "look now" to every process. Only a hint: whoever misses it looks by himself a second later. */
export interface Notifier {
  /**
   * At most one NOTIFY every 50 ms leaves this process, however often it is called: each takes a lock that all commits share. Whoever knows what there
   * is to do says so, and the others are not woken; of what nothing is known all are.
   */
  hint(...work: readonly Work[]): void
  /** Called for every hint of any process about this kind of work: at once for those of this process, and once. */
  onHint(work: Work, listener: () => void): void
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
  const listeners: { readonly work: Work; readonly listener: () => void }[] = []
  /** What this process says comes back to it, and was heard before. */
  const self = randomUUID()
  const hearers = new Set<(told: Told) => void>()
  let client: pg.Client | null = null
  let closed = false
  const pending = new Set<Work>()
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
        const [sender, ...work] = channel === CHANNEL ? (payload ?? '').split(' ') : [self]
        if (sender !== self) tell(new Set(work))
      })
      await next.query(`listen ${CHANNEL}; listen ${TOLD_CHANNEL}`)
      client = next
      if (closed) await next.end()
    } catch {
      again()
    }
  }
  void listen()

  function tell(work: ReadonlySet<string>): void {
    for (const one of listeners) if (work.has(one.work)) one.listener()
  }

  function send(): void {
    timer = null
    if (pending.size === 0 || closed) return
    const payload = [self, ...pending].join(' ')
    pending.clear()
    timer = setTimeout(send, EVERY_MS)
    pool.query(`notify ${CHANNEL}, '${payload}'`).catch(() => {})
  }

  return {
    hint(...named) {
      const work = named.length === 0 ? WORK : named
      for (const one of work) pending.add(one)
      tell(new Set(work))
      if (!timer) send()
    },
    onHint: (work, listener) => void listeners.push({ work, listener }),
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

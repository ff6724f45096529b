import pg from 'pg'
import type { ConnectionParts } from './connection.ts'

/** Says "look now" to every process. Only a hint: whoever misses it looks by himself a second later. */
export interface Notifier {
  /** At most one NOTIFY every 50 ms leaves this process, however often it is called: each takes a lock that all commits share. */
  hint(): void
  /** Called for every hint of any process, this one's included. */
  onHint(listener: () => void): void
  close(): Promise<void>
}

const CHANNEL = 'waybill_work'
const EVERY_MS = 50
const RECONNECT_MS = 1_000

export function createNotifier(connection: pg.ClientConfig | ConnectionParts, pool: pg.Pool): Notifier {
  const listeners = new Set<() => void>()
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
      next.on('notification', () => {
        for (const listener of listeners) listener()
      })
      await next.query(`listen ${CHANNEL}`)
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
    async close() {
      closed = true
      if (timer) clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}

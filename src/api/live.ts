import { setTimeout as sleep } from 'node:timers/promises'
import type { Told } from '../db/notify.ts'
import { Refusal } from '../errors.ts'
import { endOfLog, eventsAfter, type LogPosition, type PositionedEvent } from '../events/follow.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { ServerDeps } from './deps.ts'

/**
 * The event log, told to whoever looks on: one reader for the process, only while somebody listens, at most four times a second. What it
 * says is a hint to ask again, so that it may leave things out as long as it says so (`missed`).
 */
export interface Live {
  /** Text of a `text/event-stream`, until `signal` is aborted or the server stops. */
  listen(who: Asker, lastEventId: string | null, signal: AbortSignal): AsyncIterable<string>
  close(): void
}

export interface Asker {
  readonly workspaceId: WorkspaceId
  /** The person or the key: each may have some lines open, so that nobody takes all there are. */
  readonly id: string
}

const PACE_MS = 250
const HEARTBEAT_MS = 15_000
const EVENTS_A_READ = 1_000
const LINES_A_FLUSH = 200
const MAX_LISTENERS = 200
const LINES_A_LISTENER = 20
/** Further back than this is not looked for: the log of a busy server would be read for minutes. */
const TRANSACTIONS_BACK = 100_000n
const MAX_PENDING = 20
const PAUSE_AFTER_FAILURE_MS = 2_000
const MISSED = 'event: missed\ndata: {}\n\n'
/** An event, not a comment: a browser hides comments, and its page could not tell a dead line from a quiet one. */
const HEARTBEAT = 'event: heartbeat\ndata: {}\n\n'

interface Listener extends Asker {
  readonly pending: string[]
  wake: (() => void) | null
}

export function createLive({ database, log, notifier }: Pick<ServerDeps, 'database' | 'log' | 'notifier'>): Live {
  const listeners = new Set<Listener>()
  const stopping = new AbortController()
  let reading = false
  /** Settles when the reader knows its place: what is committed from then on is told. */
  let placed: Promise<unknown> = Promise.resolve()
  const deafen = notifier.onTold((told) => {
    for (const listener of listeners) if (concerns(told, listener)) tell(listener, lineOf(told))
  })

  const read = async () => {
    const end = endOfLog(database.db)
    placed = end.catch(() => {})
    let position = await end
    while (listeners.size > 0 && !stopping.signal.aborted) {
      const events = await eventsAfter(database.db, position, null, EVENTS_A_READ)
      // More than anyone could show: go on from the end, and say so.
      const tooMany = events.length === EVENTS_A_READ
      position = tooMany ? await endOfLog(database.db) : (events.at(-1)?.position ?? position)
      for (const listener of listeners)
        tell(listener, tooMany ? MISSED : linesOf(events.filter(({ workspaceId }) => workspaceId === listener.workspaceId)))
      await sleep(PACE_MS, undefined, { signal: stopping.signal })
    }
  }
  const keepReading = async () => {
    if (reading) return
    reading = true
    while (listeners.size > 0 && !stopping.signal.aborted) {
      await read().catch(async (error: Error) => {
        if (stopping.signal.aborted) return
        log.warn({ err: error }, 'live updates pause: the event log cannot be read')
        await sleep(PAUSE_AFTER_FAILURE_MS, undefined, { signal: stopping.signal }).catch(() => {})
        for (const listener of listeners) tell(listener, MISSED)
      })
    }
    reading = false
  }

  async function* listen(who: Asker, lastEventId: string | null, signal: AbortSignal): AsyncGenerator<string> {
    const listener: Listener = { workspaceId: who.workspaceId, id: who.id, pending: [], wake: null }
    const end = AbortSignal.any([signal, stopping.signal])
    const wake = () => listener.wake?.()
    end.addEventListener('abort', wake)
    listeners.add(listener)
    void keepReading()
    try {
      // The first words open the line at the far end; whoever asks for the present state then misses nothing.
      await placed
      yield 'retry: 2000\n\n'
      yield await since(who.workspaceId, lastEventId)
      while (!end.aborted) {
        if (listener.pending.length === 0) await nextFor(listener)
        if (end.aborted) return
        yield listener.pending.splice(0).join('') || HEARTBEAT
      }
    } finally {
      end.removeEventListener('abort', wake)
      listeners.delete(listener)
    }
  }
  /** What happened while the line was down. */
  const since = async (workspaceId: WorkspaceId, lastEventId: string | null): Promise<string> => {
    const position = lastEventId === null ? null : parsePosition(lastEventId)
    if (!position) return lastEventId === null ? ': welcome\n\n' : MISSED
    const end = await endOfLog(database.db)
    const back = BigInt(end.txid) - BigInt(position.txid)
    // Of the future: the database was restored from a copy since.
    if (back > TRANSACTIONS_BACK || back < -TRANSACTIONS_BACK) return MISSED
    const events = await eventsAfter(database.db, position, workspaceId, LINES_A_FLUSH + 1)
    return linesOf(events) || ': nothing new\n\n'
  }
  return {
    listen(who, lastEventId, signal) {
      const own = [...listeners].filter(({ id }) => id === who.id).length
      if (listeners.size >= MAX_LISTENERS || own >= LINES_A_LISTENER) throw new Refusal('too_busy', { retryAfterSeconds: 30 })
      return listen(who, lastEventId, signal)
    },
    close() {
      deafen()
      stopping.abort()
    },
  }
}

function concerns({ workspaceId, userId }: Told, listener: Asker): boolean {
  return listener.workspaceId === workspaceId && (userId === null || userId === listener.id)
}

/** No place of the log: whoever missed it asks again anyhow when the line is back. */
function lineOf({ type, subjectId }: Told): string {
  const data = JSON.stringify({ type, message_id: null, delivery_id: null, subject_id: subjectId })
  return `event: changed\ndata: ${data}\n\n`
}

/** A listener that does not take what it is told is told that it missed something, once. */
function tell(listener: Listener, text: string): void {
  if (text === '') return
  if (listener.pending.length >= MAX_PENDING) listener.pending.splice(0, Number.POSITIVE_INFINITY, MISSED)
  else listener.pending.push(text)
  listener.wake?.()
}

/** Until there is something to say, or the line would seem dead. */
async function nextFor(listener: Listener): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>((resolve) => {
    listener.wake = resolve
    timer = setTimeout(resolve, HEARTBEAT_MS)
  })
  clearTimeout(timer)
  listener.wake = null
}

/** One event for each thing that changed, however often it did; the last place of the log as its id. */
function linesOf(events: readonly PositionedEvent[]): string {
  if (events.length > LINES_A_FLUSH) return MISSED
  const changes = new Map<string, { data: string; position: LogPosition }>()
  for (const { type, messageId, deliveryId, subjectId, position } of events) {
    const data = JSON.stringify({ type, message_id: messageId, delivery_id: deliveryId, subject_id: subjectId })
    changes.delete(data)
    changes.set(data, { data, position })
  }
  return [...changes.values()]
    .map(({ data, position }) => `event: changed\nid: ${position.txid}-${position.seq}\ndata: ${data}\n\n`)
    .join('')
}

function parsePosition(text: string): LogPosition | null {
  const [, txid, seq] = /^(\d{1,20})-(\d{1,19})$/.exec(text) ?? []
  if (txid === undefined || seq === undefined) return null
  return BigInt(txid) < 2n ** 64n && BigInt(seq) < 2n ** 63n ? { txid, seq } : null
}

import { connect, createServer, type Server, type Socket } from 'node:net'

export interface DelayProxyOptions {
  readonly to: { readonly host?: string; readonly port: number }
  /** Added to every byte in each direction: a round trip takes twice as long. */
  readonly oneWayMs?: number
  /** What the wire carries in each direction, all connections together. */
  readonly bytesPerSecond?: number
  /** Looks at what passes, with the bytes of this direction so far on this connection. */
  readonly onBytes?: (passing: Passing) => Verdict
}

export interface Passing {
  readonly direction: 'up' | 'down'
  readonly bytes: Buffer
  /** Before these. */
  readonly passedBytes: number
  readonly connection: number
}

/**
 * `cut`: these bytes do not pass and the connection breaks. `pass_and_cut`: they are the last. `swallow`: they and all others vanish.
 * `stall`: they pass and no others are read, so that the writer's buffers fill.
 */
export type Verdict = 'pass' | 'cut' | 'pass_and_cut' | 'swallow' | 'stall'

export interface DelayProxy extends AsyncDisposable {
  readonly port: number
  readonly connections: number
  /** Breaks every connection; new ones are accepted. */
  cutAll(): void
  /** From now on nothing passes, in either direction, and nobody is told. */
  blackHole(): void
  heal(): void
  /** Resolves when something vanished in the black hole. */
  whenSwallowing(): Promise<void>
  close(): Promise<void>
}

/** Bytes kept for one direction before the reading stops; on a narrow wire few, so that the writer feels how narrow it is. */
const MAX_QUEUED = 4 * 1024 * 1024
const MAX_QUEUED_NARROW = 8 * 1024
/** A narrow wire carries pieces, so that connections take turns on it. */
const PIECE = 256

/** A wire that is longer than this machine, and breaks when it is told to. */
export async function delayProxy(options: DelayProxyOptions): Promise<DelayProxy> {
  const state = {
    count: 0,
    dark: false,
    open: new Set<Socket>(),
    swallowed: Promise.withResolvers<void>(),
    freeAtMs: { up: 0, down: 0 },
  }
  const server = createServer((client) => {
    state.count += 1
    const far = connect({ host: options.to.host ?? '127.0.0.1', port: options.to.port, noDelay: true })
    client.setNoDelay(true)
    const close = (how: 'destroy' | 'resetAndDestroy'): void => {
      for (const socket of [client, far]) {
        state.open.delete(socket)
        if (!socket.destroyed) socket[how]()
      }
    }
    const shared = { options, state, connection: state.count, close }
    new Line(client, far, 'up', shared)
    new Line(far, client, 'down', shared)
    for (const socket of [client, far]) {
      state.open.add(socket)
      socket.on('error', () => close('resetAndDestroy'))
    }
  })
  const port = await listening(server)
  const close = async (): Promise<void> => {
    for (const socket of state.open) socket.destroy()
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
  }
  return {
    port,
    get connections() {
      return state.count
    },
    cutAll: () => {
      for (const socket of state.open) socket.resetAndDestroy()
    },
    blackHole: () => {
      state.dark = true
    },
    heal: () => {
      state.dark = false
    },
    whenSwallowing: () => state.swallowed.promise,
    close,
    [Symbol.asyncDispose]: close,
  }
}

interface Shared {
  readonly options: DelayProxyOptions
  readonly state: {
    readonly dark: boolean
    readonly swallowed: PromiseWithResolvers<void>
    /** When each direction of a narrow wire has carried what it was given. */
    readonly freeAtMs: { up: number; down: number }
  }
  readonly connection: number
  close(how: 'destroy' | 'resetAndDestroy'): void
}

/** One direction: bytes arrive, wait their time, and leave in order. One timer serves the whole queue. */
class Line {
  readonly #from: Socket
  readonly #to: Socket
  readonly #direction: 'up' | 'down'
  readonly #shared: Shared
  #queue: { readonly bytes: Buffer | null; readonly dueAtMs: number }[] = []
  #queuedBytes = 0
  #passedBytes = 0
  #timer: NodeJS.Timeout | null = null
  #swallowing = false
  #isFull = false

  constructor(from: Socket, to: Socket, direction: 'up' | 'down', shared: Shared) {
    this.#from = from
    this.#to = to
    this.#direction = direction
    this.#shared = shared
    from.on('data', (bytes: Buffer) => this.#arrive(bytes))
    from.on('end', () => this.#enqueue(null))
  }

  #arrive(bytes: Buffer): void {
    const { options, state, connection } = this.#shared
    if (this.#swallowing || state.dark) {
      state.swallowed.resolve()
      return
    }
    const passing = { direction: this.#direction, bytes, passedBytes: this.#passedBytes, connection }
    const verdict = options.onBytes?.(passing) ?? 'pass'
    this.#passedBytes += bytes.length
    if (verdict === 'cut') this.#shared.close('resetAndDestroy')
    if (verdict === 'swallow') this.#swallowing = true
    if (verdict === 'stall') this.#from.pause()
    if (verdict === 'pass' || verdict === 'pass_and_cut' || verdict === 'stall') this.#enqueue(bytes)
    if (verdict === 'pass_and_cut') this.#to.end(() => this.#shared.close('resetAndDestroy'))
  }

  #enqueue(bytes: Buffer | null): void {
    const { oneWayMs = 0, bytesPerSecond } = this.#shared.options
    if (oneWayMs === 0 && bytesPerSecond === undefined) {
      this.#leave(bytes)
      return
    }
    if (bytesPerSecond === undefined || bytes === null) this.#add(bytes, performance.now() + oneWayMs)
    else {
      for (let at = 0; at < bytes.length; at += PIECE) {
        const piece = bytes.subarray(at, at + PIECE)
        this.#add(piece, this.#carriedAtMs(piece.length, bytesPerSecond) + oneWayMs)
      }
    }
    if (this.#queuedBytes > this.#maxQueued) {
      this.#isFull = true
      this.#from.pause()
    }
  }

  /** In order, whatever ends a connection too: not before the last byte. */
  #add(bytes: Buffer | null, atMs: number): void {
    const dueAtMs = Math.max(atMs, this.#queue.at(-1)?.dueAtMs ?? 0)
    this.#queue.push({ bytes, dueAtMs })
    this.#queuedBytes += bytes?.length ?? 0
    this.#timer ??= setTimeout(() => this.#release(), Math.max(dueAtMs - performance.now(), 0))
  }

  #carriedAtMs(length: number, bytesPerSecond: number): number {
    const { freeAtMs } = this.#shared.state
    freeAtMs[this.#direction] = Math.max(performance.now(), freeAtMs[this.#direction]) + (length / bytesPerSecond) * 1_000
    return freeAtMs[this.#direction]
  }

  get #maxQueued(): number {
    return this.#shared.options.bytesPerSecond === undefined ? MAX_QUEUED : MAX_QUEUED_NARROW
  }

  #release(): void {
    this.#timer = null
    const nowMs = performance.now()
    let due = 0
    while ((this.#queue[due]?.dueAtMs ?? Number.POSITIVE_INFINITY) <= nowMs + 0.5) due += 1
    for (const { bytes } of this.#queue.splice(0, due)) {
      this.#queuedBytes -= bytes?.length ?? 0
      this.#leave(bytes)
    }
    if (this.#isFull && this.#queuedBytes <= this.#maxQueued) {
      this.#isFull = false
      this.#from.resume()
    }
    const next = this.#queue[0]
    if (next) this.#timer = setTimeout(() => this.#release(), Math.max(next.dueAtMs - nowMs, 1))
  }

  #leave(bytes: Buffer | null): void {
    if (this.#to.destroyed) return
    if (bytes === null) this.#to.end()
    else this.#to.write(bytes)
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return address.port
}

import { createServer, type Server, type Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { SECOND } from '../lib/clock.ts'
import { waitUntil } from '../lib/wait.ts'
import type { Log } from '../log.ts'
import type { Policy } from './policy.ts'
import { formatReply, reply } from './protocol/reply.ts'
import { Session } from './session.ts'

export interface SmtpServerSettings {
  readonly policy: Policy
  readonly hostname: string
  readonly implicitTls: boolean
  secureContext(): SecureContext | null
  monotonicMs(): number
  readonly log: Log
  readonly limits?: Partial<SmtpServerLimits>
}

export interface SmtpServerLimits {
  readonly connections: number
  /** Behind one address there may be a whole office, or one host with twenty applications. */
  readonly connectionsAnAddress: number
}

const LIMITS: SmtpServerLimits = { connections: 1_000, connectionsAnAddress: 250 }
const TICK_MS = SECOND

/** A port that speaks SMTP: it takes connections, as many as it may, and ends those that take too long. */
export class SmtpServer {
  readonly #settings: SmtpServerSettings
  readonly #limits: SmtpServerLimits
  readonly #server: Server
  readonly #sessions = new Map<Session, string>()
  readonly #byAddress = new Map<string, number>()
  #ticker: NodeJS.Timeout | undefined

  constructor(settings: SmtpServerSettings) {
    this.#settings = settings
    this.#limits = { ...LIMITS, ...settings.limits }
    this.#server = createServer((socket) => this.#serve(socket))
    this.#server.on('error', (error) =>
      settings.log.warn({ err: error, port: settings.policy.name }, 'An SMTP port had a fault.'),
    )
  }

  get connections(): number {
    return this.#sessions.size
  }

  /** Resolves with the port it really has. */
  async listen(place: { readonly host: string; readonly port: number }): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(place, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    const { monotonicMs } = this.#settings
    this.#ticker = setInterval(() => {
      const nowMs = monotonicMs()
      for (const session of [...this.#sessions.keys()]) session.onTick(nowMs)
    }, TICK_MS)
    this.#ticker.unref()
    const address = this.#server.address()
    return address !== null && typeof address === 'object' ? address.port : place.port
  }

  /** Takes nobody any more, and lets what has begun come to its end for so long. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    const sendIdleAway = () => {
      for (const session of [...this.#sessions.keys()])
        if (session.isIdle) session.leave('4.3.2', 'This server is being stopped. Try again in a moment.')
      return this.#sessions.size === 0
    }
    await waitUntil(sendIdleAway, { limitMs: graceMs, everyMs: 20 })
    clearInterval(this.#ticker)
    for (const session of [...this.#sessions.keys()]) session.destroy()
    // A socket that says goodbye keeps the server; it is cut off within seconds, and nobody waits for it.
    this.#server.unref()
    await Promise.race([closed, waitUntil(() => false, { limitMs: 50 })])
  }

  #serve(socket: Socket): void {
    const address = socket.remoteAddress ?? ''
    const before = this.#byAddress.get(address) ?? 0
    if (this.#sessions.size >= this.#limits.connections || before >= this.#limits.connectionsAnAddress) {
      socket.on('error', () => {})
      // Over implicit TLS nothing can be said before a handshake, which is what there is no room for.
      socket.end(
        this.#settings.implicitTls ? '' : formatReply(reply(421, '4.3.2', 'Too many connections. Try again in a moment.')),
      )
      setTimeout(() => socket.destroy(), 5 * SECOND).unref()
      return
    }
    this.#byAddress.set(address, before + 1)
    const { log, policy } = this.#settings
    const session: Session = new Session(socket, {
      ...this.#settings,
      onFault: (error) => log.error({ err: error, port: policy.name }, 'A mail could not be taken in because of a fault.'),
      onEnd: (ended) => {
        if (this.#sessions.has(ended)) this.#forget(ended, address)
      },
    })
    if (session.isOver) this.#forget(session, address)
    else this.#sessions.set(session, address)
  }

  #forget(session: Session, address: string): void {
    this.#sessions.delete(session)
    const left = (this.#byAddress.get(address) ?? 1) - 1
    if (left > 0) this.#byAddress.set(address, left)
    else this.#byAddress.delete(address)
  }
}

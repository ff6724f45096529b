import { type Database, ENGINE } from '../db/database.ts'
import { clearEverywhere, raiseEverywhere } from '../incidents/incidents.ts'
import { type Clock, SECOND } from '../lib/clock.ts'
import type { Log } from '../log.ts'
import type { Policy } from './policy.ts'
import { SmtpServer, type SmtpServerSettings } from './server.ts'

export interface PortWanted {
  readonly policy: Policy
  readonly implicitTls: boolean
  /** 0: switched off. */
  readonly port: number
  /** Where it can be changed. */
  readonly variable: string
  /** For people: what nobody can do while it is closed. */
  readonly purpose: string
}

export interface PortsDeps extends Pick<SmtpServerSettings, 'hostname' | 'secureContext'> {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly host: string
}

export interface SmtpPorts {
  /** Sentences about ports that could not be taken; empty when all is well. */
  troubles(): readonly string[]
  close(graceMs: number): Promise<void>
}

/** Who holds the port may let go of it. */
const AGAIN_MS = 15 * SECOND

/**
 * Opens the SMTP ports. One that cannot be had is told to people and tried again, and stops nothing else: the mail that waits, the console and the
 * other ports do not need it.
 */
export async function openPorts(wanted: readonly PortWanted[], deps: PortsDeps): Promise<SmtpPorts> {
  const ports = wanted.filter(({ port }) => port !== 0).map((one) => new Port(one, deps))
  await Promise.all(ports.map((port) => port.open()))
  return {
    troubles: () => ports.flatMap(({ trouble }) => (trouble === null ? [] : [trouble])),
    async close(graceMs) {
      await Promise.all(ports.map((port) => port.close(graceMs)))
    },
  }
}

class Port {
  trouble: string | null = null
  readonly #wanted: PortWanted
  readonly #deps: PortsDeps
  #server: SmtpServer | null = null
  #again: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(wanted: PortWanted, deps: PortsDeps) {
    this.#wanted = wanted
    this.#deps = deps
  }

  async open(): Promise<void> {
    const { host, log } = this.#deps
    const { policy, implicitTls, port } = this.#wanted
    const server = new SmtpServer({ ...this.#deps, policy, implicitTls, monotonicMs: () => this.#deps.clock.monotonicMs() })
    const before = this.trouble
    try {
      await server.listen({ host, port })
      this.#server = server
      this.trouble = null
    } catch (error) {
      this.trouble = this.#explain(error as NodeJS.ErrnoException)
      if (!this.#isClosed) {
        this.#again = setTimeout(() => void this.open(), AGAIN_MS)
        this.#again.unref()
      }
    }
    if (this.#isClosed) return await this.close(0)
    if (this.trouble !== before && this.trouble !== null) log.warn({ port }, this.trouble)
    else if (before !== null && this.trouble === null) log.info({ port }, 'The SMTP port could be taken after all.')
    // At every start, so that an incident of the process before ends, too.
    await this.#tell().catch((error: unknown) => log.warn({ err: error }, 'The state of an SMTP port could not be recorded.'))
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#again)
    await this.#server?.close(graceMs)
  }

  async #tell(): Promise<void> {
    const { database, clock } = this.#deps
    const { variable, port } = this.#wanted
    const [key, now, sentence] = [`smtp.port:${variable}`, clock.now(), this.trouble]
    await database.transaction(ENGINE, async (tx) => {
      if (sentence === null) return await clearEverywhere(tx, key, now)
      await raiseEverywhere(
        tx,
        {
          key,
          kind: 'smtp.port',
          severity: 'warning',
          title: `SMTP port ${port} is closed`,
          sentence,
          hint: `Stop what holds the port, or choose another one with ${variable}; 0 switches it off. It is tried again every ${AGAIN_MS / SECOND} seconds.`,
          subject: null,
          evidence: { port, variable },
        },
        now,
      )
    })
  }

  #explain({ code, message }: NodeJS.ErrnoException): string {
    const { port, purpose, variable } = this.#wanted
    const why =
      code === 'EADDRINUSE'
        ? 'another program listens on it'
        : code === 'EACCES'
          ? "this user may not listen on it (ports below 1024 are root's)"
          : message
    return `Port ${port} (${variable}) is closed, since ${why}: ${purpose}`
  }
}

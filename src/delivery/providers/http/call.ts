import { type Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import type { Ending } from '../smtp/ending.ts'
import type { ConnectionFacts } from './connect.ts'
import { type ApiTimeouts, MAX_ANSWER_BYTES } from './options.ts'

/** One request to an API. */
export interface ApiCall {
  readonly method: 'GET' | 'POST'
  /** Below the base address, with its query. */
  readonly path: string
  /** Asked in the moment the request is written, so that a signature is never older than that. */
  headers(): Readonly<Record<string, string>>
  readonly body: Buffer | null
  /** As in Handoff: asked before the first byte, told after the last. */
  mayLeave?(): true | Promise<boolean>
  bodyLeft?(): void
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** At most MAX_ANSWER_BYTES. */
  readonly text: string
  /** False when the end of the answer did not come, or was beyond the limit. */
  readonly whole: boolean
}

/** How a call ended. `unsent`: nothing of it left, nothing is wrong, it simply goes again. */
export type CallEnd = { readonly facts: ConnectionFacts | null; readonly stagesMs: Readonly<Record<string, number>> } & (
  | { readonly kind: 'answered'; readonly answer: ApiAnswer }
  | { readonly kind: 'ended'; readonly ending: Ending; readonly address: string | null }
  | { readonly kind: 'unsent'; readonly why: string }
)

/** What the agent tells of a connection that did not come to be. */
export class NoConnection extends Error {
  readonly ending: Ending
  readonly address: string | null
  constructor(ending: Ending, address: string | null) {
    super('no connection')
    this.ending = ending
    this.address = address
  }
}

interface Deps {
  readonly agent: Agent
  readonly host: string
  readonly port: number
  readonly prefix: string
  readonly hostHeader: string
  readonly timeouts: ApiTimeouts
  readonly monotonicMs: () => number
  factsOf(socket: Socket): ConnectionFacts | null
}

type Outcome =
  | { kind: 'answered'; answer: ApiAnswer }
  | { kind: 'ended'; ending: Ending; address: string | null }
  | { kind: 'unsent'; why: string }

/** A call under way: from waiting for a connection to the end of the answer. Ends exactly once, whatever happens. */
export class Call {
  readonly ended: Promise<CallEnd>
  readonly #call: ApiCall
  readonly #deps: Deps
  readonly #resolve: (end: CallEnd) => void
  readonly #request: ClientRequest
  #over = false
  #facts: ConnectionFacts | null = null
  #reused = false
  #left = false
  #timer: NodeJS.Timeout | undefined
  #stagesMs: Record<string, number> = {}
  #stageAt = 0

  constructor(call: ApiCall, deps: Deps) {
    this.#call = call
    this.#deps = deps
    const { promise, resolve } = Promise.withResolvers<CallEnd>()
    this.ended = promise
    this.#resolve = resolve
    const { agent, host, port, prefix, hostHeader } = deps
    this.#request = request({
      agent,
      host,
      port,
      method: call.method,
      path: `${prefix}${call.path}`,
      headers: { host: hostHeader },
      setHost: false,
    })
    this.#request.on('error', (error) => this.#fail(error))
    this.#request.on('close', () => this.#fail(new Error('the server closed the connection')))
    this.#request.on('response', (response) => this.#read(response))
    this.#request.on('socket', (socket) => void this.#begin(socket))
  }

  /** The provider closes: what has not left simply goes again, what has left was not heard of. */
  abort(why: string): void {
    this.#end(this.#left ? this.#lost('CLOSED', why) : { kind: 'unsent', why })
  }

  async #begin(socket: Socket): Promise<void> {
    if (this.#over) return
    this.#reused = this.#request.reusedSocket
    this.#facts = this.#deps.factsOf(socket)
    if (!this.#reused) this.#stagesMs = { ...this.#facts?.stagesMs }
    if (!(await this.#isPermitted())) return
    // The far end's goodbye may have come and not been read yet: one look, or what is written now is lost without a word.
    if (this.#reused) await new Promise((resolve) => setImmediate(resolve))
    if (this.#over) return
    try {
      for (const [name, value] of Object.entries(this.#call.headers())) this.#request.setHeader(name, value)
      if (this.#call.body) this.#request.setHeader('content-length', this.#call.body.length)
    } catch (error) {
      const message = (error as Error).message
      this.#end({ kind: 'ended', address: null, ending: { stage: 'config', kind: 'unable', lack: 'configuration', message } })
      return
    }
    this.#stageAt = this.#deps.monotonicMs()
    this.#wait('request', 'the request could not be written')
    this.#request.once('finish', () => this.#onWritten(socket))
    this.#request.end(this.#call.body ?? undefined)
  }

  async #isPermitted(): Promise<boolean> {
    try {
      const permit = this.#call.mayLeave?.() ?? true
      if (permit === true || (await permit)) return true
      this.#end({ kind: 'unsent', why: 'another process took this delivery over' })
    } catch (error) {
      this.#end({ kind: 'unsent', why: `the permission to send could not be had: ${(error as Error).message}` })
    }
    return false
  }

  /** The operating system has every byte. Node says so as well of a connection that broke before it took them. */
  #onWritten(socket: Socket): void {
    if (this.#over || socket.destroyed || socket.errored) return
    this.#left = true
    this.#stage('request')
    this.#call.bodyLeft?.()
    this.#wait('answer', 'no answer')
  }

  #read(response: IncomingMessage): void {
    if (this.#over) return
    this.#stage('answer')
    this.#wait('reading', 'the answer did not end')
    const { statusCode: status = 0, headers } = response
    const chunks: Buffer[] = []
    let bytes = 0
    const finish = (whole: boolean): void =>
      this.#end({ kind: 'answered', answer: { status, headers, text: Buffer.concat(chunks).toString('utf8'), whole } })
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= MAX_ANSWER_BYTES) chunks.push(chunk)
      else finish(false)
    })
    response.once('end', () => finish(response.complete))
    response.on('error', () => finish(false))
    response.once('close', () => finish(false))
  }

  #fail(error: Error): void {
    if (error instanceof NoConnection) this.#end({ kind: 'ended', ending: error.ending, address: error.address })
    // Closed while it was idle, which is nobody's fault: the next connection is a new one.
    else if (!this.#left && this.#reused) this.#end({ kind: 'unsent', why: 'the connection had been closed while it was idle' })
    else this.#end(this.#lost((error as NodeJS.ErrnoException).code ?? 'CLOSED', error.message))
  }

  #lost(code: string, message: string): Outcome {
    const ending: Ending = { stage: this.#left ? 'dot' : 'body', kind: 'lost', code, message, bodySent: this.#left }
    return { kind: 'ended', ending, address: this.#facts?.address ?? null }
  }

  #wait(phase: 'request' | 'answer' | 'reading', what: string): void {
    const limitMs = this.#deps.timeouts[phase]
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#end(this.#lost('TIMEOUT', `${what} within ${limitMs / 1000} s`)), limitMs)
  }

  #stage(name: string): void {
    const nowMs = this.#deps.monotonicMs()
    this.#stagesMs[name] = Math.round(nowMs - this.#stageAt)
    this.#stageAt = nowMs
  }

  #end(outcome: Outcome): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    // Only a whole answer leaves the connection in a state in which it can be used again.
    if (outcome.kind !== 'answered' || !outcome.answer.whole) this.#request.destroy()
    this.#resolve({ ...outcome, facts: this.#facts, stagesMs: this.#stagesMs })
  }
}

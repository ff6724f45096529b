import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Certificate } from './tls.ts'

export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Which connection it came on, counted from 1. */
  readonly connection: number
}

/** What the server does with a request: answers, stays silent, or breaks the connection before or after it has read everything. */
export type ApiAct =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string | object }
  | 'silence'
  | 'reset'
  | 'reset at once'
  | 'half an answer'

export type Answering = (request: ReceivedRequest) => ApiAct | Promise<ApiAct>

/** The far end of an API: an HTTP server on this machine that does what its script says and remembers what it saw. */
export class ScriptedApi implements AsyncDisposable {
  readonly requests: ReceivedRequest[] = []
  readonly #answer: Answering
  readonly #next: ApiAct[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #watchers = new Set<() => void>()
  readonly #secure: boolean
  connections = 0
  port = 0

  constructor(answer: Answering, certificate?: Certificate) {
    this.#answer = answer
    this.#secure = certificate !== undefined
    this.#server = certificate ? createTlsServer({ ...certificate }) : createServer()
    this.#server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      if (this.#next[0] === 'reset at once') {
        this.#next.shift()
        request.socket.resetAndDestroy()
        return
      }
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('error', () => {})
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request
        const connection = connectionOf.get(request.socket) ?? 0
        void this.#take({ method, path, headers, connection, body: Buffer.concat(chunks) }, response)
      })
    })
    const connectionOf = new WeakMap<Socket, number>()
    this.#server.on(certificate ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.connections += 1
      connectionOf.set(socket, this.connections)
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {})
    })
  }

  get url(): string {
    return `${this.#secure ? 'https' : 'http'}://127.0.0.1:${this.port}`
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(this.port, '127.0.0.1', resolve)
    })
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no port')
    this.port = address.port
    return this
  }

  /** The next requests are treated so, in order; then the usual again. */
  next(...acts: ApiAct[]): void {
    this.#next.push(...acts)
  }

  /** Settled when so many requests have been read. */
  async seen(count: number): Promise<void> {
    while (this.requests.length < count) {
      await new Promise<void>((resolve) => this.#watchers.add(resolve))
    }
  }

  /** Closes what is idle, as servers do after a while. */
  dropConnections(): Promise<void> {
    const gone = [...this.#sockets].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())))
    for (const socket of this.#sockets) socket.destroy()
    return Promise.all(gone).then(() => {})
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #take(request: ReceivedRequest, response: ServerResponse): Promise<void> {
    const act = this.#next.shift() ?? (await this.#answer(request))
    this.requests.push(request)
    for (const tell of this.#watchers) tell()
    this.#watchers.clear()
    if (act === 'silence') return
    if (act === 'reset' || act === 'reset at once') {
      response.socket?.resetAndDestroy()
      return
    }
    if (act === 'half an answer') {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"MessageId": "1', () => response.socket?.destroy())
      return
    }
    const text = typeof act.body === 'string' ? act.body : JSON.stringify(act.body)
    response.writeHead(act.status, { 'content-type': 'application/json', ...act.headers })
    response.end(text)
  }
}

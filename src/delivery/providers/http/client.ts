import { Agent } from 'node:http'
import type { Socket } from 'node:net'
import type { Resolver } from '../../../dns/resolver.ts'
import type { Clock } from '../../../lib/clock.ts'
import { createLimiter } from '../../../lib/limiter.ts'
import { inTime } from '../../../lib/wait.ts'
import { type ApiCall, Call, type CallEnd, NoConnection } from './call.ts'
import { type ConnectionFacts, connectTo, placeOf } from './connect.ts'
import { type ApiOptions, IDLE_MS, MAX_CALLS } from './options.ts'

export interface ApiDeps {
  readonly resolver: Resolver
  readonly clock: Clock
}

/**
 * A client of one provider's API: HTTP/1.1 over at most so many connections, each phase with a time of its own, answers of a limited size,
 * no redirect ever followed. It knows at every moment whether the body may have left, which is what a queue needs to know.
 */
export interface ApiClient {
  readonly host: string
  readonly port: number
  /** Never rejects. */
  call(call: ApiCall): Promise<CallEnd>
  /** Finish what is under way within `graceMs`, then close every connection. */
  close(graceMs: number): Promise<void>
}

export function createApiClient(options: ApiOptions, { resolver, clock }: ApiDeps): ApiClient {
  const { host, port } = placeOf(options.baseUrl)
  const url = new URL(options.baseUrl)
  const facts = new WeakMap<Socket, ConnectionFacts>()
  const monotonicMs = () => clock.monotonicMs()
  const agent = new Agent({
    keepAlive: true,
    maxSockets: options.maxConnections,
    maxFreeSockets: options.maxConnections,
    timeout: IDLE_MS,
  })
  // The agent shares out connections; how one comes to be is ours.
  agent.createConnection = (_, done) => {
    connectTo(options, resolver, monotonicMs).then(
      (made) => {
        if ('ending' in made) return void done?.(new NoConnection(made.ending, made.address), undefined as never)
        facts.set(made.socket, made.facts)
        done?.(null, made.socket)
      },
      (error: Error) => done?.(error, undefined as never),
    )
    return undefined
  }
  const deps = {
    agent,
    host,
    port,
    prefix: url.pathname.replace(/\/$/, ''),
    hostHeader: url.host,
    timeouts: options.timeouts,
    monotonicMs,
    factsOf: (socket: Socket) => facts.get(socket) ?? null,
  }
  const calls = new Set<Call>()
  // The agent counts a connection only when it stands, so it would open one for every call that waits.
  const limiter = createLimiter({ concurrency: options.maxConnections, waiting: MAX_CALLS })
  let closing: Promise<void> | null = null

  async function close(graceMs: number): Promise<void> {
    await inTime(Promise.all([...calls].map((call) => call.ended)), graceMs)
    for (const call of calls) call.abort('the route is being closed')
    agent.destroy()
  }
  async function make(wanted: ApiCall): Promise<CallEnd> {
    if (closing) return unsent('the route is being closed')
    const call = new Call(wanted, deps)
    calls.add(call)
    const end = await call.ended
    calls.delete(call)
    return end
  }

  return {
    host,
    port,
    call: (wanted) => limiter.run(() => make(wanted)) ?? Promise.resolve(unsent('too many calls wait for this route')),
    close: (graceMs) => (closing ??= close(graceMs)),
  }
}

function unsent(why: string): CallEnd {
  return { kind: 'unsent', why, facts: null, stagesMs: {} }
}

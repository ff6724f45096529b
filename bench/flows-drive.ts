/** Drives a peer: its process, and the requests that reach it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { type Ask, BENCH_KEY, type Counts, type PeerInput } from './flows.ts'

export type PeerName = 'waybill' | 'dbos' | 'graphile'

export interface Driven {
  readonly pid: number
  /** Tells so many events, so many at a time, or so many a second; back when all were answered 202. */
  tell(name: string, keys: readonly string[], pace: { readonly atOnce: number } | { readonly perSecond: number }): Promise<void>
  ask<T>(ask: Ask): Promise<T>
  /** Looks until it is so. */
  until(isSo: (counts: Counts) => boolean): Promise<void>
  kill(): Promise<void>
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 100
const LIMIT_MS = 600_000

export async function drive(peer: PeerName, input: PeerInput): Promise<Driven> {
  const file = new URL(`./flows-${peer}.ts`, import.meta.url)
  // What libraries print is no figure.
  const child = fork(file, [JSON.stringify(input)], { stdio: ['ignore', 2, 'inherit', 'ipc'] })
  const { port } = await answerOf<{ port: number }>(child)
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const post = (name: string, key: string) => postEvent(agent, port, { name, key, payload: { amount: 120 } })
  const ask = async <T>(asked: Ask): Promise<T> => {
    child.send(asked)
    return await answerOf<T>(child)
  }
  return {
    pid: child.pid as number,
    ask,
    async tell(name, keys, pace) {
      if ('perSecond' in pace) return await evenly(keys, pace.perSecond, (key) => post(name, key))
      let next = 0
      const one = async () => {
        while (next < keys.length) await post(name, keys[next++] as string)
      }
      await Promise.all(Array.from({ length: pace.atOnce }, one))
    },
    async until(isSo) {
      const endsMs = performance.now() + LIMIT_MS
      while (!isSo(await ask<Counts>({ ask: 'counts' }))) {
        if (performance.now() > endsMs)
          throw new Error(`${peer} does not get there: ${JSON.stringify(await ask({ ask: 'counts' }))}`)
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
      }
    },
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
      agent.destroy()
    },
    async stop() {
      await ask({ ask: 'stop' })
      if (child.exitCode === null) await once(child, 'exit')
      agent.destroy()
    },
  }
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const message = await new Promise<{ error?: string }>((resolve, reject) => {
    const gone = (code: number | null) => reject(new Error(`a bench process ended with ${code}`))
    child.once('exit', gone)
    child.once('message', (answer) => {
      child.off('exit', gone)
      resolve(answer as { error?: string })
    })
  })
  if (message.error !== undefined) throw new Error(message.error)
  return message as T
}

/** At its time, however long those before it take. */
async function evenly(keys: readonly string[], perSecond: number, post: (key: string) => Promise<void>): Promise<void> {
  const startedMs = performance.now()
  const under: Promise<void>[] = []
  for (const [nth, key] of keys.entries()) {
    const waitMs = startedMs + (nth * 1_000) / perSecond - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    under.push(post(key))
  }
  await Promise.all(under)
}

function postEvent(agent: Agent, port: number, event: object): Promise<void> {
  const body = JSON.stringify(event)
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ agent, port, host: '127.0.0.1', method: 'POST', path: '/v1/events' },
        headers: {
          authorization: `Bearer ${BENCH_KEY}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        response.resume()
        response.once('end', () => {
          if (response.statusCode === 202) resolve()
          else reject(new Error(`an event was answered ${response.statusCode}`))
        })
      },
    )
    sent.once('error', reject)
    sent.end(body)
  })
}

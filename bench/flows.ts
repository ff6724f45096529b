/** What Waybill and its peers are asked alike: flows that are begun, and go on, by requests over HTTP. */
import { readFile } from 'node:fs/promises'
import { answerParent, childInput } from './child.ts'

export interface PeerInput {
  /** A database of its own, on the server that all share. */
  readonly url: string
  readonly connections: number
}

export interface Counts {
  /** How often flows have gone on by an event. */
  readonly passed: number
  readonly waiting: number
  /** How many are through. */
  readonly completed: number
}

/** What the parent asks a peer's process, one after another. */
export interface FlowPeer {
  readonly port: number
  counts(): Promise<Counts>
  /** So many flows of `steps` steps each, handed in by the fastest way there is, without HTTP. */
  fill?(flows: number, steps: number): Promise<void>
  /** The event that so many waiting flows wait for, by the fastest way there is. */
  resume?(flows: number): Promise<void>
  latencies?(): Promise<readonly number[]>
  stop(): Promise<void>
}

export type Ask =
  | { readonly ask: 'counts' | 'cpu' | 'latencies' | 'stop' }
  | { readonly ask: 'fill'; readonly flows: number; readonly steps: number }
  | { readonly ask: 'resume'; readonly flows: number }

export const INSTANT_STEPS = 5
export const WAITING_STEPS = 5
export const LONG_STEPS = 40
export const BENCH_KEY = 'k'.repeat(40)

export function peerInput(): PeerInput {
  return childInput<PeerInput>()
}

/** Says where it listens, and then answers what it is asked. */
export function serveParent(peer: FlowPeer): void {
  process.on('message', (ask: Ask) => {
    void answer(peer, ask).then(answerParent, (error: Error) => answerParent({ error: error.message }))
  })
  // Who asked is gone.
  process.once('disconnect', () => process.exit(1))
  answerParent({ port: peer.port })
}

async function answer(peer: FlowPeer, ask: Ask): Promise<object> {
  switch (ask.ask) {
    case 'counts':
      return await peer.counts()
    case 'cpu': {
      const { user, system } = process.cpuUsage()
      return { microseconds: user + system }
    }
    case 'fill':
      await peer.fill?.(ask.flows, ask.steps)
      return {}
    case 'resume':
      await peer.resume?.(ask.flows)
      return {}
    case 'latencies':
      return { ms: (await peer.latencies?.()) ?? [] }
    case 'stop':
      await peer.stop()
      setImmediate(() => process.exit(0))
      return {}
  }
}

/** Processor time of a process and of all that it started, in microseconds, as Linux tells it; null elsewhere. */
export async function timeOfFamily(pid: number): Promise<number | null> {
  const own = await ticksOf(pid)
  if (own === null) return null
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')).split(' ').filter(Boolean)
  const theirs = await Promise.all(children.map((child) => ticksOf(Number(child))))
  return theirs.reduce<number>((sum, ticks) => sum + (ticks ?? 0), own) * 10_000
}

/** Of itself, and of its children that have ended. */
async function ticksOf(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  const [user = 0, system = 0, ended = 0, endedSystem = 0] = (text.split(') ')[1] ?? '').split(' ').slice(11, 15).map(Number)
  return user + system + ended + endedSystem
}

import type { DispatcherDeps } from '../../src/delivery/dispatch/dispatcher.ts'
import { MINUTE } from '../../src/lib/clock.ts'
import type { TestClock } from '../support/clock.ts'
import { type Judgement, judge, type Promised, recordedIn } from '../support/ledgers.ts'
import type { ReceivedMessage } from '../support/smtp-server.ts'
import type { AMessage, World } from '../support/world.ts'

/** One after the other, each in a transaction of its own; what was promised about each. */
export async function submitEach(w: World, messages: readonly AMessage[]): Promise<Promised[]> {
  const promised: Promised[] = []
  for (const message of messages) {
    const { id } = await w.submit(message)
    promised.push(...message.to.map((recipient) => ({ messageId: id, recipient })))
  }
  return promised
}

/** A time of day that runs, and that a test may move on or back besides. */
export function runningClock(): TestClock {
  let aheadMs = 0
  let elapsedMs = 0
  return {
    now: () => new Date(Date.now() + aheadMs),
    monotonicMs: () => performance.now() + elapsedMs,
    advance(ms) {
      aheadMs += ms
    },
    elapse(ms) {
      elapsedMs += ms
    },
  }
}

export interface Drain {
  readonly overrides?: Partial<DispatcherDeps>
  readonly stepMs?: number
  readonly rounds?: number
}

/** Time passes, for clocks and for whoever measures, until nothing waits or is being sent any more. */
export async function drain(w: World, { overrides, stepMs = 6 * MINUTE, rounds = 30 }: Drain = {}): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    w.clock.advance(stepMs)
    w.clock.elapse(stepMs)
    await w.jobs()
    await w.dispatch(overrides)
    const states = new Set(Object.values(await w.states()))
    if (round > 0 && !states.has('queued') && !states.has('sending')) return
  }
  throw new Error(`it does not drain: ${JSON.stringify(await w.states())}`)
}

/** The three ledgers: what was promised, what the far ends saw, what the database says. */
export async function judgeWorld(
  w: World,
  promised: readonly Promised[],
  received: readonly ReceivedMessage[],
): Promise<Judgement> {
  return judge(promised, received, await recordedIn(w.database))
}

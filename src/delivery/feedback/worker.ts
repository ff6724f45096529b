import type { Clock } from '../../lib/clock.ts'
import { MINUTE, SECOND } from '../../lib/clock.ts'
import type { Log } from '../../log.ts'
import { type ApplyDeps, applyFeedback } from './apply.ts'
import { type ClaimedFeedback, claimFeedback } from './queries.ts'

export interface FeedbackWorker {
  start(): void
  /** Called when something came in: a hint. */
  wake(): void
  /** Reads what is due, until nothing is. */
  drain(): Promise<void>
  stop(): Promise<void>
}

const LOOK_EVERY_MS = SECOND
/** Hints are for everything that may have work, and come by the hundred. */
const AFTER_A_HINT_MS = 100
const BATCH = 40
const AT_A_TIME = 4
/** A process that disappears keeps what it held from the others for so long; longer than any certificate takes to be fetched. */
const LEASE_MS = MINUTE

/** Reads what was told. Any number of processes may; each piece is claimed by one of them. */
export function createFeedbackWorker(
  deps: ApplyDeps & { readonly clock: Clock; readonly log: Log; readonly mayClaim: () => boolean },
): FeedbackWorker {
  const { database, clock, log } = deps
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  let soon: NodeJS.Timeout | null = null
  let stopping = false

  async function drain(): Promise<void> {
    for (;;) {
      if (stopping || !deps.mayClaim()) return
      const now = clock.now()
      const claimed = await claimFeedback(database.db, BATCH, new Date(now.getTime() + LEASE_MS), now)
      await eachOf(claimed)
      if (claimed.length < BATCH) return
    }
  }

  /** One that cannot be handled stays claimed until its lease ends and comes again; it holds up nobody else. */
  async function eachOf(claimed: readonly ClaimedFeedback[]): Promise<void> {
    const waiting = [...claimed]
    const work = async () => {
      for (let one = waiting.shift(); one; one = waiting.shift())
        await applyFeedback(deps, one, clock.now()).catch((error: Error) =>
          log.error({ err: error, feedback: one.id }, 'news could not be read; it will be tried again'),
        )
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, work))
  }

  function look(): void {
    if (stopping || running) return
    running = drain()
      .catch((error: Error) => log.warn({ err: error }, 'what was told cannot be looked at; trying again'))
      .finally(() => {
        running = null
      })
  }

  return {
    start() {
      timer = setInterval(look, LOOK_EVERY_MS)
    },
    wake() {
      soon ??= setTimeout(() => {
        soon = null
        look()
      }, AFTER_A_HINT_MS)
    },
    drain,
    async stop() {
      stopping = true
      if (timer) clearInterval(timer)
      if (soon) clearTimeout(soon)
      await running
    },
  }
}

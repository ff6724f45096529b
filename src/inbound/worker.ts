import { isDatabaseUnavailable } from '../db/database.ts'
import { SECOND } from '../lib/clock.ts'
import type { Log } from '../log.ts'
import { flow } from './flow.ts'
import { MAX_TRIES } from './inbound-mail.ts'
import { type ClaimedMail, claimInbound, putOff } from './queries.ts'
import { giveUp, type TakeInDeps, takeIn } from './take-in.ts'

export interface InboundWorker {
  start(): void
  /** Called when something came in: a hint. */
  wake(): void
  /** Takes in what is due, until nothing is. */
  drain(): Promise<void>
  stop(): Promise<void>
}

export interface InboundWorkerDeps extends TakeInDeps {
  readonly log: Log
  readonly mayClaim: () => boolean
  /** How many are read at once. */
  readonly atOnce?: number
}

const LOOK_EVERY_MS = SECOND
/** A process that disappears keeps what it held from the others for so long; longer than reading and writing any mail may take. */
const LEASE_MS = 60 * SECOND
const AT_ONCE = 32
/** After a try that failed. The next one goes alone. */
const AGAIN_MS = 2 * SECOND

/**
 * Takes mail in. Any number of processes may; each mail is claimed by one of them, and they are written in groups (flow.ts). What was tried before is
 * taken one by one, with nothing else under way: should it end the process again, no other mail loses a try by it.
 */
export function createInboundWorker(deps: InboundWorkerDeps): InboundWorker {
  const { database, clock, log, atOnce = AT_ONCE } = deps
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  let again = false
  let stopping = false

  async function drain(): Promise<void> {
    for (;;) {
      if (stopping || !deps.mayClaim()) return
      const fresh = await flow({
        ...deps,
        claim: (limit) => claim(true, limit),
        isStopping: () => stopping,
        giveBack,
        failed,
        readers: atOnce,
      })
      const [tried] = await claim(false, 1)
      if (tried) await takeIn(deps, tried).catch((error: unknown) => failed(tried, error))
      if (fresh === 0 && !tried) return
    }
  }

  async function claim(fresh: boolean, limit: number): Promise<ClaimedMail[]> {
    if (stopping || !deps.mayClaim()) return []
    const now = clock.now()
    return await claimInbound(database.db, { fresh, limit }, new Date(now.getTime() + LEASE_MS), now)
  }

  async function giveBack(claimed: ClaimedMail): Promise<void> {
    await putOff(database.db, claimed, clock.now(), true).catch(() => {})
  }

  async function failed(claimed: ClaimedMail, error: unknown): Promise<void> {
    const isOurs = isDatabaseUnavailable(error)
    const { id: inbound, attempts } = claimed
    log.error({ err: error as Error, inbound, attempts }, 'a mail could not be taken in')
    const isLast = !isOurs && attempts >= MAX_TRIES - 1
    const dueAt = new Date(clock.now().getTime() + AGAIN_MS)
    // Where this fails too, its lease ends.
    await (isLast ? giveUp(deps, claimed, error) : putOff(database.db, claimed, dueAt, isOurs)).catch(() => {})
  }

  function look(): void {
    if (stopping) return
    if (running) {
      again = true
      return
    }
    running = drain()
      .catch((error: Error) => log.warn({ err: error }, 'arriving mail cannot be looked at; trying again'))
      .finally(() => {
        running = null
        if (again) {
          again = false
          look()
        }
      })
  }

  return {
    start() {
      timer = setInterval(look, LOOK_EVERY_MS)
      look()
    },
    wake: look,
    drain,
    async stop() {
      stopping = true
      if (timer) clearInterval(timer)
      await running
    },
  }
}

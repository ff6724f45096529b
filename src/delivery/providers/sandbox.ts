import { type Database, ENGINE } from '../../db/database.ts'
import { type Clock, SECOND } from '../../lib/clock.ts'
import { type Id, newId } from '../../lib/ids.ts'
import { outcomeOf, type SendOutcome, type Trace } from '../outcome.ts'
import { type Simulation, simulate } from '../sandbox/magic.ts'
import { insertFeedback, insertKept } from '../sandbox/queries.ts'
import type { Handoff, HandoffResult, Provider } from './provider.ts'

const SLOW_MS = 5 * SECOND
const FEEDBACK_AFTER_MS = 3 * SECOND
const HOST = 'sandbox'
const CAPACITY = 20
const TRACE: Trace = { host: HOST, port: null, address: null, tls: null, stagesMs: {}, transcript: null }

/** Keeps mail instead of sending it, and plays what a far end might say. Nothing leaves this server. */
export function createSandboxProvider(deps: { database: Database; clock: Clock }): Provider {
  const slow = new Set<() => void>()
  let closing = false
  return {
    kind: 'sandbox',
    capacity: CAPACITY,
    async send(handoff) {
      const simulations = handoff.recipients.map((recipient) => simulate(recipient, handoff.attempt))
      if (simulations.some((simulation) => simulation.kind === 'accept' && simulation.slowly) && !closing) await pause(slow)
      const permit = handoff.mayLeave()
      if (permit !== true && !(await permit))
        return result(handoff, () => ({ kind: 'unsent', why: 'another process took this delivery over' }))
      try {
        await keep(deps, handoff, simulations)
      } catch (error) {
        return result(handoff, () => ({ kind: 'unsent', why: `the sandbox could not keep it: ${(error as Error).message}` }))
      }
      handoff.bodyLeft()
      return result(handoff, (i) => toOutcome(simulations[i] as Simulation, handoff.recipients[i] as string))
    },
    async close() {
      closing = true
      for (const finish of slow) finish()
    },
  }
}

async function keep(
  deps: { database: Database; clock: Clock },
  handoff: Handoff,
  simulations: readonly Simulation[],
): Promise<void> {
  const now = deps.clock.now()
  const accepted = handoff.recipients.flatMap((recipient, i) => {
    const simulation = simulations[i] as Simulation
    return simulation.kind === 'accept' ? [{ recipient, deliveryId: handoff.deliveryIds[i]!, later: simulation.later }] : []
  })
  if (accepted.length === 0) return
  await deps.database.transaction(ENGINE, async (tx) => {
    await insertKept(
      tx,
      handoff.workspaceId,
      accepted.map(({ recipient, deliveryId }) => ({
        id: newId<Id<'sandbox_mail'>>(now.getTime()),
        deliveryId,
        messageId: handoff.messageId,
        sender: handoff.sender,
        recipient,
        contentHash: handoff.contentHash,
      })),
      now,
    )
    const feedback = accepted.flatMap(({ deliveryId, later }) => (later ? [{ deliveryId, kind: later }] : []))
    await insertFeedback(tx, handoff.workspaceId, feedback, new Date(now.getTime() + FEEDBACK_AFTER_MS))
  })
}

function result(handoff: Handoff, outcome: (i: number) => SendOutcome): HandoffResult {
  return { outcomes: handoff.recipients.map((_, i) => outcome(i)), trace: TRACE }
}

function toOutcome(simulation: Simulation, recipient: string): SendOutcome {
  if (simulation.kind === 'accept')
    return { kind: 'accepted', reply: { code: 250, enhanced: '2.0.0', text: '2.0.0 Kept in the sandbox' } }
  const { code, enhanced, text } = simulation
  return outcomeOf({
    kind: 'reply',
    mode: 'relay',
    stage: 'rcpt',
    host: HOST,
    address: null,
    port: null,
    recipient,
    reply: { code, enhanced, text },
  })
}

function pause(slow: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      slow.delete(finish)
      resolve()
    }
    const timer = setTimeout(finish, SLOW_MS)
    slow.add(finish)
  })
}

/**
 * A route's circuit. Closed: mail flows. Open: the route as a whole refused, everything stays queued with that reason until `until`.
 * Probing: one message is on its way to see whether it works again.
 *
 *   closed ──a failure of the route──▶ open ──until──▶ probing ──any answer about the message──▶ closed
 *                                       ▲                 └──the route refuses again──▶ open, for longer
 *                                       └── a change of its settings, or a person's "try now", ends the wait at once
 */
import type { Failure } from '../../mail/failure.ts'
import { type Reason, reasonOf } from '../delivery.ts'
import { nextProbeAt } from '../retry.ts'

export const CIRCUIT_STATES = ['closed', 'open', 'probing'] as const
export type Circuit =
  | { readonly state: 'closed' }
  | {
      readonly state: 'open' | 'probing'
      readonly reason: Reason
      readonly since: Date
      readonly until: Date
      readonly failures: number
    }
export type OpenCircuit = Extract<Circuit, { state: 'open' | 'probing' }>

/** The route refused. Only a failure after the end of the last wait lengthens the next one: what was in flight together counts once. */
export function open(circuit: Circuit, failure: Failure, random: number, now: Date): OpenCircuit {
  if (circuit.state === 'open' && circuit.until > now) return circuit
  const failures = circuit.state === 'closed' ? 1 : circuit.failures + 1
  const since = circuit.state === 'closed' ? now : circuit.since
  return { state: 'open', reason: reasonOf(failure, now), since, failures, until: nextProbeAt(failures, failure, random, now) }
}

/** What a message that waits behind this circuit says of itself. */
export function waitingSentence(routeName: string, circuit: OpenCircuit): string {
  const why = (circuit.reason.failure?.sentence ?? circuit.reason.sentence).replace(/\.$/, '')
  return `Route ${routeName}: ${why}.`
}

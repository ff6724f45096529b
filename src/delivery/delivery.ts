/**
 * A delivery is one message on its way to one recipient. It is always in exactly one of these states:
 *
 *   queued ──claim──▶ sending ──settle──▶ sent ──feedback──▶ delivered | bounced
 *     ▲  ▲              │ │ └───────────▶ bounced (its address or content was refused) | expired
 *     │  └──deferred────┘ └──no answer──▶ unknown ──policy or a person──▶ queued | sent
 *     │     blocked, unsent
 *     ├──release── held ◀──hold── queued, unknown
 *     └──(claim finds a reason not to send)──▶ suppressed | expired        a person ──▶ cancelled     our own fault ──▶ failed
 *
 * Only the functions below move it. `attempt` counts claims and fences late answers; `failures` is the retry budget and grows only when the
 * message or its recipient was the cause: a refused relay costs nobody anything. The same law stands as CHECKs in migrations/0005_delivery.sql.
 */
import { unreachable } from '../lib/assert.ts'
import type { DeliveryId } from '../lib/ids.ts'
import type { Failure, FailureClass } from '../mail/failure.ts'
import { SMTP_STAGES } from '../mail/smtp-answer.ts'
import type { SmtpReply } from '../mail/smtp-reply.ts'
import type { SendOutcome } from './outcome.ts'
import { nextRetryAt } from './retry.ts'
import { STREAM_RULES, type Stream, type UnknownPolicy } from './stream.ts'

export const LIVE_STATES = ['queued', 'sending', 'held', 'unknown'] as const
export const SETTLED_STATES = ['sent', 'delivered', 'bounced', 'failed', 'expired', 'suppressed', 'cancelled'] as const
export const DELIVERY_STATES = [...LIVE_STATES, ...SETTLED_STATES] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** Why a delivery waits, is held, or did not succeed, in words for people. `failure` is the evidence when a far end was involved. */
export interface Reason {
  readonly code: string
  readonly sentence: string
  readonly hint: string
  readonly failure: Failure | null
  readonly at: Date
}

interface Common {
  readonly id: DeliveryId
  readonly stream: Stream
  readonly attempt: number
  readonly failures: number
  /** How often an unheard answer was followed by another try. */
  readonly resends: number
  readonly expiresAt: Date
}

export type Delivery = Common &
  (
    | { readonly state: 'queued'; readonly dueAt: Date; readonly reason: Reason | null }
    | { readonly state: 'sending'; readonly leasePosition: number }
    | { readonly state: 'held'; readonly reason: Reason }
    | { readonly state: 'unknown'; readonly policy: UnknownPolicy; readonly reason: Reason }
    | { readonly state: 'sent' | 'delivered'; readonly settledAt: Date }
    | { readonly state: 'cancelled'; readonly settledAt: Date; readonly reason: Reason | null }
    | { readonly state: 'bounced' | 'failed' | 'expired' | 'suppressed'; readonly settledAt: Date; readonly reason: Reason }
  )
export type Sending = Extract<Delivery, { state: 'sending' }>

/** Where a finished attempt takes a delivery: the only ways out of `sending`. */
export type Settled =
  | { readonly state: 'sent'; readonly reply: SmtpReply }
  | { readonly state: 'queued'; readonly dueAt: Date; readonly failures: number; readonly reason: Reason | null }
  | { readonly state: 'unknown'; readonly policy: UnknownPolicy; readonly reason: Reason }
  | { readonly state: 'held'; readonly reason: Reason }
  | { readonly state: 'bounced' | 'expired' | 'failed'; readonly failures: number; readonly reason: Reason }

/** What a delivery's lane has to do with the end of its attempt. */
export interface Surroundings {
  /** Its receiver is known by name, and has a circuit of its own on this route. */
  readonly hasReceiverCircuit: boolean
  /** Another route could have taken it as well. */
  readonly hasOtherWays: boolean
}

/** What a finished attempt makes of a delivery. `random` in [0, 1) spreads retries. */
export function settle(
  delivery: Pick<Sending, 'stream' | 'attempt' | 'failures' | 'resends' | 'expiresAt'>,
  outcome: SendOutcome,
  random: number,
  now: Date,
  around: Surroundings = { hasReceiverCircuit: false, hasOtherWays: false },
): Settled {
  const rules = STREAM_RULES[delivery.stream]
  switch (outcome.kind) {
    case 'accepted':
      return { state: 'sent', reply: outcome.reply }
    case 'unsent':
      return {
        state: 'queued',
        dueAt: new Date(now.getTime() + (outcome.waitMs ?? 0)),
        failures: delivery.failures,
        reason: null,
      }
    case 'unknown':
      return {
        state: 'unknown',
        policy: policyWhenUnknown(rules.whenUnknown, delivery.resends),
        reason: reasonOf(outcome.failure, now),
      }
    case 'withheld':
      return { state: 'held', reason: outcome.reason }
    case 'rejected':
      // A refusal of what we are is not the end while another route may be taken for better: never of a recipient, never of a content.
      if (around.hasOtherWays && mayGoElsewhere(outcome.failure) && delivery.failures < TRIES_ELSEWHERE) {
        return { state: 'queued', dueAt: now, failures: delivery.failures + 1, reason: reasonOf(outcome.failure, now) }
      }
      return { state: 'bounced', failures: delivery.failures + 1, reason: reasonOf(outcome.failure, now) }
    case 'failed':
      return {
        state: 'failed',
        failures: delivery.failures,
        reason: { code: outcome.code, sentence: outcome.sentence, hint: outcome.hint, failure: null, at: now },
      }
    case 'blocked':
      return settleBlocked(delivery, outcome.failure, random, now, around)
    case 'deferred': {
      const failures = delivery.failures + 1
      const dueAt = nextRetryAt(failures, outcome.failure, rules, delivery.expiresAt, random, now)
      return dueAt
        ? { state: 'queued', dueAt, failures, reason: reasonOf(outcome.failure, now) }
        : { state: 'expired', failures, reason: expiredReason(delivery.expiresAt, outcome.failure, now) }
    }
    default:
      return unreachable(outcome)
  }
}

/**
 * Something shared refused, not this message: it waits without losing a try. A route keeps its own time (its circuit), so that the message is
 * due as soon as that closes; a sender that may not be used waits for a person; a receiver that slows us down is given its time.
 */
function settleBlocked(
  delivery: Pick<Sending, 'stream' | 'attempt' | 'failures' | 'expiresAt'>,
  failure: Failure,
  random: number,
  now: Date,
  around: Surroundings,
): Settled {
  const reason = reasonOf(failure, now)
  if (opensCircuit(failure) || (around.hasReceiverCircuit && opensReceiverCircuit(failure)))
    return { state: 'queued', dueAt: now, failures: delivery.failures, reason }
  if (failure.scope === 'identity' && failure.permanent) return { state: 'held', reason }
  const dueAt = nextRetryAt(
    Math.max(1, delivery.attempt),
    failure,
    STREAM_RULES[delivery.stream],
    delivery.expiresAt,
    random,
    now,
  )
  return dueAt
    ? { state: 'queued', dueAt, failures: delivery.failures, reason }
    : { state: 'expired', failures: delivery.failures, reason: expiredReason(delivery.expiresAt, failure, now) }
}

/** True when everything on the same route would fail the same way: the route stops, not the messages one by one. */
export function opensCircuit(failure: Failure): boolean {
  return failure.scope === 'route' || failure.scope === 'system'
}

/** True when everything to the same receiver by the same route would fail the same way. */
export function opensReceiverCircuit(failure: Failure): boolean {
  return failure.scope === 'receiver' || failure.scope === 'address'
}

/** How often a refusal of us, not of the mail, may be answered by trying another route. */
const TRIES_ELSEWHERE = 3
const ABOUT_US: ReadonlySet<FailureClass> = new Set<FailureClass>([
  'reputation_blocked',
  'address_blocked',
  'reverse_dns_missing',
  'sender_unauthenticated',
  'sender_rejected',
])

function mayGoElsewhere(failure: Failure): boolean {
  return ABOUT_US.has(failure.class)
}

/** A refusal of the route, but told to one message after the route had taken our log-in: it may mean that message alone. */
export function mayBeAboutTheMessage(failure: Failure): boolean {
  return opensCircuit(failure) && SMTP_STAGES.indexOf(failure.stage) >= SMTP_STAGES.indexOf('mail')
}

/** Sending again what may have arrived is done once; should that answer be lost too, a person decides. */
export function policyWhenUnknown(wanted: UnknownPolicy, resends: number): UnknownPolicy {
  return wanted === 'resend' && resends > 0 ? 'ask' : wanted
}

/** A delivery whose dispatcher disappeared: beyond the window nothing had left, within it the body may have. */
export function recover(
  delivery: Pick<Sending, 'stream' | 'failures' | 'resends' | 'leasePosition'>,
  windowPosition: number,
  now: Date,
): Extract<Settled, { state: 'queued' | 'unknown' }> {
  if (delivery.leasePosition > windowPosition) return { state: 'queued', dueAt: now, failures: delivery.failures, reason: null }
  return {
    state: 'unknown',
    policy: policyWhenUnknown(STREAM_RULES[delivery.stream].whenUnknown, delivery.resends),
    reason: lostDispatcherReason(now),
  }
}

export function reasonOf(failure: Failure, now: Date): Reason {
  return { code: failure.class, sentence: asSentence(failure.sentence), hint: failure.hint, failure, at: now }
}

/** A failure's words also stand after "Route x: …"; on their own they begin with a capital, unless they begin with a host's name. */
function asSentence(words: string): string {
  return /^\p{Ll}[\p{L}' ,-]* /u.test(words) ? `${words[0]?.toUpperCase()}${words.slice(1)}` : words
}

function lostDispatcherReason(now: Date): Reason {
  return {
    code: 'process_ended',
    sentence:
      'Waybill stopped while this message was on the wire, so the answer of the mail server was not heard. It may have arrived.',
    hint: 'Look in the mailbox or the log of the mail server, or send it once more: it keeps its Message-ID, so most mailboxes show it once.',
    failure: null,
    at: now,
  }
}

export function expiredReason(expiresAt: Date | null, lastFailure: Failure | null, now: Date): Reason {
  const last = lastFailure ? ` The last reason: ${lastFailure.sentence}` : ''
  return {
    code: 'expired',
    sentence: `It could not be delivered before ${expiresAt ? `${expiresAt.toISOString()}, ` : ''}the end of its life.${last}`,
    hint: 'Send it again if it is still of use, and give it a later expires_at if it may wait longer.',
    failure: lastFailure,
    at: now,
  }
}

export function suppressedReason(why: string, now: Date): Reason {
  return {
    code: 'suppressed',
    sentence: `Not sent: this address is on the suppression list (${why}).`,
    hint: 'Remove the address from the suppression list if you know that it takes mail again, then send the message once more.',
    failure: null,
    at: now,
  }
}

export const ACTIONS = ['retry', 'hold', 'release', 'cancel', 'resend', 'leave'] as const
export type Action = (typeof ACTIONS)[number]

/** What a person may do with a delivery now. Buttons and verbs ask this same rule. */
export function actionsOf(delivery: { readonly state: DeliveryState }): readonly Action[] {
  switch (delivery.state) {
    case 'queued':
      return ['retry', 'hold', 'cancel']
    case 'sending':
      return []
    case 'held':
      return ['release', 'cancel']
    case 'unknown':
      return ['resend', 'leave', 'hold', 'cancel']
    case 'sent':
    case 'delivered':
    case 'bounced':
    case 'failed':
    case 'expired':
    case 'suppressed':
    case 'cancelled':
      return ['resend']
    default:
      return unreachable(delivery.state)
  }
}

export function isLive(state: DeliveryState): boolean {
  return (LIVE_STATES as readonly string[]).includes(state)
}

/** One sentence for where a delivery is and why, and one for what happens next and when. Pure: the moment is given. */
import type { Delivery } from '../../src/api/endpoints/deliveries.ts'
import { t } from '../texts/texts.ts'
import { ago, asSentence, clockOrDay, moment } from '../ui/format.ts'

export interface Headline {
  readonly sentence: string
  /** What happens next and when, if anything does. */
  readonly next: string | null
  /** What a person can do. */
  readonly hint: string | null
}

export function headlineOf(delivery: Delivery, now: Date): Headline {
  const says = t.waybill.headline
  const reason = delivery.reason
  const hint = reason?.hint || null
  switch (delivery.state) {
    case 'queued':
      return queuedHeadline(delivery, now)
    case 'sending':
      return { sentence: says.sending, next: null, hint: null }
    case 'held':
      return { sentence: reasonOf(delivery) ?? t.states.held, next: says.held, hint }
    case 'unknown':
      return {
        sentence: reasonOf(delivery) ?? t.states.unknown,
        next: { resend: says.unknownResend, leave: says.unknownLeave, ask: says.unknownAsk }[delivery.policy ?? 'ask'],
        hint,
      }
    case 'sent': {
      const host = delivery.attempts.findLast((attempt) => attempt.outcome === 'accepted')?.host
      if (host === 'sandbox') return { sentence: says.kept, next: null, hint: null }
      return { sentence: host ? says.sent(host) : says.sentNoHost, next: says.sentMore, hint: null }
    }
    case 'delivered':
      return { sentence: says.delivered, next: null, hint: null }
    case 'cancelled':
      return { sentence: reasonOf(delivery) ?? says.cancelled, next: null, hint: null }
    case 'bounced':
    case 'failed':
    case 'expired':
    case 'suppressed':
      return { sentence: reasonOf(delivery) ?? t.states[delivery.state], next: null, hint }
  }
}

function queuedHeadline(delivery: Delivery, now: Date): Headline {
  const says = t.waybill.headline
  const { due_at, reason, waiting_on } = delivery
  if (waiting_on) {
    const { route, next_try_at } = waiting_on
    const again =
      next_try_at && (route ? says.routeTry(route.name, moment(next_try_at, now), ago(next_try_at, now)) : says.dueNow)
    return {
      sentence: asSentence(waiting_on.sentence),
      next: [again, says.costsNothing].filter(Boolean).join(' '),
      hint: reason?.hint || null,
    }
  }
  const isLater = due_at !== null && due_at.getTime() > now.getTime() + 1_000
  if (!reason) {
    const sentence = isLater ? says.scheduled(moment(due_at, now), ago(due_at, now)) : says.queued
    return { sentence, next: null, hint: null }
  }
  const next = isLater ? says.nextTry(moment(due_at, now), ago(due_at, now)) : says.dueNow
  return {
    sentence: asSentence(reason.sentence),
    next: `${next} ${says.expires(clockOrDay(delivery.expires_at, now))}`,
    hint: reason.hint || null,
  }
}

function reasonOf({ reason }: Delivery): string | null {
  return reason && asSentence(reason.sentence)
}

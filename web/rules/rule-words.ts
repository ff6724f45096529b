/** A rule in the words of people: its conditions, its shares, its trip. */
import type { Rule } from '../../src/api/endpoints/routing.ts'
import type { TRIP_CLASSES } from '../../src/delivery/routing/rule.ts'
import type { FailureClass } from '../../src/mail/failure.ts'
import { receiverName } from '../parts/receiver-name.ts'
import { t } from '../texts/texts.ts'
import { bytes, number } from '../ui/format.ts'

export type Conditions = Rule['conditions']
export type Target = Rule['targets'][number]
export type Trip = NonNullable<Rule['trip']>

export function mailOf({ conditions }: Pick<Rule, 'conditions'>): string {
  return t.rules.mail({
    streams: (conditions.streams ?? []).map((stream) => t.streams[stream]),
    receivers: (conditions.receivers ?? []).map(receiverName),
    fromDomains: conditions.from_domains ?? [],
    recipientDomains: conditions.recipient_domains ?? [],
    tags: conditions.tags ?? [],
    min: conditions.min_bytes === undefined ? null : bytes(conditions.min_bytes),
    max: conditions.max_bytes === undefined ? null : bytes(conditions.max_bytes),
  })
}

/** Percents of a whole, of what has weight. Null: it stands by. */
export function shareOf(weight: number, all: readonly { readonly weight: number }[]): string | null {
  if (weight === 0) return null
  const total = all.reduce((sum, each) => sum + each.weight, 0)
  const percent = (100 * weight) / total
  return number(percent < 10 ? Math.round(percent * 10) / 10 : Math.round(percent))
}

/** Classes that people think of as one thing. Together they are all that may lead elsewhere. */
export const TRIP_GROUPS = {
  refused: ['reputation_blocked', 'address_blocked', 'reverse_dns_missing', 'greeting_refused', 'policy_refused'],
  slowed: ['rate_limited', 'quota_exhausted', 'greeting_busy', 'service_closing', 'remote_temporary'],
  sender: ['sender_unauthenticated', 'sender_rejected', 'sender_domain_unresolved'],
  connection: ['tcp_refused', 'tcp_timeout', 'tcp_unreachable', 'tcp_reset', 'connection_lost', 'reply_timeout'],
  tls: ['tls_failed', 'tls_policy'],
} as const satisfies Record<string, readonly (typeof TRIP_CLASSES)[number][]>
export type TripGroup = keyof typeof TRIP_GROUPS
export const TRIP_GROUP_NAMES = Object.keys(TRIP_GROUPS) as TripGroup[]

/** A rule made by the API may name a part of a group. */
export function heldOf(group: TripGroup, classes: readonly FailureClass[]): 'all' | 'some' | 'none' {
  const held = TRIP_GROUPS[group].filter((each) => classes.includes(each)).length
  return held === 0 ? 'none' : held === TRIP_GROUPS[group].length ? 'all' : 'some'
}

export function tripSentence(trip: Trip): string {
  const kinds = TRIP_GROUP_NAMES.filter((group) => heldOf(group, trip.classes) !== 'none')
  return t.rules.trip(
    trip.share === null ? null : number(Math.round(trip.share * 1_000) / 10),
    trip.failures,
    spanOf(trip.within_seconds),
    kinds.map((group) => t.ruleForm.tripBecause[group]),
    spanOf(trip.pause_seconds),
  )
}

/** Whole hours, whole minutes, or seconds. */
export function spanOf(seconds: number): string {
  if (seconds >= 3_600 && seconds % 3_600 === 0) return t.spans.hours(seconds / 3_600)
  if (seconds >= 60 && seconds % 60 === 0) return t.spans.minutes(seconds / 60)
  return t.spans.seconds(seconds)
}

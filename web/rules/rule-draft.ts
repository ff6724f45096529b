/** What the form of a rule holds while it is filled in, and what it is sent as. */
import type { createRule, Rule } from '../../src/api/endpoints/routing.ts'
import type { FailureClass } from '../../src/mail/failure.ts'
import type { BodyOf } from '../api.ts'
import { type Conditions, type Target, TRIP_GROUPS } from './rule-words.ts'

export interface TargetDraft {
  /** For React alone: a row without a route has no name of its own. */
  readonly key: number
  readonly routeId: string | null
  readonly weight: number
}

export interface TripDraft {
  readonly classes: readonly FailureClass[]
  readonly failures: number
  readonly withinMinutes: number
  /** Percent; null: the number alone counts. */
  readonly share: number | null
  readonly pauseMinutes: number
}

export interface RuleDraft {
  readonly name: string
  readonly conditions: Conditions
  readonly targets: readonly TargetDraft[]
  readonly hasTrip: boolean
  /** Kept while it is switched off: whoever thinks twice finds it as it was. */
  readonly trip: TripDraft
}

/** What turns our address or account away, or slows it down, five times in as many minutes: then a quarter of an hour of rest. */
export const USUAL_TRIP: TripDraft = {
  classes: [...TRIP_GROUPS.refused, ...TRIP_GROUPS.slowed],
  failures: 5,
  withinMinutes: 5,
  share: 20,
  pauseMinutes: 15,
}

export function draftOf(rule: Rule | null): RuleDraft {
  if (rule === null)
    return {
      name: '',
      conditions: {},
      targets: [{ key: 0, routeId: null, weight: 1 }],
      hasTrip: false,
      trip: USUAL_TRIP,
    }
  const { name, conditions, targets, trip } = rule
  return {
    name,
    conditions,
    targets: targets.map(({ route_id: routeId, weight }, key) => ({ key, routeId, weight })),
    hasTrip: trip !== null,
    trip: trip
      ? {
          classes: trip.classes,
          failures: trip.failures,
          withinMinutes: trip.within_seconds / 60,
          share: trip.share === null ? null : Math.round(trip.share * 1_000) / 10,
          pauseMinutes: trip.pause_seconds / 60,
        }
      : USUAL_TRIP,
  }
}

export function bodyOf({ name, conditions, targets, hasTrip, trip }: RuleDraft) {
  return {
    name: name.trim(),
    conditions: withoutEmpty(conditions),
    targets: targets.flatMap(({ routeId, weight }) =>
      routeId === null ? [] : [{ route_id: routeId as Target['route_id'], weight }],
    ),
    trip: hasTrip ? tripOf(trip) : null,
  } satisfies BodyOf<typeof createRule>
}

export function tripOf({ classes, failures, withinMinutes, share, pauseMinutes }: TripDraft) {
  return {
    classes: [...classes] as NonNullable<NonNullable<BodyOf<typeof createRule>['trip']>>['classes'],
    failures,
    within_seconds: Math.round(withinMinutes * 60),
    share: share === null ? null : share / 100,
    pause_seconds: Math.round(pauseMinutes * 60),
  }
}

/** A condition without a value is none. */
function withoutEmpty(conditions: Conditions): Conditions {
  return Object.fromEntries(
    Object.entries(conditions).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value !== undefined)),
  ) as Conditions
}

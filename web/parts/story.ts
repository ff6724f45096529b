/** The story of a delivery: its attempts and events as one list of lines, oldest first, and what comes next. Pure. */
import type { Attempt, Delivery } from '../../src/api/endpoints/deliveries.ts'
import type { Event } from '../../src/api/endpoints/shapes.ts'

export type StoryLine =
  | { readonly kind: 'event'; readonly at: Date; readonly event: Event }
  /** An attempt, with the events that record what it came to. */
  | {
      readonly kind: 'attempt'
      readonly at: Date
      readonly attempt: Attempt
      readonly events: readonly Event[]
      readonly waitsUntil: Date | null
    }
  | { readonly kind: 'next'; readonly at: Date; readonly what: 'try' | 'scheduled' | 'probe'; readonly route: string | null }
  | { readonly kind: 'expiry'; readonly at: Date }

export function storyOf(delivery: Delivery, messageEvents: readonly Event[]): readonly StoryLine[] {
  const outcomes = new Map<number, Event[]>()
  const events: Event[] = []
  const known = new Set(delivery.attempts.map(({ attempt }) => attempt))
  for (const event of [...messageEvents, ...delivery.events]) {
    const attempt = attemptOf(event)
    if (attempt === null || !known.has(attempt)) events.push(event)
    else outcomes.set(attempt, [...(outcomes.get(attempt) ?? []), event])
  }
  const past: StoryLine[] = [
    ...events.map((event) => ({ kind: 'event', at: event.at, event }) as const),
    ...delivery.attempts.map((attempt) => {
      const own = outcomes.get(attempt.attempt) ?? []
      return { kind: 'attempt', at: attempt.started_at, attempt, events: own, waitsUntil: dueOf(own) } as const
    }),
  ]
  // Stable: what is equally old stays in the order in which it was recorded.
  return [...past.sort((a, b) => a.at.getTime() - b.at.getTime()), ...future(delivery)]
}

function future(delivery: Delivery): readonly StoryLine[] {
  if (delivery.state !== 'queued') return []
  const expiry = { kind: 'expiry', at: delivery.expires_at } as const
  const { waiting_on, due_at } = delivery
  if (waiting_on?.next_try_at)
    return [
      {
        kind: 'next',
        at: waiting_on.next_try_at,
        what: waiting_on.route ? 'probe' : 'try',
        route: waiting_on.route?.name ?? null,
      },
      expiry,
    ]
  if (waiting_on || !due_at) return [expiry]
  return [{ kind: 'next', at: due_at, what: delivery.attempt === 0 ? 'scheduled' : 'try', route: null }, expiry]
}

function attemptOf({ data }: Event): number | null {
  return typeof data.attempt === 'number' ? data.attempt : null
}

function dueOf(events: readonly Event[]): Date | null {
  const due = events.map(({ data }) => data.due_at).find((value): value is string => typeof value === 'string')
  return due ? new Date(due) : null
}

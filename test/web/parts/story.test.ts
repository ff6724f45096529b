import { expect, test } from 'vitest'
import type { Attempt, Delivery } from '../../../src/api/endpoints/deliveries.ts'
import type { Event } from '../../../src/api/endpoints/shapes.ts'
import { storyOf } from '../../../web/parts/story.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 12, minute))

const submitted = anEvent('message.submitted', 0)

test('an event that records what an attempt came to is told in the line of the attempt, not beside it', () => {
  const delivery = aDelivery({ attempts: [anAttempt(1, 1)], events: [anEvent('delivery.sent', 2, { attempt: 1 })] })
  expect(kinds(delivery)).toEqual(['event message.submitted', 'attempt 1 (delivery.sent)'])
})

test('an event about an attempt that left no row stands by itself: nothing that happened is left out', () => {
  const delivery = aDelivery({ events: [anEvent('delivery.unknown', 2, { attempt: 1, class: 'process_ended' })] })
  expect(kinds(delivery)).toEqual(['event message.submitted', 'event delivery.unknown'])
})

test('lines come in the order in which things happened, whatever the order in which they came', () => {
  const delivery = aDelivery({
    attempts: [anAttempt(2, 9), anAttempt(1, 1)],
    events: [anEvent('delivery.released', 6), anEvent('delivery.held', 3), anEvent('delivery.deferred', 2, { attempt: 1 })],
  })
  expect(kinds(delivery)).toEqual([
    'event message.submitted',
    'attempt 1 (delivery.deferred)',
    'event delivery.held',
    'event delivery.released',
    'attempt 2 ()',
  ])
})

test('what waits says at the end when it is tried next and when it is given up', () => {
  const delivery = aDelivery({ state: 'queued', due_at: at(20), attempt: 1, attempts: [anAttempt(1, 1)] })
  expect(kinds(delivery).slice(2)).toEqual(['next try', 'expiry'])
})

test('what waits for a stopped route says when the route is tried, not when the message is due', () => {
  const waiting_on = { route: { id: 'r' as never, name: 'Relay' }, sentence: 'Refused.', next_try_at: at(5) }
  const delivery = aDelivery({ state: 'queued', due_at: at(1), attempt: 1, waiting_on })
  const line = storyOf(delivery, []).find(({ kind }) => kind === 'next')
  expect(line).toMatchObject({ what: 'probe', route: 'Relay', at: at(5) })
})

test('a deferral that says when it is tried again says so in its attempt', () => {
  const events = [anEvent('delivery.deferred', 2, { attempt: 1, due_at: at(7).toISOString() })]
  const line = storyOf(aDelivery({ attempts: [anAttempt(1, 1)], events }), []).find(({ kind }) => kind === 'attempt')
  expect(line).toMatchObject({ waitsUntil: at(7) })
})

function kinds(delivery: Delivery): string[] {
  return storyOf(delivery, [submitted]).map((line) => {
    if (line.kind === 'event') return `event ${line.event.type}`
    if (line.kind === 'attempt') return `attempt ${line.attempt.attempt} (${line.events.map(({ type }) => type).join()})`
    return line.kind === 'next' ? `next ${line.what}` : line.kind
  })
}

function anEvent(type: string, minute: number, data: Record<string, unknown> = {}): Event {
  return { at: at(minute), type, actor: { kind: 'engine', id: null, name: null }, data, sentence: `${type}.` }
}

function anAttempt(attempt: number, minute: number): Attempt {
  return {
    attempt,
    started_at: at(minute),
    duration_ms: 10,
    route: { id: 'r' as never, name: 'Relay' },
    outcome: 'deferred',
    stage: 'rcpt',
    class: 'greylisted',
    host: 'mx.example.org',
    address: null,
    port: null,
    tls: null,
    code: 451,
    enhanced: '4.7.1',
    text: 'Greylisted',
    stages_ms: null,
    transcript: null,
  }
}

function aDelivery(given: Partial<Delivery>): Delivery {
  return {
    id: 'd' as never,
    message_id: 'm' as never,
    recipient: 'ann@example.org',
    stream: 'transactional',
    state: 'sent',
    reason: null,
    due_at: null,
    attempt: 0,
    failures: 0,
    policy: null,
    route: null,
    waiting_on: null,
    expires_at: at(59),
    created_at: at(0),
    settled_at: null,
    complained_at: null,
    campaign: null,
    subject: 'Hello',
    sender: 'shop@example.com',
    attempts: [],
    events: [],
    actions: [],
    ...given,
  }
}

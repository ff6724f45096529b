import {
  Ban,
  CalendarX,
  Check,
  CheckCheck,
  CircleHelp,
  CircleSlash,
  Clock3,
  CornerUpLeft,
  Flag,
  Hourglass,
  Inbox,
  type LucideIcon,
  Minus,
  Pause,
  Play,
  RotateCw,
  ShieldBan,
  TriangleAlert,
} from 'lucide-react'
import type { ReactNode } from 'react'
import type { Attempt, Delivery } from '../../src/api/endpoints/deliveries.ts'
import type { Event } from '../../src/api/endpoints/shapes.ts'
import { t } from '../texts/texts.ts'
import { milliseconds, moment } from '../ui/format.ts'
import { useNow } from '../ui/time.tsx'
import { Timeline, type TimelineItem } from '../ui/timeline.tsx'
import type { Tone } from '../ui/tone.ts'
import { AttemptEvidence, EventEvidence } from './evidence.tsx'
import { replyTextOf } from './reply.ts'
import { type StoryLine, storyOf } from './story.ts'

type Look = { readonly tone: Tone; readonly icon: LucideIcon }

const OUTCOMES: Readonly<Record<Attempt['outcome'], Look>> = {
  accepted: { tone: 'good', icon: Check },
  rejected: { tone: 'bad', icon: CornerUpLeft },
  deferred: { tone: 'care', icon: Hourglass },
  blocked: { tone: 'care', icon: CircleSlash },
  unknown: { tone: 'doubt', icon: CircleHelp },
}

const EVENTS: Readonly<Record<string, Look>> = {
  'message.submitted': { tone: 'calm', icon: Inbox },
  'delivery.sent': { tone: 'good', icon: Check },
  'delivery.delivered': { tone: 'good', icon: CheckCheck },
  'delivery.bounced': { tone: 'bad', icon: CornerUpLeft },
  'delivery.failed': { tone: 'bad', icon: TriangleAlert },
  'delivery.expired': { tone: 'bad', icon: CalendarX },
  'delivery.suppressed': { tone: 'calm', icon: ShieldBan },
  'delivery.cancelled': { tone: 'calm', icon: Minus },
  'delivery.held': { tone: 'care', icon: Pause },
  'delivery.released': { tone: 'calm', icon: Play },
  'delivery.retried': { tone: 'calm', icon: RotateCw },
  'delivery.resent': { tone: 'calm', icon: RotateCw },
  'delivery.replaced': { tone: 'calm', icon: RotateCw },
  'delivery.unknown': { tone: 'doubt', icon: CircleHelp },
  'delivery.complained': { tone: 'bad', icon: Flag },
  'delivery.delayed': { tone: 'care', icon: Hourglass },
  'delivery.relayed': { tone: 'good', icon: Check },
  'delivery.blocked': { tone: 'care', icon: Ban },
}

/** Everything that happened to a delivery, in words; each line opens to its evidence. */
export function StoryTimeline({ delivery, messageEvents }: { delivery: Delivery; messageEvents: readonly Event[] }) {
  const now = useNow()
  const items = storyOf(delivery, messageEvents)
    // A next step that is due this very moment is what the headline says; a line in the past would be a lie.
    .filter((line) => line.kind !== 'next' || line.at.getTime() > now.getTime())
    .map((line, index) => itemOf(line, index, now))
  return <Timeline items={items} label={t.waybill.story} />
}

function itemOf(line: StoryLine, index: number, now: Date): TimelineItem {
  switch (line.kind) {
    case 'event':
      return {
        id: `event-${index}`,
        at: line.at,
        ...(EVENTS[line.event.type] ?? { tone: 'calm', icon: Clock3 }),
        words: line.event.sentence,
        evidence: () => <EventEvidence events={[line.event]} />,
      }
    case 'attempt':
      return {
        id: `attempt-${line.attempt.attempt}`,
        at: line.at,
        ...OUTCOMES[line.attempt.outcome],
        words: <AttemptWords attempt={line.attempt} />,
        note: noteOf(line, now),
        evidence: () => <AttemptEvidence attempt={line.attempt} events={line.events} />,
      }
    case 'next':
      return {
        id: 'next',
        at: line.at,
        tone: 'wait',
        icon: Clock3,
        isNext: true,
        words: { try: t.waybill.nextTry, scheduled: t.waybill.goesOut, probe: t.waybill.nextProbe(line.route ?? '') }[line.what],
      }
    case 'expiry':
      return { id: 'expiry', at: line.at, tone: 'calm', icon: CalendarX, isNext: true, words: t.waybill.givesUp }
  }
}

function AttemptWords({ attempt }: { attempt: Attempt }) {
  return (
    <>
      <strong>{t.waybill.attempt(attempt.attempt)}</strong> {t.waybill.through(attempt.route.name)}:{' '}
      {t.waybill.outcomes[attempt.outcome](attempt.host)}
    </>
  )
}

function noteOf({ attempt, waitsUntil }: Extract<StoryLine, { kind: 'attempt' }>, now: Date): ReactNode {
  const reply = [attempt.code, replyTextOf(attempt)].filter(Boolean).join(' ')
  const wait = waitsUntil ? ` · ${t.waybill.nextTry.toLowerCase()} ${moment(waitsUntil, now)}` : ''
  return (
    <>
      <code>{reply}</code> · {milliseconds(attempt.duration_ms)}
      {wait}
    </>
  )
}

import type { CampaignSummary } from '../../src/api/endpoints/campaigns.ts'
import { t } from '../texts/texts.ts'
import { asSentence, clockOrDay } from '../ui/format.ts'
import { Ago, useNow } from '../ui/time.tsx'

type About = Pick<
  CampaignSummary,
  'state' | 'question' | 'reason' | 'waiting_on' | 'scheduled_at' | 'time_zone' | 'candidates' | 'finished_at' | 'created_at'
>

/** What happens with it now, or why nothing does, in one line. */
export function Why({ of }: { of: About }) {
  const now = useNow()
  if (of.question) return asSentence(of.question.sentence)
  switch (of.state) {
    case 'draft':
      return (
        <>
          {t.campaigns.begun} <Ago at={of.created_at} />
        </>
      )
    case 'scheduled':
      return of.scheduled_at ? <Scheduled at={of.scheduled_at} zone={of.time_zone} /> : null
    case 'preparing':
      return of.candidates > 0 ? t.campaigns.lookedAt(of.candidates) : t.campaigns.prepares
    case 'sending': {
      if (!of.waiting_on) return t.campaigns.goesOut
      const { sentence, until } = of.waiting_on
      const shown = until && until > now ? ` ${t.campaigns.until(clockOrDay(until, now))}` : ''
      return `${asSentence(sentence)}${shown}`
    }
    case 'paused':
      return of.reason && asSentence(of.reason.sentence)
    case 'done':
      return of.finished_at ? (
        <>
          {t.campaigns.ended} <Ago at={of.finished_at} />
        </>
      ) : null
    case 'cancelled':
      return of.reason && asSentence(of.reason.sentence)
  }
}

/** In the reader's own time, and in that of the schedule where it is another. */
export function Scheduled({ at, zone }: { at: Date; zone: string }) {
  const there = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
  }).format(at)
  return (
    <>
      {t.campaigns.at(there, zone)}, <Ago at={at} />
    </>
  )
}

import type { QueueOverview } from '../../src/api/endpoints/overview.ts'
import { t } from '../texts/texts.ts'
import { Bars, type Point, type Series } from '../ui/bars.tsx'
import { clockOrDay } from '../ui/format.ts'
import { Panel } from '../ui/panel.tsx'

type Hour = QueueOverview['hours'][number]
const HOUR_MS = 3_600_000
const SHOWN = 48

/** What went out in the last 48 hours, hour by hour. Hours in which nothing happened are drawn too. */
export function Hours({ hours }: { hours: readonly Hour[] }) {
  const now = new Date()
  const all = filled(hours, now)
  const sum = (pick: (hour: Hour) => number) => hours.reduce((total, hour) => total + pick(hour), 0)
  const sent = sum((hour) => hour.sent)
  const lost = sum(lostOf)
  const deferred = sum((hour) => hour.deferred)
  const series: Series[] = [
    { name: t.overview.sent, tone: 'good', fill: 'solid' },
    { name: t.overview.deferred, tone: 'care', fill: 'dotted' },
    { name: t.overview.lost, tone: 'bad', fill: 'hatched' },
  ]
  const points = all.map(
    (hour): Point => ({
      key: hour.hour.toISOString(),
      tick: hour.hour.getHours() % 12 === 0 ? clockOrDay(hour.hour, now).replace(/, 00:00$/, '') : null,
      says: t.overview.hour(clockOrDay(hour.hour, now), hour.sent, hour.deferred, lostOf(hour)),
      values: [hour.sent, hour.deferred, lostOf(hour)],
    }),
  )
  return (
    <Panel title={t.overview.hours}>
      {sent + lost + deferred === 0 ? (
        <p>{t.overview.noHours}</p>
      ) : (
        <Bars series={series} points={points} label={t.overview.hoursLabel(sent, deferred, lost)} />
      )}
    </Panel>
  )
}

function lostOf({ bounced, failed }: Hour): number {
  return bounced + failed
}

function filled(hours: readonly Hour[], now: Date): readonly Hour[] {
  const byHour = new Map(hours.map((hour) => [Math.floor(hour.hour.getTime() / HOUR_MS), hour]))
  const last = Math.floor(now.getTime() / HOUR_MS)
  return Array.from({ length: SHOWN }, (_, index) => {
    const at = last - SHOWN + 1 + index
    return byHour.get(at) ?? { hour: new Date(at * HOUR_MS), sent: 0, delivered: 0, bounced: 0, failed: 0, deferred: 0 }
  })
}

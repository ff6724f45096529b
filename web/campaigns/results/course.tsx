import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import {
  type CampaignFigures,
  type CampaignMoment,
  type CampaignResults,
  listCampaignHours,
} from '../../../src/api/endpoints/campaign-results.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Bars, type Series } from '../../ui/bars.tsx'
import { clockOrDay, dayName, number } from '../../ui/format.ts'
import { Loadable } from '../../ui/loadable.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Rows } from '../../ui/rows.tsx'
import { useIsNarrow } from '../../ui/use-media.ts'
import { CsvLink } from './csv-link.tsx'
import styles from './results.module.css'

const VIEWS = ['sending', 'reading', 'leaving'] as const
type View = (typeof VIEWS)[number]
type By = 'hour' | 'day'

interface Shown extends Series {
  readonly of: (figures: CampaignFigures) => number
}

const HOUR = 3_600_000
const STEP = { hour: HOUR, day: 24 * HOUR }
/** Longer courses are shown by day. */
const HOURS_SHOWN = 72
const POINTS = 120
const TICKS = { wide: 7, narrow: 2 }

function seriesOf(view: View): readonly Shown[] {
  const names = t.results.series
  switch (view) {
    case 'sending':
      return [
        { name: names.accepted, tone: 'busy', fill: 'solid', of: ({ accepted }) => accepted },
        { name: names.lost, tone: 'care', fill: 'dotted', of: ({ failed, expired }) => failed + expired },
        { name: names.bounced, tone: 'bad', fill: 'hatched', of: ({ bounced }) => bounced },
      ]
    case 'reading':
      return [
        { name: names.opened, tone: 'busy', fill: 'solid', of: ({ opened }) => opened.human },
        { name: names.clicked, tone: 'good', fill: 'hatched', of: ({ clicked }) => clicked.human },
        { name: names.replied, tone: 'calm', fill: 'dotted', of: ({ replied }) => replied },
      ]
    case 'leaving':
      return [
        { name: names.unsubscribed, tone: 'care', fill: 'solid', of: ({ unsubscribed }) => unsubscribed },
        { name: names.complained, tone: 'bad', fill: 'hatched', of: ({ complained }) => complained },
      ]
  }
}

/** What happened when. The plot is walked with the arrow keys; the same numbers stand below as a table. */
export function Course({ campaign, everyMs }: { campaign: CampaignResults['campaign']; everyMs: number }) {
  const [view, setView] = useState<View>('sending')
  const age = Date.now() - (campaign.started_at?.getTime() ?? Date.now())
  const by: By = age > HOURS_SHOWN * HOUR ? 'day' : 'hour'
  const query = useEndpoint(listCampaignHours, { id: campaign.id, by }, { everyMs, keep: true })
  return (
    <Panel
      title={t.results.course}
      aside={
        <span className={styles.tools}>
          <SegmentedControl
            size="xs"
            aria-label={t.results.show}
            value={view}
            onChange={(value) => setView(value as View)}
            data={VIEWS.map((value) => ({ value, label: t.results.courseOf[value] }))}
          />
          <CsvLink campaign={campaign} table={by === 'hour' ? 'hours' : 'days'} name={t.results.course} />
        </span>
      }
    >
      <Loadable query={query}>{({ items }) => <Plot moments={items} by={by} view={view} />}</Loadable>
    </Panel>
  )
}

function Plot({ moments, by, view }: { moments: readonly CampaignMoment[]; by: By; view: View }) {
  const isNarrow = useIsNarrow()
  const series = seriesOf(view)
  const told = moments.filter(({ figures }) => series.some(({ of }) => of(figures) > 0))
  if (told.length === 0) return <p className={styles.empty}>{t.results.noCourse}</p>
  const now = new Date()
  const nameOf = (at: Date) => (by === 'hour' ? clockOrDay(at, now) : dayName(at, now))
  const steps = filled(told, by)
  const every = Math.max(1, Math.ceil(steps.length / (isNarrow ? TICKS.narrow : TICKS.wide)))
  const points = steps.map(({ at, figures }, i) => {
    const values = series.map(({ of }) => (figures ? of(figures) : 0))
    const parts = values.map((n, place) => t.results.part(n, series[place]?.name ?? ''))
    return { key: at.toISOString(), tick: i % every === 0 ? nameOf(at) : null, says: t.results.point(nameOf(at), parts), values }
  })
  return (
    <>
      <Bars series={series} points={points} label={t.results.courseLabel(t.results.courseOf[view], points.length, by)} />
      <details className={styles.details}>
        <summary>{t.results.asTable}</summary>
        <div className={`${styles.rows} ${styles.scroll}`}>
          <Rows
            label={t.results.course}
            rows={told}
            keyOf={({ at }) => at.toISOString()}
            columns={[
              { key: 'at', header: t.results.when[by], cell: ({ at }: CampaignMoment) => nameOf(at) },
              ...series.map(({ name, of }) => ({
                key: name,
                header: name,
                end: true,
                cell: ({ figures }: CampaignMoment) => number(of(figures)),
              })),
            ]}
          />
        </div>
      </details>
    </>
  )
}

interface Step {
  readonly at: Date
  readonly figures: CampaignFigures | null
}

/** From the first in which something happened to the last, those between in which nothing did among them; at most so many. */
function filled(moments: readonly CampaignMoment[], by: By): readonly Step[] {
  const step = STEP[by]
  const known = new Map(moments.map(({ at, figures }) => [at.getTime(), figures]))
  const first = Math.min(...known.keys())
  const length = Math.min(POINTS, Math.round((Math.max(...known.keys()) - first) / step) + 1)
  return Array.from({ length: Math.max(length, Math.min(12, POINTS)) }, (_, i) => {
    const at = first + i * step
    return { at: new Date(at), figures: known.get(at) ?? null }
  })
}

import { getRouteApi, Link } from '@tanstack/react-router'
import { getReceiver, type Receiver } from '../../src/api/endpoints/receivers.ts'
import { useEndpoint } from '../query.ts'
import { NotFound } from '../shell/crashed.tsx'
import { t } from '../texts/texts.ts'
import { Bars } from '../ui/bars.tsx'
import { clockOrDay } from '../ui/format.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Rows } from '../ui/rows.tsx'
import { Alerts } from './alerts.tsx'
import { type BoardRow, boardName, figureColumns, pointsOf, SERIES, type Span, valuesOf } from './figures.tsx'
import styles from './receivers.module.css'

const api = getRouteApi('/shell/receivers/$name')
const TICKS = 8

/** One receiver: its course over time, and each route to it. */
export function ReceiverPage() {
  const { name } = api.useParams()
  const { window = '24h' } = api.useSearch()
  const query = useEndpoint(getReceiver, { name, window }, { keep: true })
  if (query.error?.status === 404) return <NotFound />
  return (
    <Page
      title={boardName(name)}
      lead={
        <Link to="/receivers" search={window === '24h' ? {} : { window }}>
          {t.board.all}
        </Link>
      }
    >
      <Loadable query={query}>{({ receiver, ...span }) => <Loaded receiver={receiver} span={span} />}</Loadable>
    </Page>
  )
}

function Loaded({ receiver: { name, figures, steps, routes }, span }: { receiver: Receiver; span: Span }) {
  const now = new Date()
  const points = pointsOf(steps, span, now)
  const every = Math.max(1, Math.ceil(points.length / TICKS))
  return (
    <div className={styles.stack}>
      <Alerts window={span.window} alerts={routes.flatMap(({ alerts }) => alerts.map((alert) => ({ receiver: name, alert })))} />
      <Panel title={t.board.windows[span.window]}>
        <Bars
          series={SERIES()}
          label={t.board.course(...valuesOf(figures))}
          points={points.map(({ at, ...point }, i) => ({ ...point, tick: i % every === 0 ? clockOrDay(at, now) : null }))}
        />
      </Panel>
      <Panel title={t.board.routesLabel} flush>
        <div className={styles.flush}>
          <Rows
            label={t.board.routesLabel}
            rows={routes.map(({ alerts: _, ...lane }): BoardRow => ({ receiver: name, ...lane }))}
            keyOf={({ route }) => route?.id ?? ''}
            columns={[
              { key: 'route', header: t.board.columns.route, cell: ({ route }: BoardRow) => route?.name ?? t.board.removedRoute },
              ...figureColumns(span),
            ]}
          />
        </div>
      </Panel>
    </div>
  )
}

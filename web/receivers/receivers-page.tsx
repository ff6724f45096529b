import { SegmentedControl, Select } from '@mantine/core'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { BoardWindow, listReceivers, type Receiver } from '../../src/api/endpoints/receivers.ts'
import { listRoutes } from '../../src/api/endpoints/routes.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe } from '../me.ts'
import { NoMailYet } from '../parts/pictures.tsx'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Rows } from '../ui/rows.tsx'
import { Alerts } from './alerts.tsx'
import { type BoardRow, boardName, figureColumns, type Span } from './figures.tsx'
import styles from './receivers.module.css'

const api = getRouteApi('/shell/receivers')

/** Figures are counted every few seconds, alerts found every minute. */
const LOOK_AGAIN_MS = 30_000

/** Is mail arriving, and where not? Receivers with alerts first. */
export function ReceiversPage() {
  const { window = '24h', route } = api.useSearch()
  const query = useEndpoint(
    listReceivers,
    { window, ...(route && { route: route as Id<'route'> }) },
    { keep: true, everyMs: LOOK_AGAIN_MS },
  )
  return (
    <Page title={t.board.title} lead={t.board.lead}>
      <Tools window={window} route={route ?? null} />
      <Loadable query={query}>
        {({ items, ...span }) =>
          items.length === 0 ? (
            <EmptyState picture={<NoMailYet />} title={t.board.emptyTitle} sentence={t.board.empty} />
          ) : (
            <>
              <Alerts
                window={window}
                alerts={items.flatMap(({ name, routes }) =>
                  routes.flatMap(({ alerts }) => alerts.map((alert) => ({ receiver: name, alert }))),
                )}
              />
              <Board receivers={items} span={span} />
            </>
          )
        }
      </Loadable>
    </Page>
  )
}

function Tools({ window, route }: { window: BoardWindow; route: string | null }) {
  const navigate = useNavigate()
  const me = useMe()
  const routes = useEndpoint(listRoutes, {}, { enabled: me.permissions.includes('routes.read') })
  const go = (next: { window: BoardWindow; route: string | null }) =>
    void navigate({
      to: '/receivers',
      search: { ...(next.window !== '24h' && { window: next.window }), ...(next.route && { route: next.route }) },
      replace: true,
    })
  return (
    <div className={styles.tools}>
      <SegmentedControl
        aria-label={t.board.window}
        size="xs"
        value={window}
        onChange={(value) => go({ window: BoardWindow.parse(value), route })}
        data={BoardWindow.options.map((value) => ({ value, label: t.board.windows[value] }))}
      />
      <Select
        size="xs"
        aria-label={t.board.route}
        placeholder={t.board.anyRoute}
        clearable
        clearButtonProps={{ 'aria-label': t.board.anyRoute }}
        data={(routes.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={route}
        onChange={(value) => go({ window, route: value })}
      />
    </div>
  )
}

/** Each receiver, and below it its routes where there are several. */
function Board({ receivers, span }: { receivers: readonly Receiver[]; span: Span }) {
  return (
    <Rows
      label={t.board.label}
      rows={receivers.flatMap(rowsOf)}
      keyOf={({ receiver, route }) => `${receiver} ${route?.id ?? ''}`}
      columns={[
        {
          key: 'receiver',
          header: t.board.columns.receiver,
          cell: (row) => <Name row={row} receivers={receivers} span={span} />,
        },
        ...figureColumns(span),
      ]}
    />
  )
}

export function rowsOf({ name, figures, p50_seconds, p95_seconds, steps, routes }: Receiver): BoardRow[] {
  const [only] = routes
  const whole: BoardRow = {
    receiver: name,
    route: null,
    figures,
    p50_seconds,
    p95_seconds,
    steps,
    usual: routes.length === 1 ? (only?.usual ?? null) : null,
  }
  if (routes.length < 2) return [whole]
  return [whole, ...routes.map(({ alerts: _, ...lane }): BoardRow => ({ receiver: name, ...lane }))]
}

function Name({ row: { receiver, route }, receivers, span }: { row: BoardRow; receivers: readonly Receiver[]; span: Span }) {
  if (route) return <span className={styles.quiet}>{route.name ?? t.board.removedRoute}</span>
  const alerts = receivers.find(({ name }) => name === receiver)?.routes.flatMap((lane) => lane.alerts) ?? []
  const [alert] = alerts
  return (
    <span className={styles.marked}>
      <Link to="/receivers/$name" params={{ name: receiver }} search={{ window: span.window }} className={styles.name ?? ''}>
        {boardName(receiver)}
      </Link>
      {alert && (
        <Badge tone={alert.kind === 'put_off' ? 'care' : 'bad'} icon={TriangleAlert} label={t.board.alertKinds[alert.kind]} />
      )}
    </span>
  )
}

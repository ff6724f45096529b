import { Link } from '@tanstack/react-router'
import type { BoardWindow, ReceiverFigures, ReceiverLane } from '../../src/api/endpoints/receivers.ts'
import type { DeliverySearch } from '../deliveries/delivery-search.ts'
import { receiverName } from '../parts/receiver-name.ts'
import { t } from '../texts/texts.ts'
import type { Series } from '../ui/bars.tsx'
import { clockOrDay, number } from '../ui/format.ts'
import { Spark } from '../ui/spark.tsx'
import styles from './receivers.module.css'

/** One row of the board: a receiver, or one route to it. */
export interface BoardRow {
  readonly receiver: string
  /** Null: all of them together. */
  readonly route: ReceiverLane['route'] | null
  readonly figures: ReceiverFigures
  readonly p50_seconds: number | null
  readonly p95_seconds: number | null
  readonly usual: ReceiverLane['usual']
  readonly steps: readonly ReceiverFigures[]
}

export interface Span {
  readonly window: BoardWindow
  readonly since: Date
  readonly step_seconds: number
}

/** Accepted is a relay's word, not an arrival: it is never drawn in the colour of what was delivered. */
export const SERIES = (): readonly Series[] => [
  { name: t.board.series.accepted, tone: 'busy', fill: 'solid' },
  { name: t.board.series.putOff, tone: 'care', fill: 'dotted' },
  { name: t.board.series.refused, tone: 'bad', fill: 'hatched' },
]

export function valuesOf({ sent, deferred, blocked, bounced, returned }: ReceiverFigures): [number, number, number] {
  return [sent, deferred + blocked, bounced - returned]
}

export function pointsOf(steps: readonly ReceiverFigures[], { since, step_seconds }: Span, now: Date) {
  return steps.map((figures, i) => {
    const at = new Date(since.getTime() + i * step_seconds * 1000)
    return { key: String(i), at, says: t.board.step(clockOrDay(at, now), ...valuesOf(figures)), values: valuesOf(figures) }
  })
}

export function Course({ row, span }: { row: BoardRow; span: Span }) {
  return (
    <Spark series={SERIES()} points={pointsOf(row.steps, span, new Date())} label={t.board.course(...valuesOf(row.figures))} />
  )
}

interface FigureProps {
  readonly n: number
  readonly of: number
  readonly usual?: number | null | undefined
  readonly row: BoardRow
  readonly span: Span
  readonly state: string
}

/** A number, its share and what is usual, leading to the deliveries behind it. */
export function Figure({ n, of, usual = null, row, span, state }: FigureProps) {
  const share = of > 0 ? n / of : null
  return (
    <span className={styles.figure}>
      {n === 0 ? (
        <span className={styles.none}>0</span>
      ) : (
        <Link to="/deliveries" search={searchOf(row, span, state)}>
          {number(n)}
        </Link>
      )}
      {share !== null && n > 0 && <span className={styles.share}>{percent(share)}</span>}
      {usual !== null && <span className={styles.usual}>{t.board.usually(percent(usual))}</span>}
    </span>
  )
}

function searchOf({ receiver, route }: BoardRow, { window }: Span, state: string): DeliverySearch {
  return { state, receiver, within: window, ...(route && { route: route.id }) }
}

/** What a route never tells is not zero. */
export function Delivered({ row, span }: { row: BoardRow; span: Span }) {
  const { sent, delivered } = row.figures
  const tells = delivered > 0 || (row.usual !== null && row.usual.delivered >= 0.05)
  if (!tells)
    return sent === 0 ? (
      <span className={styles.none}>0</span>
    ) : (
      <span className={styles.none} title={t.board.notToldHint}>
        {t.board.notTold}
      </span>
    )
  return <Figure n={delivered} of={sent} usual={row.usual?.delivered} row={row} span={span} state="delivered" />
}

export function Times({ row: { p50_seconds: half, p95_seconds: most } }: { row: BoardRow }) {
  if (half === null || most === null) return <span className={styles.none}>–</span>
  return <span title={t.board.timesHint}>{t.board.times(t.board.seconds(half), t.board.seconds(most))}</span>
}

/** As people call it, at the head of a row. */
export function boardName(name: string): string {
  return name === 'other' ? t.board.other : receiverName(name)
}

export function percent(share: number): string {
  const of = share * 100
  return `${of > 0 && of < 1 ? of.toFixed(1) : Math.round(of)} %`
}

/** The columns that a receiver and a route of it have in common. */
export function figureColumns(span: Span) {
  const names = t.board.columns
  const tries = ({ figures }: BoardRow) => valuesOf(figures).reduce((sum, n) => sum + n, 0)
  return [
    { key: 'course', header: names.course, cell: (row: BoardRow) => <Course row={row} span={span} /> },
    {
      key: 'accepted',
      header: names.accepted,
      end: true,
      cell: (row: BoardRow) => <Figure n={row.figures.sent} of={0} row={row} span={span} state="sent,delivered" />,
    },
    { key: 'delivered', header: names.delivered, end: true, cell: (row: BoardRow) => <Delivered row={row} span={span} /> },
    {
      key: 'putOff',
      header: names.putOff,
      end: true,
      cell: (row: BoardRow) => (
        <Figure
          n={row.figures.deferred + row.figures.blocked}
          of={tries(row)}
          usual={row.usual?.put_off}
          row={row}
          span={span}
          state="queued"
        />
      ),
    },
    {
      key: 'refused',
      header: names.refused,
      end: true,
      cell: (row: BoardRow) => (
        <Figure n={row.figures.bounced} of={tries(row)} usual={row.usual?.refused} row={row} span={span} state="bounced" />
      ),
    },
    {
      key: 'complained',
      header: names.complained,
      end: true,
      cell: (row: BoardRow) => (
        <Figure n={row.figures.complained} of={row.figures.sent} row={row} span={span} state="delivered,sent" />
      ),
    },
    { key: 'time', header: names.time, end: true, cell: (row: BoardRow) => <Times row={row} /> },
  ]
}

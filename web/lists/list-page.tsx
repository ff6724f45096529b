import { SegmentedControl } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { type DayOfGrowth, getList, type List, listGrowth } from '../../src/api/endpoints/lists.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Bars, type Series } from '../ui/bars.tsx'
import { Facts } from '../ui/facts.tsx'
import { number } from '../ui/format.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { Rows } from '../ui/rows.tsx'
import { useIsNarrow } from '../ui/use-media.ts'
import styles from './lists.module.css'

const route = getRouteApi('/shell/lists/$id')
const SPANS = [30, 90, 365] as const

/** One list: how many are on it, and how that came about. */
export function ListPage() {
  const { id } = route.useParams()
  const list = useEndpoint(getList, { id: id as List['id'] })
  return <Loadable query={list}>{(found) => <Found list={found} />}</Loadable>
}

function Found({ list }: { readonly list: List }) {
  const words = t.growth
  return (
    <Page
      title={list.name}
      lead={list.description || `${t.lists[list.opt_in]}. ${t.lists[list.visibility]}.`}
      acts={
        <Link to="/contacts" search={{ list: list.id }}>
          {words.people}
        </Link>
      }
    >
      <div className={styles.stack}>
        <Panel title={words.now}>
          <Facts
            inColumns
            facts={[
              [words.subscribed, number(list.subscribed)],
              [words.pending, number(list.pending)],
              [words.unsubscribed, number(list.unsubscribed)],
            ]}
          />
        </Panel>
        <Growth id={list.id} />
      </div>
    </Page>
  )
}

function Growth({ id }: { readonly id: List['id'] }) {
  const [days, setDays] = useState<number>(SPANS[0])
  const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions()
  const query = useEndpoint(listGrowth, { id, days, ...(zone && { zone }) }, { keep: true })
  const words = t.growth
  return (
    <Panel
      title={words.title}
      aside={
        <SegmentedControl
          size="xs"
          aria-label={words.span}
          value={String(days)}
          onChange={(value) => setDays(Number(value))}
          data={SPANS.map((n) => ({ value: String(n), label: words.days(n) }))}
        />
      }
    >
      <Loadable query={query}>{({ items }) => <Course items={items} />}</Loadable>
    </Panel>
  )
}

const TICKS = { wide: 8, narrow: 3 }

function Course({ items }: { readonly items: readonly DayOfGrowth[] }) {
  const isNarrow = useIsNarrow()
  const words = t.growth
  const series: readonly Series[] = [
    { name: words.joined, tone: 'good', fill: 'solid' },
    { name: words.left, tone: 'care', fill: 'hatched' },
  ]
  const every = Math.ceil(items.length / (isNarrow ? TICKS.narrow : TICKS.wide))
  const sum = (of: (day: DayOfGrowth) => number) => items.reduce((all, day) => all + of(day), 0)
  const [joined, left] = [sum((day) => day.joined), sum((day) => day.left)]
  const told = items.filter((day) => day.joined + day.left > 0).reverse()
  const columns = words.columns
  return (
    <div className={styles.stack}>
      <p className={styles.sum}>{words.sum(joined, left, items.at(-1)?.size ?? 0)}</p>
      {told.length > 0 && (
        <>
          <Bars
            series={series}
            label={words.chart(items.length)}
            points={items.map((day, i) => ({
              key: day.day,
              tick: i % every === 0 ? dayWords(day.day) : null,
              says: words.point(dayWords(day.day), day.joined, day.left, day.size),
              values: [day.joined, day.left],
            }))}
          />
          <details>
            <summary>{words.asTable}</summary>
            <div className={styles.table}>
              <Rows
                label={words.title}
                rows={told}
                keyOf={({ day }) => day}
                columns={[
                  { key: 'day', header: columns.day, cell: ({ day }) => dayWords(day) },
                  { key: 'joined', header: columns.joined, end: true, cell: (day) => number(day.joined) },
                  { key: 'left', header: columns.left, end: true, cell: (day) => number(day.left) },
                  { key: 'net', header: columns.net, end: true, cell: ({ net }) => words.signed(net) },
                  { key: 'size', header: columns.size, end: true, cell: ({ size }) => number(size) },
                ]}
              />
            </div>
          </details>
        </>
      )}
    </div>
  )
}

/** The day was told in the reader's own zone, and is no moment. */
function dayWords(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en', { day: 'numeric', month: 'short', timeZone: 'UTC' })
}

// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed by a virtual list cannot be a <table>; the ARIA grid pattern is said instead
// biome-ignore-all lint/a11y/useFocusableInteractive: in this pattern the row has the focus, not its cells
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the keys are the grid's
// biome-ignore-all lint/a11y/noStaticElementInteractions: the same
import { Checkbox } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { t } from '../texts/texts.ts'
import styles from './data-table.module.css'
import { KeyHint } from './key-hint.tsx'
import { useKeys } from './keys.ts'
import { usePreferences } from './preferences.ts'
import { useIsNarrow, useMedia } from './use-media.ts'

export interface Column<Row> {
  readonly key: string
  readonly header: string
  /** A grid track: `120px`, `minmax(160px, 1fr)`. */
  readonly width: string
  /** A header that only says "acts" is heard and not seen. */
  readonly isHidden?: boolean
  readonly align?: 'end'
  /** Left out where the page is narrower than this. */
  readonly wideOnly?: boolean
  readonly cell: (row: Row) => ReactNode
}

/** Rows that are chosen to do something with all of them. */
export interface Choice<Row> {
  readonly isOn: (row: Row) => boolean
  /** With `isRange` everything from the last one that was toggled. */
  readonly toggle: (index: number, isRange: boolean) => void
  /** All that are shown, or none; null where only a few can be. */
  readonly all: ((isOn: boolean) => void) | null
  readonly name: (row: Row) => string
  /** Why a row cannot be chosen. */
  readonly because?: (row: Row) => string | null
}

interface Props<Row> {
  /** What the list is of, for people who hear it. */
  readonly label: string
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly columns: ReadonlyArray<Column<Row>>
  /** A row on a narrow page: two lines. */
  readonly card: (row: Row) => ReactNode
  readonly onOpen?: (row: Row) => void
  readonly hrefOf?: (row: Row) => string
  readonly selected?: string | null
  readonly choice?: Choice<Row> | undefined
  readonly hasMore: boolean
  readonly isFetchingMore: boolean
  readonly more: () => void
  /** Rows of a former question while the new ones come. */
  readonly dim?: boolean
  /** Used in a narrow pane: always cards. */
  readonly cards?: boolean
  readonly restoreId: string
}

const ROW = { comfortable: 44, compact: 34 } as const
const CARD = { comfortable: 64, compact: 54 } as const
const HEAD_ROWS = 1
/** Ask for the next page when this many rows are left below. */
const AHEAD = 30

/**
 * A list of any length: only what can be seen is drawn, the next page comes before the end is reached. `j` and `k` or the arrows move,
 * Enter opens; the row itself has the focus, so that a screen reader reads it.
 */
export function DataTable<Row>(props: Props<Row>) {
  const { rows, keyOf, hasMore, more } = props
  const scroller = useRef<HTMLDivElement>(null)
  const { density } = usePreferences()
  const asCards = useIsNarrow() || props.cards === true
  const isWide = useMedia('(min-width: 1180px)')
  const columns = props.columns.filter((column) => isWide || !column.wideOnly)
  const height = (asCards ? CARD : ROW)[density]

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => keyOf(rows[index] as Row),
    overscan: 10,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew exactly when the height of a row changes
  useEffect(() => virtual.measure(), [height])

  const items = virtual.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && lastShown >= rows.length - AHEAD) more()
  }, [hasMore, lastShown, rows.length, more])

  const { active, setActive, onKeyDown } = useRoving(props, scroller, (index) => virtual.scrollToIndex(index))
  // Scrolled away, the active row is not drawn: then the first that is takes its place in the tab order.
  const tabbable = items.some(({ index }) => index === active) ? active : items[0]?.index
  const { choice } = props
  const tracks = { gridTemplateColumns: [...(choice ? ['44px'] : []), ...columns.map((column) => column.width)].join(' ') }
  const isChosen = (row: Row) =>
    choice ? choice.isOn(row) : props.selected === undefined ? undefined : props.selected === keyOf(row)

  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={styles.scroll}
        data-scroll-restoration-id={props.restoreId}
        role="grid"
        tabIndex={-1}
        aria-label={props.label}
        aria-rowcount={hasMore ? -1 : rows.length + HEAD_ROWS}
        onKeyDown={onKeyDown}
      >
        <div
          role="rowgroup"
          className={asCards ? 'visually-hidden' : undefined}
          style={asCards ? undefined : { position: 'sticky', top: 0, zIndex: 2 }}
        >
          <div role="row" aria-rowindex={1} className={styles.head} style={tracks}>
            {asCards ? (
              <span role="columnheader">{props.label}</span>
            ) : (
              <>
                {choice && (
                  <span role="columnheader" className={styles.choose}>
                    <ChooseAll rows={rows} choice={choice} />
                  </span>
                )}
                {columns.map((column) => (
                  <span key={column.key} role="columnheader" className={cellClass(column)}>
                    {column.isHidden ? <span className="visually-hidden">{column.header}</span> : column.header}
                  </span>
                ))}
              </>
            )}
          </div>
        </div>
        <div
          role="rowgroup"
          className={[styles.rows, props.dim && styles.dim].filter(Boolean).join(' ')}
          style={{ height: virtual.getTotalSize() }}
        >
          {items.map(({ index, key, start }) => {
            const row = rows[index] as Row
            return (
              <div
                key={key}
                role="row"
                data-index={index}
                aria-rowindex={index + 1 + HEAD_ROWS}
                aria-selected={isChosen(row)}
                tabIndex={index === tabbable ? 0 : -1}
                className={styles.row}
                style={{ height, transform: `translateY(${start}px)`, ...(asCards ? undefined : tracks) }}
                onFocus={() => setActive(index)}
                onClick={(event) => openFromClick(props, row, event)}
              >
                {asCards ? (
                  <div role="gridcell" className={[styles.card, choice && styles.chooseCard].filter(Boolean).join(' ')}>
                    {choice && <Choose row={row} index={index} choice={choice} />}
                    {props.card(row)}
                  </div>
                ) : (
                  <>
                    {choice && (
                      <div role="gridcell" className={styles.choose}>
                        <Choose row={row} index={index} choice={choice} />
                      </div>
                    )}
                    {columns.map((column) => (
                      <div key={column.key} role="gridcell" className={cellClass(column)}>
                        {column.cell(row)}
                      </div>
                    ))}
                  </>
                )}
              </div>
            )
          })}
        </div>
      </div>
      <Foot count={rows.length} hasMore={hasMore} canOpen={props.onOpen !== undefined} />
    </div>
  )
}

function ChooseAll<Row>({ rows, choice }: { readonly rows: readonly Row[]; readonly choice: Choice<Row> }) {
  const { all } = choice
  if (all === null) return <span className="visually-hidden">{t.keys.choose}</span>
  const may = rows.filter((row) => !choice.because?.(row))
  const chosen = may.filter(choice.isOn).length
  return (
    <Checkbox
      size="xs"
      aria-label={t.table.chooseShown}
      checked={chosen > 0 && chosen === may.length}
      indeterminate={chosen > 0 && chosen < may.length}
      onChange={(event) => all(event.currentTarget.checked)}
    />
  )
}

function Choose<Row>({ row, index, choice }: { readonly row: Row; readonly index: number; readonly choice: Choice<Row> }) {
  const because = choice.because?.(row) ?? null
  return (
    <Checkbox
      size="xs"
      tabIndex={-1}
      aria-label={t.table.choose(choice.name(row))}
      {...(because !== null && { disabled: true, title: because })}
      checked={choice.isOn(row)}
      onChange={() => {}}
      onClick={(event) => choice.toggle(index, event.shiftKey)}
    />
  )
}

function Foot({ count, hasMore, canOpen }: { count: number; hasMore: boolean; canOpen: boolean }) {
  const { singleKeys } = usePreferences()
  return (
    <div className={styles.foot}>
      <span role="status">{hasMore ? t.table.someOf(count) : t.table.allOf(count)}</span>
      {singleKeys && (
        <span className={styles.keys} aria-hidden>
          <span>
            <KeyHint keys="j k" /> {t.keys.move}
          </span>
          {canOpen && (
            <span>
              <KeyHint keys="Enter" /> {t.keys.open}
            </span>
          )}
        </span>
      )}
    </div>
  )
}

/** One row is in the tab order; keys move which one. */
function useRoving<Row>(props: Props<Row>, scroller: React.RefObject<HTMLDivElement | null>, scrollTo: (index: number) => void) {
  const { rows, onOpen } = props
  const [active, setActive] = useState(0)

  function focusRow(index: number) {
    const to = Math.max(0, Math.min(rows.length - 1, index))
    const rowAt = () => scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)
    setActive(to)
    scrollTo(to)
    const row = rowAt()
    if (row) return row.focus({ preventScroll: true })
    // It is not drawn yet, and the row that has the focus is about to go: the grid keeps it until the next frame, so that no key is lost.
    scroller.current?.focus({ preventScroll: true })
    requestAnimationFrame(() => rowAt()?.focus({ preventScroll: true }))
  }
  const focused = () => scroller.current?.contains(document.activeElement) ?? false
  const step = (by: number) => focusRow(focused() ? active + by : active)

  useKeys([
    { keys: 'j', label: t.keys.next, group: t.keys.lists, run: () => step(1) },
    { keys: 'k', label: t.keys.previous, group: t.keys.lists, run: () => step(-1) },
    ...(props.choice ? [{ keys: 'x', label: t.keys.choose, group: t.keys.lists, run: () => choose(active) }] : []),
  ])

  function choose(index: number) {
    const row = rows[index]
    if (row !== undefined && !props.choice?.because?.(row)) props.choice?.toggle(index, false)
  }

  function onKeyDown(event: KeyboardEvent) {
    const row = rows[active]
    const moves: Record<string, () => void> = {
      ArrowDown: () => focusRow(active + 1),
      ArrowUp: () => focusRow(active - 1),
      PageDown: () => focusRow(active + 10),
      PageUp: () => focusRow(active - 10),
      Home: () => focusRow(0),
      End: () => focusRow(rows.length - 1),
    }
    const move = moves[event.key]
    if (move) {
      event.preventDefault()
      move()
    } else if (event.key === ' ' && props.choice && (event.target as HTMLElement).role === 'row') {
      event.preventDefault()
      choose(active)
    } else if (event.key === 'Enter' && row !== undefined && ['row', 'grid'].includes((event.target as HTMLElement).role ?? '')) {
      event.preventDefault()
      onOpen?.(row)
    }
  }
  return { active, setActive, onKeyDown }
}

function openFromClick<Row>({ onOpen, hrefOf }: Props<Row>, row: Row, event: MouseEvent): void {
  if ((event.target as Element).closest('a, button, input, label, [data-choose], [role="menuitem"]')) return
  if (window.getSelection()?.toString()) return
  const href = hrefOf?.(row)
  if (href && (event.metaKey || event.ctrlKey)) window.open(href, '_blank')
  else onOpen?.(row)
}

function cellClass<Row>({ align }: Column<Row>): string {
  return [styles.cell, align === 'end' && styles.end].filter(Boolean).join(' ')
}

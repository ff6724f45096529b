// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed by a virtual list cannot be a <table>; the ARIA grid pattern is said instead
// biome-ignore-all lint/a11y/useFocusableInteractive: in this pattern the row has the focus, not its cells
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the keys are the grid's
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { ConversationRow } from '../../../src/api/endpoints/conversation-lists.ts'
import { t } from '../../texts/texts.ts'
import { usePreferences } from '../../ui/preferences.ts'
import { useInboxKeys } from '../keys.ts'
import styles from './conversation-list.module.css'
import { ConversationCard } from './row.tsx'
import type { Selection } from './use-selection.ts'

interface Props {
  readonly rows: readonly ConversationRow[]
  readonly hasMore: boolean
  readonly more: () => void
  readonly dim: boolean
  /** The one whose page is open beside the list. */
  readonly openNumber: number | null
  readonly open: (row: ConversationRow) => void
  readonly hrefOf: (row: ConversationRow) => string
  readonly selection: Selection
  readonly showsStatus: boolean
  readonly mayAct: boolean
  readonly onUndo: () => void
  readonly onAct: (act: 'close' | 'star' | 'assignMe' | 'unread' | 'remove', row: ConversationRow | undefined) => void
}

const HEIGHT = { comfortable: 96, compact: 56 } as const
/** Ask for the next page when this many rows are left below. */
const AHEAD = 40

/**
 * The list itself. Only what can be seen is drawn, so a hundred thousand rows scroll as ten do; what is seen stays where it is while others come and go
 * above it.
 */
export function ConversationList(props: Props) {
  const { rows, hasMore, more, selection } = props
  const scroller = useRef<HTMLDivElement>(null)
  const { density } = usePreferences()
  const height = HEIGHT[density]
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew exactly when the height of a row changes
  useEffect(() => virtual.measure(), [height])
  const items = virtual.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && lastShown >= rows.length - AHEAD) more()
  }, [hasMore, lastShown, rows.length, more])
  usePlaceKept(scroller, rows, height)
  const { active, setActive, onKeyDown } = useListKeyboard(props, scroller, (index) => virtual.scrollToIndex(index))
  const tabbable = items.some(({ index }) => index === active) ? active : items[0]?.index

  return (
    <div
      ref={scroller}
      className={styles.scroll}
      data-scroll-restoration-id="conversations"
      role="grid"
      tabIndex={-1}
      aria-label={t.inboxList.list}
      aria-multiselectable
      aria-rowcount={hasMore ? -1 : rows.length}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className={props.dim ? styles.dim : styles.rows} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const row = rows[index] as ConversationRow
          const isChosen = selection.ids.has(row.id)
          return (
            <div
              key={key}
              role="row"
              data-index={index}
              aria-rowindex={index + 1}
              aria-selected={isChosen}
              aria-current={row.number === props.openNumber || undefined}
              tabIndex={index === tabbable ? 0 : -1}
              className={styles.row}
              style={{ height, transform: `translateY(${start}px)` }}
              onFocus={() => setActive(index)}
              onClick={(event) => clickRow(props, index, event)}
            >
              <div role="gridcell" className={styles.choose}>
                <input
                  type="checkbox"
                  tabIndex={-1}
                  checked={isChosen}
                  aria-label={t.inboxList.select(`#${row.number} ${row.subject}`)}
                  onChange={() => {}}
                  onClick={(event) => {
                    event.stopPropagation()
                    selection.toggle(index, event.shiftKey)
                  }}
                />
              </div>
              <div role="gridcell" className={styles.cell}>
                <ConversationCard row={row} isDense={density === 'compact'} showsStatus={props.showsStatus} />
              </div>
            </div>
          )
        })}
      </div>
    </div>
  )
}

function clickRow({ rows, open, hrefOf, selection }: Props, index: number, event: MouseEvent): void {
  const row = rows[index]
  if (!row || window.getSelection()?.toString()) return
  if (event.shiftKey) selection.toggle(index, true)
  else if (event.metaKey || event.ctrlKey) window.open(hrefOf(row), '_blank')
  else open(row)
}

/** What is read stays under the eye: when rows come or go above it, the list scrolls by as much. */
function usePlaceKept(scroller: React.RefObject<HTMLDivElement | null>, rows: readonly ConversationRow[], height: number): void {
  const before = useRef(rows)
  useLayoutEffect(() => {
    const [list, old] = [scroller.current, before.current]
    before.current = rows
    if (!list || old === rows || list.scrollTop < height) return
    const top = Math.floor(list.scrollTop / height)
    for (const seen of old.slice(top, top + 20)) {
      const now = rows.findIndex(({ id }) => id === seen.id)
      if (now === -1) continue
      list.scrollTop += (now - old.indexOf(seen)) * height
      return
    }
  }, [scroller, rows, height])
}

function useListKeyboard(props: Props, scroller: React.RefObject<HTMLDivElement | null>, scrollTo: (index: number) => void) {
  const { rows, open, openNumber, selection, mayAct, onAct, onUndo } = props
  const [active, setActive] = useState(0)
  const openIndex = openNumber === null ? -1 : rows.findIndex(({ number }) => number === openNumber)
  const at = openIndex >= 0 && !(scroller.current?.contains(document.activeElement) ?? false) ? openIndex : active

  function focusRow(index: number): ConversationRow | undefined {
    const to = Math.max(0, Math.min(rows.length - 1, index))
    const rowAt = () => scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)
    setActive(to)
    scrollTo(to)
    const drawn = rowAt()
    if (drawn) drawn.focus({ preventScroll: true })
    else {
      // It is not drawn yet: the grid keeps the focus until the next frame, so that no key is lost.
      scroller.current?.focus({ preventScroll: true })
      requestAnimationFrame(() => rowAt()?.focus({ preventScroll: true }))
    }
    return rows[to]
  }
  /** Beside an open conversation the next one is opened as well: reading on is what one wants there. */
  function step(by: number): void {
    const isIn = scroller.current?.contains(document.activeElement) ?? false
    const row = focusRow(isIn || openIndex >= 0 ? at + by : at)
    if (row && openIndex >= 0) open(row)
  }
  useInboxKeys({
    next: () => step(1),
    previous: () => step(-1),
    select: () => selection.toggle(at, false),
    selectAll: selection.all,
  })
  const acts = (row: ConversationRow | undefined) => ({
    close: () => onAct('close', row),
    star: () => onAct('star', row),
    assignMe: () => onAct('assignMe', row),
    unread: () => onAct('unread', row),
    remove: () => onAct('remove', row),
  })
  const isAny = selection.rows.length > 0
  useInboxKeys(mayAct ? { ...acts(rows[at]), undo: onUndo } : {})
  useInboxKeys(isAny ? { ...(mayAct && acts(undefined)), selectNone: selection.none } : {}, { selected: true })

  function onKeyDown(event: KeyboardEvent) {
    const moves: Record<string, () => void> = {
      ArrowDown: () => void focusRow(active + 1),
      ArrowUp: () => void focusRow(active - 1),
      PageDown: () => void focusRow(active + 8),
      PageUp: () => void focusRow(active - 8),
      Home: () => void focusRow(0),
      End: () => void focusRow(rows.length - 1),
      ' ': () => selection.toggle(active, event.shiftKey),
    }
    const move = moves[event.key]
    const row = rows[active]
    if (move) {
      event.preventDefault()
      move()
    } else if (event.key === 'Enter' && row) {
      event.preventDefault()
      open(row)
    }
  }
  return { active, setActive, onKeyDown }
}

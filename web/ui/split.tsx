import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from 'react'
import { t } from '../texts/texts.ts'
import { prefer, usePreferences } from './preferences.ts'
import styles from './split.module.css'
import { useMedia } from './use-media.ts'

interface Props {
  readonly list: ReactNode
  /** Null: nothing is chosen; a narrow page then shows the list alone. */
  readonly detail: ReactNode | null
  readonly placeholder?: ReactNode
}

const MIN = 260
const MAX = 680
const STEP = 24

/** List left, detail right, the border between them movable by pointer and arrows. A narrow page shows one of them. */
export function Split({ list, detail, placeholder }: Props) {
  const { listWidth } = usePreferences()
  const isNarrow = useMedia('(max-width: 900px)')
  const box = useRef<HTMLDivElement>(null)
  if (isNarrow) return <div className={styles.one}>{detail ?? list}</div>

  const width = clamp(listWidth)
  function drag(event: PointerEvent<HTMLDivElement>) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || !box.current) return
    prefer({ listWidth: clamp(event.clientX - box.current.getBoundingClientRect().left) })
  }
  function nudge(event: KeyboardEvent) {
    const by = event.key === 'ArrowLeft' ? -STEP : event.key === 'ArrowRight' ? STEP : 0
    if (by === 0) return
    event.preventDefault()
    prefer({ listWidth: clamp(width + by) })
  }
  return (
    <div ref={box} className={styles.split} style={{ '--list-width': `${width}px` } as React.CSSProperties}>
      <div className={styles.list}>{list}</div>
      {/* biome-ignore lint/a11y/useSemanticElements: an hr cannot be moved */}
      <div
        className={styles.handle}
        role="separator"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={t.common.resize}
        aria-valuenow={width}
        aria-valuemin={MIN}
        aria-valuemax={MAX}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={nudge}
      />
      <div className={styles.detail}>{detail ?? placeholder}</div>
    </div>
  )
}

function clamp(width: number): number {
  return Math.round(Math.max(MIN, Math.min(MAX, width)))
}

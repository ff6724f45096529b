import { ChevronRight, type LucideIcon } from 'lucide-react'
import { Fragment, type ReactNode, useId, useState } from 'react'
import { clock, dayName, isSameDay } from './format.ts'
import { useNow } from './time.tsx'
import styles from './timeline.module.css'
import { type Tone, toned } from './tone.ts'

export interface TimelineItem {
  readonly id: string
  readonly at: Date
  readonly tone: Tone
  readonly icon: LucideIcon
  readonly words: ReactNode
  readonly note?: ReactNode
  /** Seen without opening the line, such as links. */
  readonly beneath?: ReactNode
  /** What the line opens to. */
  readonly evidence?: () => ReactNode
  /** Has not happened yet. */
  readonly isNext?: boolean
}

/** What happened, in words, in order, with days between; each line opens to its evidence. */
export function Timeline({ items, label }: { items: readonly TimelineItem[]; label: string }) {
  const now = useNow()
  return (
    <ol aria-label={label}>
      {items.map((item, index) => {
        const before = items[index - 1]
        const newDay = before ? !isSameDay(before.at, item.at) : !isSameDay(item.at, now)
        return (
          <Fragment key={item.id}>
            {newDay && (
              <li className={styles.day}>
                <span>{dayName(item.at, now)}</span>
              </li>
            )}
            <TimelineLine item={item} isFirst={index === 0 || newDay} isLast={index === items.length - 1} />
          </Fragment>
        )
      })}
    </ol>
  )
}

function TimelineLine({ item, isFirst, isLast }: { item: TimelineItem; isFirst: boolean; isLast: boolean }) {
  const [open, setOpen] = useState(false)
  const id = useId()
  const classes = [styles.item, isFirst && styles.first, isLast && styles.last, item.isNext && styles.next]
  const Icon = item.icon
  return (
    <li className={classes.filter(Boolean).join(' ')} {...toned(item.tone)}>
      <time className={styles.time} dateTime={item.at.toISOString()}>
        {clock(item.at)}
      </time>
      <div className={styles.rail}>
        <span className={styles.mark}>
          <Icon size={12} strokeWidth={2.4} aria-hidden />
        </span>
      </div>
      <div className={styles.body}>
        {item.evidence ? (
          <button type="button" className={styles.line} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            <Words item={item} />
            <ChevronRight className={styles.chevron} size={14} aria-hidden />
          </button>
        ) : (
          <div className={styles.line}>
            <Words item={item} />
          </div>
        )}
        {item.beneath && <div className={styles.beneath}>{item.beneath}</div>}
        {item.evidence && (
          <div id={id} className={open ? styles.evidence : undefined}>
            {open && item.evidence()}
          </div>
        )}
      </div>
    </li>
  )
}

function Words({ item }: { item: TimelineItem }) {
  return (
    <span className={styles.words}>
      {item.words}
      {item.note && <span className={styles.note}>{item.note}</span>}
    </span>
  )
}

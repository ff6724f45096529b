import { type ReactNode, useId } from 'react'
import styles from './panel.module.css'

interface Props {
  readonly title: string
  readonly aside?: ReactNode
  /** Content that reaches the edges: rows, tables. */
  readonly flush?: boolean
  readonly children: ReactNode
}

export function Panel({ title, aside, flush = false, children }: Props) {
  const id = useId()
  return (
    <section className={styles.panel} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        {aside}
      </div>
      <div className={flush ? styles.flush : styles.body}>{children}</div>
    </section>
  )
}

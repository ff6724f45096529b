import { type ReactNode, useEffect } from 'react'
import styles from './page.module.css'

interface Props {
  readonly title: string
  /** What the tab is called, when the heading is not enough. */
  readonly tab?: string
  readonly lead?: ReactNode
  readonly acts?: ReactNode
  /** `filled`: a list that scrolls itself. `narrow`: text and forms. */
  readonly shape?: 'wide' | 'filled' | 'narrow'
  /** A page whose heading is part of its content draws it itself. */
  readonly bare?: boolean
  readonly children: ReactNode
}

export function Page({ title, tab = title, lead, acts, shape = 'wide', bare = false, children }: Props) {
  useEffect(() => {
    document.title = `${tab} · Waybill`
  }, [tab])
  const classes = [styles.page, shape === 'filled' && styles.filled, shape === 'narrow' && styles.narrow]
  return (
    <div className={classes.filter(Boolean).join(' ')}>
      {!bare && (
        <header className={styles.head}>
          <div>
            <h1 className={styles.title}>{title}</h1>
            {lead && <p className={styles.lead}>{lead}</p>}
          </div>
          {acts && <div className={styles.acts}>{acts}</div>}
        </header>
      )}
      {children}
    </div>
  )
}

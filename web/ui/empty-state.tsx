import type { ReactNode } from 'react'
import styles from './empty-state.module.css'

interface Props {
  readonly picture?: ReactNode
  readonly title: string
  readonly sentence: ReactNode
  readonly act?: ReactNode
  readonly children?: ReactNode
}

/** An empty page teaches: one picture, one sentence, one button. */
export function EmptyState({ picture, title, sentence, act, children }: Props) {
  return (
    <div className={styles.empty}>
      {picture && <div className={styles.picture}>{picture}</div>}
      <div className={styles.words}>
        <h2 className={styles.title}>{title}</h2>
        <p className={styles.sentence}>{sentence}</p>
      </div>
      {act}
      {children}
    </div>
  )
}

import type { ReactNode } from 'react'
import styles from './empty-state.module.css'

interface Props {
  readonly picture?: ReactNode
  readonly title: string
  readonly sentence: ReactNode
  readonly act?: ReactNode
  /** It is the whole page, and its title the page's heading. */
  readonly isPage?: boolean
  readonly children?: ReactNode
}

/** An empty page teaches: one picture, one sentence, one button. */
export function EmptyState({ picture, title, sentence, act, isPage = false, children }: Props) {
  const Heading = isPage ? 'h1' : 'h2'
  return (
    <div className={styles.empty}>
      {picture && <div className={styles.picture}>{picture}</div>}
      <div className={styles.words}>
        <Heading className={styles.title}>{title}</Heading>
        <p className={styles.sentence}>{sentence}</p>
      </div>
      {act}
      {children}
    </div>
  )
}

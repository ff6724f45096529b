import type { CSSProperties, ReactNode } from 'react'
import styles from './item-list.module.css'
import { useListKeys } from './use-list-keys.ts'

interface Props {
  readonly label: string
  /** Of each item, as CSS has them, where there is room; a narrow window keeps the first and the second. */
  readonly columns: string
  readonly children: ReactNode
}

/** A short list of things to open, in a frame: each a `li` with one link. `j` and `k` move between them. */
export function ItemList({ label, columns, children }: Props) {
  const list = useListKeys<HTMLUListElement>('a')
  return (
    <ul ref={list} className={styles.list} style={{ '--columns': columns } as CSSProperties} aria-label={label}>
      {children}
    </ul>
  )
}

export function ItemName({ children }: { children: ReactNode }) {
  return <span className={styles.name}>{children}</span>
}

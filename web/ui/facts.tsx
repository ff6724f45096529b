import type { ReactNode } from 'react'
import styles from './facts.module.css'

interface Props {
  readonly facts: ReadonlyArray<readonly [name: string, value: ReactNode]>
  /** Side by side where there is room. */
  readonly inColumns?: boolean
}

/** Names and values. What has no value is left out. */
export function Facts({ facts, inColumns = false }: Props) {
  return (
    <dl className={inColumns ? styles.columns : styles.facts}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([name, value]) => (
          <div key={name} className={styles.fact}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

import { Button } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { t } from '../texts/texts.ts'
import styles from './loadable.module.css'
import { Note } from './note.tsx'

interface Props<Data> {
  readonly query: Pick<UseQueryResult<Data, Error>, 'data' | 'error' | 'isPending' | 'refetch'>
  readonly skeleton?: ReactNode
  readonly children: (data: Data) => ReactNode
}

/** What was asked for, or its outline while it comes, or why it did not come. What is already there stays when asking again fails. */
export function Loadable<Data>({ query, skeleton, children }: Props<Data>) {
  if (query.data !== undefined) return children(query.data)
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />
  return skeleton ?? <Skeleton lines={6} />
}

export function Failed({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <Note
      tone="bad"
      alert
      act={
        <Button size="compact-sm" variant="default" onClick={retry}>
          {t.common.tryAgain}
        </Button>
      }
    >
      {error.message}
    </Note>
  )
}

/** Grey lines of a page to come. They appear after a moment: what answers at once never flickers. */
export function Skeleton({ lines }: { lines: number }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={t.common.loading}>
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines that are all alike
        <div key={index} className={styles.line} />
      ))}
    </div>
  )
}

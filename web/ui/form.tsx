import type { FormEvent, ReactNode } from 'react'
import styles from './form.module.css'
import { Note } from './note.tsx'

interface Props {
  readonly onSubmit: () => void
  /** What the server said no with, when it belongs to no single field. */
  readonly problem?: string | null
  readonly children: ReactNode
}

export function Form({ onSubmit, problem, children }: Props) {
  function submit(event: FormEvent) {
    event.preventDefault()
    onSubmit()
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      {problem && (
        <Note tone="bad" alert>
          {problem}
        </Note>
      )}
      {children}
    </form>
  )
}

/** Fields side by side: the second is short, or both are halves. */
export function FormRow({ half = false, children }: { half?: boolean; children: ReactNode }) {
  return <div className={[styles.row, half && styles.half].filter(Boolean).join(' ')}>{children}</div>
}

export function FormActs({ end = false, children }: { end?: boolean; children: ReactNode }) {
  return <div className={[styles.acts, end && styles.end].filter(Boolean).join(' ')}>{children}</div>
}

import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './note.module.css'
import { type Tone, toned } from './tone.ts'

interface Props {
  readonly tone: Extract<Tone, 'bad' | 'care' | 'good' | 'calm' | 'wait'>
  readonly hint?: ReactNode
  readonly act?: ReactNode
  /** Said aloud when it appears. */
  readonly alert?: boolean
  readonly children: ReactNode
}

const ICONS = { bad: CircleAlert, care: TriangleAlert, good: CircleCheck, calm: Info, wait: Info }

export function Note({ tone, hint, act, alert = false, children }: Props) {
  const Icon = ICONS[tone]
  return (
    <div className={styles.note} {...toned(tone)} role={alert ? 'alert' : undefined}>
      <Icon size={16} aria-hidden />
      <div className={styles.words}>
        <div>{children}</div>
        {hint && <div className={styles.hint}>{hint}</div>}
      </div>
      {act}
    </div>
  )
}

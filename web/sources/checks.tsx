import { CircleAlert, CircleCheck, CircleDashed } from 'lucide-react'
import type { SourceExamination } from '../../src/api/endpoints/sources.ts'
import { t } from '../texts/texts.ts'
import { toned } from '../ui/tone.ts'
import styles from './sources.module.css'

const LOOKS = {
  good: { tone: 'good', icon: CircleCheck },
  bad: { tone: 'bad', icon: CircleAlert },
  skipped: { tone: 'calm', icon: CircleDashed },
} as const

/** The way to the mailbox, step by step: what was seen, and what to do where it ends. */
export function Checks({ examination }: { examination: SourceExamination }) {
  return (
    <ol className={styles.checks} aria-label={t.sources.checksTitle}>
      {examination.checks.map(({ name, state, sentence, hint }) => {
        const { tone, icon: Icon } = LOOKS[state]
        return (
          <li key={name} className={styles.check} {...toned(tone)}>
            <Icon size={16} aria-label={t.sources.checkStates[state]} />
            <span className={styles.checkName}>{t.sources.checks[name] ?? name}</span>
            <span>
              {sentence}
              {hint && <span className={styles.quiet}> {hint}</span>}
            </span>
          </li>
        )
      })}
    </ol>
  )
}

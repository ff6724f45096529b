import { CircleAlert, CircleCheck, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ReadinessCheck } from '../../../src/api/endpoints/campaign-pages.ts'
import { t } from '../../texts/texts.ts'
import { type Tone, toned } from '../../ui/tone.ts'
import styles from './edit.module.css'

const LOOKS: Readonly<Record<ReadinessCheck['status'], { readonly tone: Tone; readonly icon: LucideIcon }>> = {
  ok: { tone: 'good', icon: CircleCheck },
  warn: { tone: 'care', icon: TriangleAlert },
  fail: { tone: 'bad', icon: CircleAlert },
}

/** What was looked at, what was found, and what to do about it. */
export function Checklist({ checks }: { checks: readonly ReadinessCheck[] }) {
  return (
    <ul className={styles.checks}>
      {checks.map(({ id, status, sentence, hint }) => {
        const { tone, icon: Icon } = LOOKS[status]
        return (
          <li key={id} {...toned(tone)}>
            <Icon size={16} aria-hidden className={styles.checkIcon} />
            <span>
              <b>{t.campaigns.edit.checks[id]}</b> <span className="visually-hidden">{t.campaigns.edit.statuses[status]}</span>
              <span className={styles.sentence}>{sentence}</span>
              {hint && <span className={styles.quiet}>{hint}</span>}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

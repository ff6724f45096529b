import { Check, CircleAlert, Clock3 } from 'lucide-react'
import { t } from '../../texts/texts.ts'
import { toned } from '../../ui/tone.ts'
import styles from './trial.module.css'
import type { HowTried } from './use-trial.ts'

const LOOKS = {
  goes: { tone: 'busy', icon: Check },
  waits: { tone: 'wait', icon: Clock3 },
  held: { tone: 'bad', icon: CircleAlert },
} as const

/** On a step: what the trial came to there. */
export function Tried({ how }: { how: HowTried }) {
  const { tone, icon: Icon } = LOOKS[how]
  return (
    <span className={styles.tried} {...toned(tone)}>
      <Icon size={12} strokeWidth={2.5} aria-hidden />
      {t.trial.card[how]}
    </span>
  )
}

import type { LucideIcon } from 'lucide-react'
import styles from './badge.module.css'
import { type Tone, toned } from './tone.ts'

interface Props {
  readonly tone: Tone
  readonly icon: LucideIcon
  readonly label: string
  /** Without its ground: in dense lists. */
  readonly plain?: boolean
  readonly moving?: boolean
}

export function Badge({ tone, icon: Icon, label, plain = false, moving = false }: Props) {
  return (
    <span className={[styles.badge, plain && styles.plain, moving && styles.moving].filter(Boolean).join(' ')} {...toned(tone)}>
      <Icon size={13} strokeWidth={2.25} aria-hidden />
      <span>{label}</span>
    </span>
  )
}

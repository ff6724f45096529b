import { ActionIcon, Tooltip } from '@mantine/core'
import { ArrowDown, ArrowUp, Copy, CornerDownRight, type LucideIcon, X } from 'lucide-react'
import { t } from '../texts/texts.ts'
import styles from './segments.module.css'

export interface TreeActs {
  readonly move: (key: string, by: -1 | 1) => void
  readonly duplicate: (key: string) => void
  readonly negate: (key: string) => void
  readonly drop: (key: string) => void
}

interface Props {
  readonly of: string
  /** What it says, so that each button says what it would be done to. */
  readonly name: string
  readonly acts: TreeActs
}

export function NodeActs({ of, name, acts }: Props) {
  const all: readonly [string, LucideIcon, () => void][] = [
    [t.segments.up, ArrowUp, () => acts.move(of, -1)],
    [t.segments.down, ArrowDown, () => acts.move(of, 1)],
    [t.segments.negate, CornerDownRight, () => acts.negate(of)],
    [t.segments.duplicate, Copy, () => acts.duplicate(of)],
    [t.segments.drop, X, () => acts.drop(of)],
  ]
  return (
    <span className={styles.acts}>
      {all.map(([label, Icon, run]) => (
        <Tooltip key={label} label={label} openDelay={300}>
          <ActionIcon variant="subtle" aria-label={t.segments.actOn(label, name)} onClick={run}>
            <Icon size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
      ))}
    </span>
  )
}

/** Alt with an arrow moves what has the focus. */
export function movesBy(event: { readonly altKey: boolean; readonly key: string }): -1 | 1 | null {
  if (!event.altKey) return null
  return event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : null
}

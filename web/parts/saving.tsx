import { Button } from '@mantine/core'
import { CloudCheck, CloudUpload, TriangleAlert } from 'lucide-react'
import { t } from '../texts/texts.ts'
import { Note } from '../ui/note.tsx'
import { toned } from '../ui/tone.ts'
import styles from './saving.module.css'
import type { SaveState, Side } from './use-autosave.ts'

const SAVED = {
  saved: { tone: 'good', icon: CloudCheck },
  unsaved: { tone: 'wait', icon: CloudUpload },
  saving: { tone: 'wait', icon: CloudUpload },
  wrong: { tone: 'bad', icon: TriangleAlert },
  conflict: { tone: 'care', icon: TriangleAlert },
} as const

/** Whether what was typed is kept by now. */
export function Saved({ state }: { readonly state: SaveState }) {
  const { tone, icon: Icon } = SAVED[state]
  return (
    <span className={styles.saved} role="status" {...toned(tone)}>
      <Icon size={15} aria-hidden />
      {state === 'conflict' ? t.saving.unsaved : t.saving[state]}
    </span>
  )
}

/** Somebody else saved in between: whoever sits here says which of the two it is. */
export function Conflict({ says, settle }: { readonly says: string; readonly settle: (which: Side) => Promise<void> }) {
  const acts = (
    <span>
      <Button size="compact-sm" variant="default" onClick={() => void settle('theirs')}>
        {t.saving.takeTheirs}
      </Button>{' '}
      <Button size="compact-sm" onClick={() => void settle('mine')}>
        {t.saving.keepMine}
      </Button>
    </span>
  )
  return (
    <Note tone="care" hint={t.saving.conflictHint} act={acts} alert>
      {says}
    </Note>
  )
}

import { Button } from '@mantine/core'
import { CloudCheck, CloudUpload, TriangleAlert } from 'lucide-react'
import { t } from '../texts/texts.ts'
import { Note } from '../ui/note.tsx'
import { toned } from '../ui/tone.ts'
import styles from './forms.module.css'
import type { SaveState } from './use-form-draft.ts'

const SAVED = {
  saved: { tone: 'good', icon: CloudCheck },
  unsaved: { tone: 'wait', icon: CloudUpload },
  saving: { tone: 'wait', icon: CloudUpload },
  wrong: { tone: 'bad', icon: TriangleAlert },
  conflict: { tone: 'care', icon: TriangleAlert },
} as const

export function Saved({ state }: { readonly state: SaveState }) {
  const { tone, icon: Icon } = SAVED[state]
  return (
    <span className={styles.saved} role="status" {...toned(tone)}>
      <Icon size={15} aria-hidden />
      {state === 'conflict' ? t.forms.unsaved : t.forms[state]}
    </span>
  )
}

export function Conflict({ settle }: { readonly settle: (which: 'theirs' | 'mine') => Promise<void> }) {
  const acts = (
    <span>
      <Button size="compact-sm" variant="default" onClick={() => void settle('theirs')}>
        {t.forms.takeTheirs}
      </Button>{' '}
      <Button size="compact-sm" onClick={() => void settle('mine')}>
        {t.forms.keepMine}
      </Button>
    </span>
  )
  return (
    <Note tone="care" hint={t.forms.conflictHint} act={acts} alert>
      {t.forms.conflict}
    </Note>
  )
}

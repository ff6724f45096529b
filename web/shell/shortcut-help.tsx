import { Switch } from '@mantine/core'
import { useState } from 'react'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { KeyHint } from '../ui/key-hint.tsx'
import { activeBindings, type Binding } from '../ui/keys.ts'
import { prefer, usePreferences } from '../ui/preferences.ts'
import styles from './shortcut-help.module.css'

/** Every key that does something on the page behind it. */
export function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const [bindings] = useState(activeBindings)
  const { singleKeys } = usePreferences()
  const groups = Map.groupBy(
    [...bindings, { keys: 'Enter', label: t.keys.enter, group: t.keys.lists, run: onClose } satisfies Binding],
    ({ group }) => group,
  )
  return (
    <Dialog title={t.keys.title} wide onClose={onClose}>
      <div className={styles.groups}>
        {[...groups]
          .toSorted(([a], [b]) => rank(a) - rank(b))
          .map(([group, entries]) => (
            <section key={group} aria-label={group}>
              <h3 className={styles.title}>{group}</h3>
              <ul>
                {entries.map(({ keys, label }) => (
                  <li
                    key={keys}
                    className={[styles.line, !singleKeys && !keys.startsWith('mod+') && keys !== 'Enter' && styles.off]
                      .filter(Boolean)
                      .join(' ')}
                  >
                    <span>{label}</span>
                    <KeyHint keys={keys} />
                  </li>
                ))}
              </ul>
            </section>
          ))}
      </div>
      <div className={styles.foot}>
        <Switch
          label={t.keys.single}
          description={t.keys.singleHint}
          checked={singleKeys}
          onChange={(event) => prefer({ singleKeys: event.currentTarget.checked })}
        />
      </div>
    </Dialog>
  )
}

/** What holds here comes before what holds anywhere. */
function rank(group: string): number {
  return [t.keys.lists, t.keys.anywhere, t.keys.go].indexOf(group)
}

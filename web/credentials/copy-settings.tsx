import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import type { SmtpPlace } from '../../src/api/endpoints/credentials.ts'
import { t } from '../texts/texts.ts'
import { Note } from '../ui/note.tsx'
import { Raw } from '../ui/raw.tsx'
import styles from './credentials.module.css'
import { SETTINGS, type SettingsKind, type SignIn, settingsText } from './settings-text.ts'

/** The settings as an application takes them, ready to be pasted. */
export function CopySettings({ place, signIn }: { place: SmtpPlace; signIn: SignIn }) {
  const [kind, setKind] = useState<SettingsKind>('django')
  if (place.starttls_port === null && place.tls_port === null) return <Note tone="care">{t.credentials.off}</Note>
  return (
    <div className={styles.settings}>
      <SegmentedControl
        aria-label={t.credentials.settings}
        value={kind}
        data={SETTINGS.map((value) => ({ value, label: t.credentials.kinds[value] }))}
        onChange={(value) => setKind(SETTINGS.find((known) => known === value) ?? 'django')}
      />
      <Raw
        text={settingsText(kind, place, signIn)}
        label={`${t.credentials.settings} ${t.credentials.kinds[kind]}`}
        copyLabel={t.credentials.copySettings}
      />
      {place.certificate === 'self_made' && (
        <Note tone="calm" hint={t.credentials.selfMadeHint}>
          {t.credentials.selfMade}
        </Note>
      )}
    </div>
  )
}

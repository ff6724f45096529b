import { Button } from '@mantine/core'
import type { Credential, SmtpPlace } from '../../src/api/endpoints/credentials.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { CopySettings } from './copy-settings.tsx'
import styles from './credentials.module.css'

interface Props {
  readonly credential: Pick<Credential, 'name' | 'username'> & { readonly password: string }
  readonly place: SmtpPlace
  readonly onClose: () => void
}

/** Once: the server keeps only what the password can be recognised by. */
export function ShownPassword({ credential, place, onClose }: Props) {
  return (
    <Dialog title={t.credentials.shownTitle(credential.name)} onClose={onClose}>
      <p>{t.credentials.shown}</p>
      <CopySettings place={place} signIn={credential} />
      <div className={styles.done}>
        <Button onClick={onClose} data-autofocus>
          {t.credentials.kept}
        </Button>
      </div>
    </Dialog>
  )
}

import { Button } from '@mantine/core'
import { t } from '../texts/texts.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import styles from './webhook-pages.module.css'

export function ShownSecret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Dialog title={t.webhooks.secretTitle} onClose={onClose}>
      <p>{t.webhooks.secret}</p>
      <div className={styles.secret}>
        <span data-testid="webhook-secret">{secret}</span>
        <CopyButton text={secret} label={t.webhooks.copySecret} />
      </div>
      <div className={styles.acts}>
        <Button onClick={onClose} data-autofocus>
          {t.webhooks.kept}
        </Button>
      </div>
    </Dialog>
  )
}

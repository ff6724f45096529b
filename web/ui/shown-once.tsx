import { Button } from '@mantine/core'
import { CopyButton } from './copy-button.tsx'
import { Dialog } from './dialog.tsx'
import styles from './shown-once.module.css'

interface Props {
  readonly title: string
  readonly lead: string
  readonly secret: string
  readonly testId: string
  readonly copyLabel: string
  /** The words of the button that says: I have it. */
  readonly kept: string
  readonly onClose: () => void
}

/** What the server tells this once and never again. */
export function ShownOnce({ title, lead, secret, testId, copyLabel, kept, onClose }: Props) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{lead}</p>
      <div className={styles.secret}>
        <span data-testid={testId}>{secret}</span>
        <CopyButton text={secret} label={copyLabel} />
      </div>
      <div className={styles.acts}>
        <Button onClick={onClose} data-autofocus>
          {kept}
        </Button>
      </div>
    </Dialog>
  )
}

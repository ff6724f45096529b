import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { t } from '../texts/texts.ts'
import styles from './dialog.module.css'

interface Props {
  readonly title: string
  readonly onClose: () => void
  readonly wide?: boolean
  readonly children: ReactNode
}

/** A dialog in our dress. `lockScroll` is off: it would need a style element, which the content security policy refuses. */
export function Dialog({ title, onClose, wide = false, children }: Props) {
  return (
    <Modal.Root
      opened
      centered
      onClose={onClose}
      lockScroll={false}
      size={wide ? 680 : 460}
      transitionProps={{ transition: 'fade', duration: 120 }}
    >
      <Modal.Overlay className={styles.overlay ?? ''} />
      {/* By this name: a className would also dress the box around it, which fills the window. */}
      <Modal.Content classNames={{ content: styles.content ?? '' }}>
        {/* Not Mantine's own header: in a dialog a <header> is taken for a second banner of the page. */}
        <div className={styles.header}>
          <Modal.Title className={styles.title ?? ''}>{title}</Modal.Title>
          <Modal.CloseButton aria-label={t.common.close} />
        </div>
        <Modal.Body className={styles.body ?? ''}>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}

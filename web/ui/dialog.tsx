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
    <Modal
      opened
      centered
      onClose={onClose}
      title={title}
      lockScroll={false}
      size={wide ? 680 : 460}
      transitionProps={{ transition: 'fade', duration: 120 }}
      classNames={{
        content: styles.content ?? '',
        header: styles.header ?? '',
        title: styles.title ?? '',
        body: styles.body ?? '',
        overlay: styles.overlay ?? '',
      }}
      closeButtonProps={{ 'aria-label': t.common.close }}
    >
      {children}
    </Modal>
  )
}

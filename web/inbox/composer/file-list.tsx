import { CloseButton, Loader } from '@mantine/core'
import { Paperclip } from 'lucide-react'
import type { UploadView } from '../../../src/api/endpoints/answers.ts'
import { t } from '../../texts/texts.ts'
import { bytes } from '../../ui/format.ts'
import styles from './composer.module.css'

interface Props {
  readonly uploads: readonly UploadView[]
  readonly uploading: readonly string[]
  readonly onRemove: (id: UploadView['id']) => void
}

/** What goes along, and what is on its way to the server. */
export function FileList({ uploads, uploading, onRemove }: Props) {
  if (uploads.length + uploading.length === 0) return null
  return (
    <ul className={styles.files} aria-label={t.conversation.files}>
      {uploads.map(({ id, filename, size_bytes }) => (
        <li key={id}>
          <Paperclip size={13} aria-hidden />
          <span className={styles.filename}>{filename}</span>
          <span className={styles.size}>{bytes(size_bytes)}</span>
          <CloseButton type="button" size="xs" aria-label={t.composer.removeFile(filename)} onClick={() => onRemove(id)} />
        </li>
      ))}
      {uploading.map((name) => (
        <li key={name} aria-label={t.composer.uploading(name)}>
          <Loader size={12} />
          <span className={styles.filename}>{name}</span>
        </li>
      ))}
    </ul>
  )
}

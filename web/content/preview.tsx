import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import type { ContentPreview } from '../../src/api/endpoints/content.ts'
import type { ContactId } from '../../src/lib/ids.ts'
import { CLIPPED_BYTES } from '../../src/templates/content.ts'
import { t } from '../texts/texts.ts'
import { bytes } from '../ui/format.ts'
import { Note } from '../ui/note.tsx'
import styles from './preview.module.css'
import { PreviewFrame } from './preview-frame.tsx'
import { ReaderChoice } from './reader-choice.tsx'

const VIEWS = ['desktop', 'phone', 'dark', 'plain'] as const
type View = (typeof VIEWS)[number]

interface Props {
  readonly preview: ContentPreview | null
  readonly isUpdating: boolean
  readonly error: string | null
  readonly reader: ContactId | null
  readonly onReader: (id: ContactId | null) => void
  readonly preheader?: string
  /** Of a template, which has no subject. */
  readonly bare?: boolean
}

/** How it reads: on a desk, on a phone, in the dark, and without markup. */
export function Preview({ preview, isUpdating, error, reader, onReader, preheader = '', bare = false }: Props) {
  const [view, setView] = useState<View>('desktop')
  const says = t.content.preview
  return (
    <section className={styles.pane} aria-label={says.title} aria-busy={isUpdating}>
      <div className={styles.bar}>
        <SegmentedControl
          size="xs"
          aria-label={says.view}
          value={view}
          onChange={(next) => setView(next as View)}
          data={VIEWS.map((name) => ({ value: name, label: says.views[name] }))}
        />
        <div className={styles.reader}>
          <ReaderChoice value={reader} onChange={onReader} label={says.as} />
        </div>
      </div>
      {error !== null && (
        <Note tone="bad" alert>
          {error}
        </Note>
      )}
      {preview?.sentence && <Note tone="care">{preview.sentence}</Note>}
      <div className={styles.mail}>
        {!bare && (
          <div className={styles.head}>
            <span className={styles.subject}>{preview?.texts?.subject || says.noSubject}</span>
            <span className={styles.after}>{preheader || firstWords(preview)}</span>
          </div>
        )}
        <Letter preview={preview} view={view} />
      </div>
      <div className={styles.foot}>
        <span>{view === 'dark' ? says.darkNote : ''}</span>
        <Size preview={preview} />
      </div>
    </section>
  )
}

function Letter({ preview, view }: { preview: ContentPreview | null; view: View }) {
  const texts = preview?.texts
  if (!preview) return <p className={styles.nothing}>{t.content.preview.updating}</p>
  if (!texts) return <p className={styles.nothing}>{t.content.preview.empty}</p>
  if (view === 'plain' || texts.html === null) return <pre className={styles.plain}>{texts.text}</pre>
  return <PreviewFrame html={texts.html} title={t.content.preview.frame(texts.subject)} as={view} />
}

function Size({ preview }: { preview: ContentPreview | null }) {
  const n = preview?.texts?.html_bytes ?? 0
  if (n === 0) return null
  const isClipped = n > CLIPPED_BYTES
  return (
    <span className={isClipped ? styles.clipped : undefined}>
      {t.content.preview.size(bytes(n))}
      {isClipped && ` · ${t.content.preview.clipped}`}
    </span>
  )
}

function firstWords(preview: ContentPreview | null): string {
  return (preview?.texts?.text ?? '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 140)
}

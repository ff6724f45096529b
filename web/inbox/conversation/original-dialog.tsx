import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { getItemOriginal, getItemSource, listItemVersions } from '../../../src/api/endpoints/conversations.ts'
import { callText, hrefOf, type ParamsOf, type Problem, type ReplyOf } from '../../api.ts'
import { keyOf, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { bytes } from '../../ui/format.ts'
import { Loadable } from '../../ui/loadable.tsx'
import { Raw } from '../../ui/raw.tsx'
import { When } from '../../ui/time.tsx'
import { Authentication } from './authentication.tsx'
import { LetterText } from './letter-html.tsx'
import styles from './thread.module.css'

type At = ParamsOf<typeof getItemOriginal>
const VIEWS = ['sender', 'headers', 'raw'] as const
type View = (typeof VIEWS)[number]

/** Who sent it, the headers as they came, and all of it byte for byte. */
export function OriginalDialog({ at, onClose }: { at: At; onClose: () => void }) {
  const query = useEndpoint(getItemOriginal, at)
  const [view, setView] = useState<View>('sender')
  return (
    <Dialog title={t.conversation.originalTitle} onClose={onClose} wide>
      <Loadable query={query}>
        {(original) => (
          <div className={styles.dialog}>
            <div className={styles.views}>
              <SegmentedControl
                size="xs"
                aria-label={t.conversation.originalTitle}
                value={view}
                onChange={(next) => setView(next as View)}
                data={VIEWS.map((value) => ({ value, label: t.conversation.originalViews[value] }))}
              />
              <Button
                component="a"
                href={hrefOf(getItemSource, at)}
                download={`${at.item_id}.eml`}
                size="compact-sm"
                variant="default"
                leftSection={<Download size={14} aria-hidden />}
              >
                {t.conversation.sourceOf(bytes(original.size_bytes))}
              </Button>
            </div>
            {view === 'sender' && <Sender original={original} />}
            {view === 'headers' && (
              <Raw
                label={t.conversation.headersLabel}
                copyLabel={t.common.copy}
                text={original.headers.map(({ name, value }) => `${name}: ${value}`).join('\n')}
                tall
              />
            )}
            {view === 'raw' && <Source at={at} sizeBytes={original.size_bytes} />}
          </div>
        )}
      </Loadable>
    </Dialog>
  )
}

function Sender({ original: { authentication, matched_by, headers } }: { original: ReplyOf<typeof getItemOriginal> }) {
  const first = (name: string) => headers.find((header) => header.name.toLowerCase() === name)?.value ?? ''
  return (
    <>
      <Facts
        facts={[
          [t.conversation.head.from, first('from')],
          [t.conversation.head.replyTo, first('reply-to')],
          [t.conversation.head.returnPath, first('return-path')],
          [t.conversation.head.date, first('date')],
          [t.conversation.head.messageId, first('message-id')],
          [t.conversation.matchedBy, matched_by],
        ]}
      />
      <Authentication results={authentication} />
    </>
  )
}

/** More than this is read in a program that is made for it. */
const SHOWN_MAX_BYTES = 1_000_000

function Source({ at, sizeBytes }: { at: At; sizeBytes: number }) {
  const isShown = sizeBytes <= SHOWN_MAX_BYTES
  const query = useQuery<string, Problem>({
    queryKey: keyOf(getItemSource, at),
    queryFn: ({ signal }) => callText(getItemSource, { params: at }, signal),
    enabled: isShown,
  })
  if (!isShown) return <p className={styles.aside}>{t.conversation.sourceTooLong}</p>
  return (
    <Loadable query={query}>
      {(text) => <Raw label={t.conversation.originalViews.raw} copyLabel={t.common.copy} text={text} tall />}
    </Loadable>
  )
}

export function VersionsDialog({ at, onClose }: { at: At; onClose: () => void }) {
  const query = useEndpoint(listItemVersions, at)
  return (
    <Dialog title={t.conversation.versionsTitle} onClose={onClose} wide>
      <Loadable query={query}>
        {({ items }) => (
          <ol className={styles.dialog}>
            {items.map((version) => (
              <li key={version.version} className={styles.version}>
                <p className={styles.aside}>
                  {t.conversation.replaced(version.replaced_by)}, <When at={version.replaced_at} />
                </p>
                <LetterText text={version.text} />
              </li>
            ))}
          </ol>
        )}
      </Loadable>
    </Dialog>
  )
}

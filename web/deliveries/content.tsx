import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { getRawMessage, type Message } from '../../src/api/endpoints/messages.ts'
import type { Id } from '../../src/lib/ids.ts'
import { callText, hrefOf } from '../api.ts'
import { keyOf } from '../query.ts'
import { t } from '../texts/texts.ts'
import { bytes } from '../ui/format.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Raw } from '../ui/raw.tsx'
import styles from './content.module.css'

/** Enough to read any header and any text; attachments of megabytes are for the download. */
const SHOWN_CHARACTERS = 200_000

/** The mail as it is handed over: its headers, or all of it, as text. Nothing of it is drawn. */
export function Content({ message, delivery }: { message: Message; delivery: Id<'delivery'> | undefined }) {
  const [view, setView] = useState<'headers' | 'source'>('source')
  const params = { id: message.id, ...(delivery && { delivery }) }
  const query = useQuery({
    queryKey: keyOf(getRawMessage, params),
    queryFn: ({ signal }) => callText(getRawMessage, { params }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const says = t.waybill.content
  return (
    <div className={styles.content}>
      <div className={styles.bar}>
        <SegmentedControl
          size="xs"
          aria-label={t.sandbox.view}
          value={view}
          onChange={(next) => setView(next as 'headers' | 'source')}
          data={[
            { value: 'source', label: says.source },
            { value: 'headers', label: says.headers },
          ]}
        />
        <Button
          component="a"
          href={hrefOf(getRawMessage, params)}
          download={`${message.id}.eml`}
          size="xs"
          variant="default"
          leftSection={<Download size={14} aria-hidden />}
        >
          {says.download}
        </Button>
      </div>
      <Loadable query={query}>
        {(source) => {
          const text = view === 'headers' ? headersOf(source) : source
          const shown = text.slice(0, SHOWN_CHARACTERS)
          return (
            <>
              {shown.length < text.length && <Note tone="calm">{says.truncated(bytes(shown.length), bytes(text.length))}</Note>}
              <Raw text={shown} label={says[view]} copyLabel={says.copySource} tall />
            </>
          )
        }}
      </Loadable>
    </div>
  )
}

function headersOf(source: string): string {
  const end = source.search(/\r?\n\r?\n/)
  return end === -1 ? source : source.slice(0, end)
}

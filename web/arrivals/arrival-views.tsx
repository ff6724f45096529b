import { Button, SegmentedControl } from '@mantine/core'
import { ImageOff, Paperclip } from 'lucide-react'
import { useState } from 'react'
import { type ArrivalDetail, getArrivalSource, showArrival } from '../../src/api/endpoints/arrivals.ts'
import type { Id } from '../../src/lib/ids.ts'
import { hrefOf } from '../api.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Facts } from '../ui/facts.tsx'
import { bytes } from '../ui/format.ts'
import { Loadable } from '../ui/loadable.tsx'
import { MailFrame } from '../ui/mail-frame.tsx'
import { Note } from '../ui/note.tsx'
import { Raw } from '../ui/raw.tsx'
import { When } from '../ui/time.tsx'
import styles from './arrivals.module.css'

const VIEWS = ['mail', 'text', 'headers', 'facts', 'source', 'history'] as const
type View = (typeof VIEWS)[number]
const texts = t.arrivals

/** What there is to see of a mail: only what can be told without reading it, where it cannot be read. */
export function ArrivalViews({ arrival }: { arrival: ArrivalDetail }) {
  const { problem, has_html } = arrival
  const there = VIEWS.filter((view) =>
    view === 'mail' ? has_html : view === 'text' || view === 'headers' ? problem === null : true,
  )
  const [wanted, setWanted] = useState<View | null>(null)
  const view = wanted && there.includes(wanted) ? wanted : (there[0] ?? 'facts')
  const [images, setImages] = useState(false)
  return (
    <>
      <div className={styles.tools}>
        <SegmentedControl
          size="xs"
          aria-label={texts.viewLabel}
          value={view}
          onChange={(next) => setWanted(next as View)}
          data={there.map((name) => ({ value: name, label: texts.views[name] }))}
        />
        {view === 'mail' && !images && (
          <Button
            size="compact-sm"
            variant="default"
            title={`${texts.blocked}. ${texts.showImagesHint}`}
            leftSection={<ImageOff size={13} aria-hidden />}
            onClick={() => setImages(true)}
          >
            {texts.showImages}
          </Button>
        )}
      </div>
      <div className={styles.body}>
        <Body arrival={arrival} view={view} images={images} />
      </div>
    </>
  )
}

function Body({ arrival, view, images }: { arrival: ArrivalDetail; view: View; images: boolean }) {
  const { id, subject, text, headers } = arrival
  switch (view) {
    case 'mail':
      return (
        <div className={styles.frame}>
          <MailFrame src={hrefOf(showArrival, { id, ...(images && { images }) })} title={texts.frame(subject)} />
        </div>
      )
    case 'text':
      return (
        <div className={styles.padded}>
          {text === null ? (
            <p className={styles.quiet}>{texts.noText}</p>
          ) : (
            <Raw text={text} label={texts.views.text} copyLabel={t.common.copy} tall />
          )}
        </div>
      )
    case 'headers':
      return (
        <dl className={`${styles.headers} ${styles.padded}`}>
          {headers.map(({ name, value }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a header may come twice with the same value
            <div key={index} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )
    case 'facts':
      return <HowItCame arrival={arrival} />
    case 'source':
      return <Source id={id} />
    case 'history':
      return <History arrival={arrival} />
  }
}

function HowItCame({ arrival }: { arrival: ArrivalDetail }) {
  const { channel, source, size_bytes, stage, attempts, envelope, automatic, keys, problem, settled_by } = arrival
  const names = texts.facts
  const hasKeys = keys !== null && (keys.tokens > 0 || keys.references.length > 0 || keys.subject_tags.length > 0)
  return (
    <div className={styles.padded}>
      {problem && <Note tone="calm">{problem}</Note>}
      <Facts
        facts={[
          [names.by, source ? `${texts.channels[channel]}: ${source.name}` : texts.channels[channel]],
          [names.stage, stage && texts.stages[stage]],
          [names.tries, attempts > 1 ? attempts : null],
          [names.decided, settled_by],
          [names.envelopeSender, envelope.sender === '' ? texts.noEnvelopeSender : envelope.sender],
          [names.envelopeRecipients, envelope.recipients.slice(0, 20).join(', ')],
          [names.client, [envelope.helo, envelope.remote_ip].filter(Boolean).join(' ')],
          [names.automatic, automatic],
          [names.size, bytes(size_bytes)],
        ]}
      />
      {keys && (
        <section>
          <h3>{names.keys}</h3>
          {hasKeys ? (
            <Facts
              facts={[
                [names.tokens, keys.tokens > 0 ? keys.tokens : null],
                [names.references, keys.references.slice(0, 20).join(' ')],
                [names.tags, keys.subject_tags.join(' ')],
              ]}
            />
          ) : (
            <p className={styles.quiet}>{texts.facts.noKeys}</p>
          )}
        </section>
      )}
      <section>
        <h3>{names.authentication}</h3>
        <Authentication results={arrival.authentication} />
      </section>
    </div>
  )
}

function Authentication({ results }: { results: unknown }) {
  if (typeof results !== 'object' || results === null) return <p className={styles.quiet}>{texts.facts.notChecked}</p>
  return <Facts facts={Object.entries(results).map(([name, value]): [string, string] => [name.toUpperCase(), wordsOf(value)])} />
}

function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordsOf).join('; ') || '–'
  if (typeof value !== 'object' || value === null) return String(value ?? '–')
  return Object.entries(value)
    .filter(([, each]) => each !== null && each !== '')
    .map(([name, each]) => (name === 'result' ? wordsOf(each) : `${name} ${wordsOf(each)}`))
    .join(', ')
}

function Source({ id }: { id: Id<'inbound_mail'> }) {
  const query = useEndpoint(getArrivalSource, { id })
  return (
    <div className={styles.padded}>
      <Loadable query={query}>
        {({ text, is_cut }) => (
          <>
            {is_cut && <Note tone="calm">{texts.sourceCut}</Note>}
            <Raw text={text} label={texts.views.source} copyLabel={t.common.copy} tall />
          </>
        )}
      </Loadable>
    </div>
  )
}

function History({ arrival: { history } }: { arrival: ArrivalDetail }) {
  return (
    <div className={styles.padded}>
      <ol className={styles.history}>
        {history.map(({ at, by, sentence }) => (
          <li key={`${at.getTime()} ${sentence}`}>
            <span className={styles.when}>
              <When at={at} />
            </span>
            <span>
              {sentence} {by && <span className={styles.soft}>{by}</span>}
            </span>
          </li>
        ))}
      </ol>
    </div>
  )
}

export function Files({ arrival: { files } }: { arrival: ArrivalDetail }) {
  if (files.length === 0) return null
  return (
    <section className={styles.files} aria-label={texts.files(files.length)} title={texts.filesHint}>
      {files.slice(0, 50).map(({ filename, content_type, size_bytes }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two files may have one name
        <span key={index} className={styles.file} title={content_type}>
          <Paperclip size={15} aria-hidden />
          <span>{filename}</span>
          <span className={styles.soft}>{bytes(size_bytes)}</span>
        </span>
      ))}
    </section>
  )
}

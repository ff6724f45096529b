import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowLeft, Download, FileText, ImageOff, Paperclip } from 'lucide-react'
import { useState } from 'react'
import {
  getRawSandboxMail,
  getSandboxAttachment,
  getSandboxMail,
  type SandboxMail,
  showSandboxMail,
} from '../../src/api/endpoints/sandbox.ts'
import type { Id } from '../../src/lib/ids.ts'
import { callText, hrefOf } from '../api.ts'
import { keyOf, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import detail from '../ui/detail.module.css'
import { Facts } from '../ui/facts.tsx'
import { bytes } from '../ui/format.ts'
import { Loadable } from '../ui/loadable.tsx'
import { MailFrame } from '../ui/mail-frame.tsx'
import { Note } from '../ui/note.tsx'
import { Raw } from '../ui/raw.tsx'
import { When } from '../ui/time.tsx'
import { useMedia } from '../ui/use-media.ts'
import styles from './mail-detail.module.css'

type View = 'html' | 'text' | 'headers' | 'source'

export function MailDetail({ id }: { id: Id<'sandbox_mail'> }) {
  const query = useEndpoint(getSandboxMail, { id })
  return <Loadable query={query}>{(mail) => <Mail mail={mail} />}</Loadable>
}

function Mail({ mail }: { mail: SandboxMail }) {
  const [view, setView] = useState<View>(mail.html === null ? 'text' : 'html')
  const [images, setImages] = useState(false)
  return (
    <article className={detail.detail} aria-label={mail.subject || t.activity.noSubject}>
      <Head mail={mail} />
      <div className={styles.tools}>
        <SegmentedControl
          size="xs"
          aria-label={t.sandbox.view}
          value={view}
          onChange={(next) => setView(next as View)}
          data={(['html', 'text', 'headers', 'source'] as const).map((name) => ({ value: name, label: t.sandbox.views[name] }))}
        />
        <div className={styles.acts}>
          <Button
            component="a"
            size="xs"
            variant="default"
            href={hrefOf(getRawSandboxMail, { id: mail.id })}
            download={`${mail.id}.eml`}
            leftSection={<Download size={14} aria-hidden />}
          >
            {t.waybill.content.download}
          </Button>
        </div>
      </div>
      {view === 'html' && mail.remote_images > 0 && !images && (
        <BlockedImages n={mail.remote_images} onShow={() => setImages(true)} />
      )}
      <div className={styles.body}>
        <Body mail={mail} view={view} images={images} />
      </div>
      <Attachments mail={mail} />
    </article>
  )
}

function Head({ mail }: { mail: SandboxMail }) {
  // Where it stands alone, it is the page, and its subject the page's heading.
  const isNarrow = useMedia('(max-width: 900px)')
  const Heading = isNarrow ? 'h1' : 'h2'
  return (
    <header className={detail.head}>
      {isNarrow && (
        <Link to="/sandbox" search={{}}>
          <ArrowLeft size={13} aria-hidden /> {t.sandbox.backToList}
        </Link>
      )}
      <div className={`${detail.title} ${styles.title}`}>
        <Heading>{mail.subject || t.activity.noSubject}</Heading>
        <Link to="/messages/$id" params={{ id: mail.message_id }} search={{ delivery: mail.delivery_id }}>
          {t.sandbox.waybill}
        </Link>
      </div>
      <Facts
        facts={[
          [t.waybill.from, mail.sender || '<>'],
          [t.waybill.to, mail.recipient],
          [t.waybill.accepted, <When key="at" at={mail.received_at} />],
          [t.waybill.size, bytes(mail.size_bytes)],
        ]}
      />
    </header>
  )
}

function BlockedImages({ n, onShow }: { n: number; onShow: () => void }) {
  return (
    <div className={styles.note}>
      <Note
        tone="calm"
        hint={t.sandbox.blockedHint}
        act={
          <Button size="compact-sm" variant="default" leftSection={<ImageOff size={13} aria-hidden />} onClick={onShow}>
            {t.sandbox.showImages}
          </Button>
        }
      >
        {t.sandbox.blocked(n)}
      </Note>
    </div>
  )
}

function Body({ mail, view, images }: { mail: SandboxMail; view: View; images: boolean }) {
  switch (view) {
    case 'html':
      return mail.html === null ? (
        <p className={styles.padded}>{t.sandbox.noHtml}</p>
      ) : (
        <div className={styles.frame}>
          <MailFrame
            src={hrefOf(showSandboxMail, { id: mail.id, ...(images && { images }) })}
            title={t.sandbox.frame(mail.subject)}
          />
        </div>
      )
    case 'text':
      return mail.text === null ? (
        <p className={styles.padded}>{t.sandbox.noText}</p>
      ) : (
        <div className={styles.padded}>
          <Raw text={mail.text} label={t.sandbox.views.text} copyLabel={t.common.copy} tall />
        </div>
      )
    case 'headers':
      return <Headers headers={mail.headers} />
    case 'source':
      return <Source id={mail.id} />
  }
}

function Headers({ headers }: { headers: SandboxMail['headers'] }) {
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
}

const SHOWN_CHARACTERS = 200_000

function Source({ id }: { id: Id<'sandbox_mail'> }) {
  const query = useQuery({
    queryKey: keyOf(getRawSandboxMail, { id }),
    queryFn: ({ signal }) => callText(getRawSandboxMail, { params: { id } }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <div className={styles.padded}>
      <Loadable query={query}>
        {(source) => (
          <>
            {source.length > SHOWN_CHARACTERS && (
              <Note tone="calm">{t.waybill.content.truncated(bytes(SHOWN_CHARACTERS), bytes(source.length))}</Note>
            )}
            <Raw
              text={source.slice(0, SHOWN_CHARACTERS)}
              label={t.sandbox.views.source}
              copyLabel={t.waybill.content.copySource}
              tall
            />
          </>
        )}
      </Loadable>
    </div>
  )
}

function Attachments({ mail }: { mail: SandboxMail }) {
  if (mail.attachments.length === 0) return null
  return (
    <section className={styles.attachments} aria-label={t.sandbox.attachments(mail.attachments.length)}>
      {mail.attachments.map(({ index, filename, content_type, size_bytes }) => (
        <a
          key={index}
          className={styles.attachment}
          href={hrefOf(getSandboxAttachment, { id: mail.id, index })}
          download={filename}
          title={content_type}
          aria-label={t.sandbox.download(filename)}
        >
          {content_type.startsWith('text/') ? <FileText size={16} aria-hidden /> : <Paperclip size={16} aria-hidden />}
          <span className={styles.filename}>{filename}</span>
          <span className={styles.size}>{bytes(size_bytes)}</span>
        </a>
      ))}
    </section>
  )
}

import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Link2 } from 'lucide-react'
import type { Message } from '../../src/api/endpoints/messages.ts'
import { t } from '../texts/texts.ts'
import { CopyButton, copyText } from '../ui/copy-button.tsx'
import { absolute, bytes } from '../ui/format.ts'
import { When } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { Barcode } from './barcode.tsx'
import styles from './label.module.css'

const SHOWN_ADDRESSES = 2

/** The head of a waybill: what it is, from whom, to whom, which way; the number to copy. */
export function Label({ message }: { message: Message }) {
  async function copyLink() {
    const only = message.campaign && message.deliveries.length === 1 ? `?delivery=${message.deliveries[0]?.id}` : ''
    await copyText(`${window.location.origin}/messages/${message.id}${only}`)
    toast('good', t.waybill.linkCopied)
  }
  return (
    <header className={styles.label}>
      <div className={styles.top}>
        <div className={styles.words}>
          <div className={styles.number}>
            <span className={styles.word}>{t.waybill.word}</span>
            <code>{message.id}</code>
            <CopyButton text={message.id} label={t.waybill.copyId} />
          </div>
          <h1 className={styles.subject}>{message.subject || t.activity.noSubject}</h1>
        </div>
        <div className={styles.side}>
          <Barcode id={message.id} className={styles.barcode} />
          <Button size="xs" variant="default" leftSection={<Link2 size={14} aria-hidden />} onClick={() => void copyLink()}>
            {t.waybill.copyLink}
          </Button>
        </div>
      </div>
      <div className={styles.tear} />
      <dl className={styles.facts}>
        <Fact name={t.waybill.from}>{message.from}</Fact>
        <Addresses name={t.waybill.to} addresses={message.to} />
        <Addresses name={t.waybill.cc} addresses={message.cc} />
        <Addresses name={t.waybill.bcc} addresses={message.bcc} />
        {message.campaign && (
          <Fact name={t.campaigns.ofMail}>
            <Link to="/campaigns/$id" params={{ id: message.campaign.id }} search={{}}>
              {message.campaign.name}
            </Link>
          </Fact>
        )}
        <Fact name={t.waybill.stream}>{t.streams[message.stream]}</Fact>
        <Fact name={t.waybill.size}>{bytes(message.size_bytes)}</Fact>
        <Fact name={t.waybill.accepted}>
          <When at={message.created_at} />
        </Fact>
        {message.scheduled_at && (
          <Fact name={t.waybill.scheduled}>
            <When at={message.scheduled_at} />
          </Fact>
        )}
      </dl>
      <span className="visually-hidden">{absolute(message.created_at)}</span>
    </header>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Addresses({ name, addresses }: { name: string; addresses: readonly string[] }) {
  if (addresses.length === 0) return null
  const more = addresses.length - SHOWN_ADDRESSES
  return (
    <Fact name={name}>
      <span title={addresses.slice(0, 50).join('\n')}>
        {addresses.slice(0, SHOWN_ADDRESSES).join(', ')}
        {more > 0 && ` ${t.waybill.andMore(more)}`}
      </span>
    </Fact>
  )
}

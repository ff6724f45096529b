import { Button } from '@mantine/core'
import {
  Bot,
  Download,
  EyeOff,
  Forward,
  ImageOff,
  type LucideIcon,
  MessageSquareText,
  Paperclip,
  Phone,
  Reply,
  StickyNote,
} from 'lucide-react'
import { useState } from 'react'
import { type ConversationItem, type ConversationView, getItemFile, showItem } from '../../../src/api/endpoints/conversations.ts'
import { hrefOf } from '../../api.ts'
import { t } from '../../texts/texts.ts'
import { bytes } from '../../ui/format.ts'
import { Ago } from '../../ui/time.tsx'
import { ItemMenu } from './item-menu.tsx'
import { LetterFrame } from './letter-frame.tsx'
import { LetterHtml, LetterText } from './letter-html.tsx'
import { SentLine } from './sent-line.tsx'
import styles from './thread.module.css'

interface Props {
  readonly conversation: ConversationView
  readonly item: ConversationItem
  readonly isMine: boolean
}

const ICONS: Readonly<Record<ConversationItem['kind'], LucideIcon>> = {
  customer: MessageSquareText,
  reply: Reply,
  note: StickyNote,
  forward: Forward,
  activity: MessageSquareText,
}

/** One message: who, to whom, when; what was written; what is quoted, folded; files; how it stands. */
export function ItemCard({ conversation, item, isMine }: Props) {
  const [isShown, setShown] = useState(item.hidden_at === null)
  const name = item.author.name || item.author.address
  const Icon = item.channel === 'phone' ? Phone : ICONS[item.kind]
  if (!isShown) {
    return (
      <div className={styles.hidden}>
        <EyeOff size={14} aria-hidden />
        <span>
          {t.conversation.hidden} · {name} · <Ago at={item.created_at} short />
        </span>
        <Button size="compact-xs" variant="subtle" onClick={() => setShown(true)}>
          {t.conversation.show}
        </Button>
      </div>
    )
  }
  return (
    <article className={styles.item} data-kind={item.kind} aria-label={`${t.conversation.kinds[item.kind]}: ${name}`}>
      <header className={styles.head}>
        <Icon size={15} aria-hidden className={styles.icon} />
        <div className={styles.who}>
          <span className={styles.name}>{name}</span>
          {item.author.name && item.author.kind === 'customer' && <span className={styles.address}>{item.author.address}</span>}
          <Recipients item={item} />
        </div>
        <div className={styles.marks}>
          <span className={styles.kind}>{t.conversation.kinds[item.kind]}</span>
          {item.is_automatic && (
            <span className={styles.mark} title={t.conversation.automaticHint}>
              <Bot size={13} aria-hidden /> {t.conversation.automatic}
            </span>
          )}
          {item.edited_at && <span className={styles.mark}>{t.conversation.edited(item.edited_by)}</span>}
          <Ago at={item.created_at} short />
          <ItemMenu conversation={conversation} item={item} />
        </div>
      </header>
      {item.reply_to.length > 0 && <p className={styles.aside}>{t.conversation.answersTo(item.reply_to.join(', '))}</p>}
      <Body conversation={conversation} item={item} />
      <Files conversation={conversation} item={item} />
      <SentLine number={conversation.number} item={item} isMine={isMine} />
    </article>
  )
}

function Recipients({ item }: { item: ConversationItem }) {
  if (item.channel === 'phone') return <span className={styles.to}>{t.conversation.onTelephone}</span>
  const people = [...item.to, ...item.cc, ...item.bcc]
  if (item.kind === 'note' || people.length === 0) return null
  const lists = [
    [t.composer.to, item.to],
    [t.composer.cc, item.cc],
    [t.composer.bcc, item.bcc],
  ] as const
  const whole = lists
    .filter(([, list]) => list.length > 0)
    .map(([label, list]) => `${label}: ${list.map(({ name, address }) => (name ? `${name} <${address}>` : address)).join(', ')}`)
    .join('\n')
  const first = people.slice(0, 3).map(({ name, address }) => name || address)
  const names = people.length > 3 ? `${first.join(', ')} +${people.length - 3}` : first.join(', ')
  return (
    <span className={styles.to} title={whole}>
      {t.conversation.toWhom(names)}
    </span>
  )
}

function Body({ conversation, item }: Omit<Props, 'isMine'>) {
  const [images, setImages] = useState(false)
  const [quoted, setQuoted] = useState(false)
  const at = { id: conversation.id, item_id: item.id }
  const title = t.conversation.frame(item.author.name || item.author.address)
  return (
    <div className={styles.body}>
      {item.is_rich ? (
        <>
          <LetterFrame src={hrefOf(showItem, { ...at, ...(images && { images: true }) })} title={title} />
          {!images && item.has_remote_images && (
            <p className={styles.blocked}>
              <ImageOff size={13} aria-hidden />
              <span>{t.conversation.blockedImages}</span>
              <Button size="compact-xs" variant="default" onClick={() => setImages(true)}>
                {t.conversation.showImages}
              </Button>
            </p>
          )}
        </>
      ) : item.html === null ? (
        <LetterText text={item.text} />
      ) : (
        <LetterHtml html={item.html} />
      )}
      {item.has_quoted && (
        <>
          <button
            type="button"
            className={styles.dots}
            aria-expanded={quoted}
            aria-label={quoted ? t.conversation.hideQuoted : t.conversation.showQuoted}
            onClick={() => setQuoted(!quoted)}
          >
            •••
          </button>
          {quoted && <LetterFrame src={hrefOf(showItem, { ...at, quoted: true })} title={t.conversation.showQuoted} />}
        </>
      )}
    </div>
  )
}

function Files({ conversation, item }: Omit<Props, 'isMine'>) {
  const files = item.files.filter(({ is_shown }) => !is_shown)
  if (files.length === 0) return null
  const at = { id: conversation.id, item_id: item.id }
  return (
    <ul className={styles.files} aria-label={t.conversation.files}>
      {files.map((file) => (
        <li key={file.ordinal}>
          <a
            href={hrefOf(getItemFile, { ...at, ordinal: file.ordinal })}
            download={file.filename}
            aria-label={t.conversation.download(file.filename)}
          >
            {file.is_picture ? (
              <img
                className={styles.thumb}
                src={hrefOf(getItemFile, { ...at, ordinal: file.ordinal, inline: true })}
                alt=""
                loading="lazy"
              />
            ) : (
              <Paperclip size={14} aria-hidden />
            )}
            <span className={styles.filename}>{file.filename}</span>
            <span className={styles.size}>{bytes(file.size_bytes)}</span>
            <Download size={13} aria-hidden />
          </a>
        </li>
      ))}
    </ul>
  )
}

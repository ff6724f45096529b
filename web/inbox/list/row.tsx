import { Clock, Paperclip, PencilLine, Phone, Star } from 'lucide-react'
import type { ConversationRow, FoundConversation } from '../../../src/api/endpoints/conversation-lists.ts'
import { t } from '../../texts/texts.ts'
import { shortAgo } from '../../ui/format.ts'
import { Ago, useNow } from '../../ui/time.tsx'
import { type Tone, toned } from '../../ui/tone.ts'
import { PresenceMark } from '../presence/presence.tsx'
import styles from './row.module.css'

interface Props {
  readonly row: ConversationRow | FoundConversation
  readonly isDense: boolean
  readonly showsStatus: boolean
}

/** What a person needs to decide whether to open it: who, what about, since when, whose. */
export function ConversationCard({ row, isDense, showsStatus }: Props) {
  const { customer, subject, preview } = row
  const pieces = 'subject_pieces' in row ? row.subject_pieces : null
  const snippet = 'snippet' in row ? row.snippet : null
  return (
    <div className={styles.card} data-dense={isDense} data-unread={row.unread}>
      <div className={styles.line}>
        <span className={styles.who} title={customer.address}>
          {row.unread && <span className="visually-hidden">{t.inboxList.unread} </span>}
          {customer.name || customer.address || t.inboxList.nobody}
        </span>
        <Marks row={row} />
        <span className={styles.time}>
          <Ago at={row.last_at} short />
        </span>
      </div>
      <div className={styles.line}>
        <span className={styles.subject} title={subject}>
          {pieces ? <Pieces pieces={pieces} /> : subject || t.inboxList.noSubject}
          {isDense && <span className={styles.preview}> {preview}</span>}
        </span>
        {row.assignee && <Initials name={row.assignee.name} />}
      </div>
      {!isDense && <div className={styles.preview}>{snippet ? <Pieces pieces={snippet.pieces} /> : preview}</div>}
      {!isDense && <Facts row={row} showsStatus={showsStatus} />}
    </div>
  )
}

function Marks({ row }: { row: ConversationRow }) {
  return (
    <span className={styles.marks}>
      <PresenceMark conversationId={row.id} />
      {row.drafts.length > 0 && (
        <span className={styles.draft} title={t.inboxList.draftBy(row.drafts.map(({ name }) => name).join(', '))}>
          <PencilLine size={13} aria-hidden />
          <span className="visually-hidden">{t.inboxList.draftBy(row.drafts.map(({ name }) => name).join(', '))}</span>
        </span>
      )}
      {row.channel === 'phone' && <Mark icon={Phone} says={t.inboxList.channel.phone} />}
      {row.has_files && <Mark icon={Paperclip} says={t.inboxList.files} />}
      {row.starred && <Mark icon={Star} says={t.inboxList.starred} isStar />}
    </span>
  )
}

function Mark({ icon: Icon, says, isStar = false }: { icon: typeof Star; says: string; isStar?: boolean }) {
  return (
    <span title={says} className={isStar ? styles.star : undefined}>
      <Icon size={13} aria-hidden {...(isStar && { fill: 'currentColor' })} />
      <span className="visually-hidden">{says}</span>
    </span>
  )
}

const PRIORITY_TONES: Readonly<Record<ConversationRow['priority'], Tone | null>> = {
  urgent: 'bad',
  high: 'care',
  normal: null,
  low: 'calm',
}
const STATUS_TONES: Readonly<Record<ConversationRow['status'], Tone>> = {
  open: 'busy',
  pending: 'wait',
  closed: 'calm',
  spam: 'care',
}
const TAGS_SHOWN = 3

function Facts({ row, showsStatus }: { row: ConversationRow; showsStatus: boolean }) {
  const now = useNow()
  const tone = PRIORITY_TONES[row.priority]
  const { waiting_since, snoozed_until, due_at, label, team, tags, fields, number } = row
  return (
    <div className={styles.facts}>
      <span className={styles.number}>#{number}</span>
      {(showsStatus || label) && (
        <span className={styles.chip} {...toned(STATUS_TONES[row.status])}>
          {label?.name ?? t.inboxList.status[row.status]}
        </span>
      )}
      {tone && (
        <span className={styles.chip} {...toned(tone)}>
          {t.inboxList.priority[row.priority]}
        </span>
      )}
      {snoozed_until && (
        <span className={styles.chip} {...toned('doubt')}>
          <Clock size={11} aria-hidden /> {t.inboxList.wakes(shortAgo(snoozed_until, now))}
        </span>
      )}
      {due_at && (
        <span className={styles.chip} {...toned(due_at < now ? 'bad' : 'calm')}>
          {t.inboxList.due(shortAgo(due_at, now))}
        </span>
      )}
      {team && <span className={styles.team}>{team.name}</span>}
      {fields.map(({ name, value }) => (
        <span key={name} className={styles.tag} title={`${name}: ${fieldText(value)}`}>
          {value === true ? name : `${name}: ${fieldText(value)}`}
        </span>
      ))}
      {tags.slice(0, TAGS_SHOWN).map((tag) => (
        <span key={tag} className={styles.tag} title={tag}>
          {tag}
        </span>
      ))}
      {tags.length > TAGS_SHOWN && <span className={styles.number}>+{tags.length - TAGS_SHOWN}</span>}
      {waiting_since && (
        <span className={styles.waits} title={t.inboxList.waitsSince}>
          {t.inboxList.waits(shortAgo(waiting_since, now))}
        </span>
      )}
    </div>
  )
}

function fieldText(value: ConversationRow['fields'][number]['value']): string {
  if (typeof value === 'object') return value.join(', ')
  return typeof value === 'boolean' ? (value ? t.triage.sidebar.yes : t.triage.sidebar.no) : String(value)
}

function Initials({ name }: { name: string }) {
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((part) => [...part][0] ?? '')
    .join('')
  return (
    <span className={styles.initials} title={t.inboxList.assignedTo(name)}>
      <span aria-hidden>{initials.toLocaleUpperCase()}</span>
      <span className="visually-hidden">{t.inboxList.assignedTo(name)}</span>
    </span>
  )
}

export function Pieces({ pieces }: { pieces: FoundConversation['subject_pieces'] }) {
  let at = 0
  return pieces.map(({ text, is_hit }) => {
    at += text.length
    return is_hit ? <mark key={at}>{text}</mark> : <span key={at}>{text}</span>
  })
}

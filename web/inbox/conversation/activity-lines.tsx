import { useState } from 'react'
import type { ConversationItem } from '../../../src/api/endpoints/conversations.ts'
import { t } from '../../texts/texts.ts'
import { clockOrDay } from '../../ui/format.ts'
import { Ago } from '../../ui/time.tsx'
import styles from './thread.module.css'

const SHOWN = 2

/** What was done between two messages: a line each, folded when there are many. */
export function ActivityLines({ items }: { items: readonly ConversationItem[] }) {
  const [isOpen, setOpen] = useState(false)
  const folded = !isOpen && items.length > SHOWN
  return (
    <ul className={styles.activities} aria-label={t.conversation.activities(items.length)}>
      {folded && (
        <li>
          <button type="button" className={styles.fold} onClick={() => setOpen(true)}>
            {t.conversation.activities(items.length - 1)} …
          </button>
        </li>
      )}
      {(folded ? items.slice(-1) : items).map((item) => (
        <li key={item.id}>
          <span>
            <b>{item.activity?.by ?? item.author.name}</b> {sentenceOf(item.activity)}
          </span>{' '}
          <Ago at={item.created_at} short />
        </li>
      ))}
    </ul>
  )
}

type Activity = NonNullable<ConversationItem['activity']>

export function sentenceOf(activity: Activity | null): string {
  if (activity === null) return ''
  const says = t.conversation.activity
  const { what, name } = activity
  const [from, to] = [text(activity.from), text(activity.to)]
  switch (what) {
    case 'status':
      return says.status(statusName(from), statusName(to))
    case 'assignee':
      return to ? says.assignee(to) : says.unassigned
    case 'team':
      return to ? says.team(to) : says.noTeam
    case 'priority':
      return says.priority(to)
    case 'subject':
      return says.subject(to)
    case 'requester':
      return says.requester(to)
    case 'moved':
      return says.moved(from, to)
    case 'tags':
      return to ? says.tagged(to) : says.untagged(from)
    case 'due':
      return to ? says.due(day(to)) : says.notDue
    case 'snoozed':
      return to ? says.snoozed(day(to)) : says.woken
    case 'woken':
      return says.woken
    case 'field':
      return to ? says.field(name ?? '', to) : says.noField(name ?? '')
    case 'merged':
      return says.merged(name ?? (to || from))
    case 'merged_into':
      return says.mergedInto(name ?? to)
    case 'unmerged':
      return says.unmerged(name ?? to)
    case 'split_off':
      return says.splitOff(name ?? to)
    case 'split_from':
      return says.splitFrom(name ?? to)
    case 'cloned':
      return says.cloned(name ?? to)
    case 'cloned_from':
      return says.clonedFrom(name ?? to)
    case 'taken_out':
      return says.takenOut(name ?? '')
    case 'deleted':
      return says.deleted
    case 'restored':
      return says.restored
    default:
      return says.other([what, name ?? to].filter(Boolean).join(': '))
  }
}

function text(value: unknown): string {
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? value.map(text).join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function statusName(status: string): string {
  return (t.conversation.statuses as Readonly<Record<string, string>>)[status] ?? status
}

function day(value: string): string {
  const at = new Date(value)
  return Number.isNaN(at.getTime()) ? value : clockOrDay(at, new Date())
}

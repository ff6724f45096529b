import { Eye, PenLine } from 'lucide-react'
import type { Present } from '../../../src/api/endpoints/presence.ts'
import type { ConversationId } from '../../../src/lib/ids.ts'
import { t } from '../../texts/texts.ts'
import { Note } from '../../ui/note.tsx'
import styles from './presence.module.css'
import { useBePresent, useOthers, useOthersInRow } from './use-presence.ts'

/** Says that this page is here, and shows who else is. */
export function Presence({ conversationId }: { conversationId: ConversationId }) {
  useBePresent(conversationId)
  const others = useOthers(conversationId)
  const writers = others.filter(({ doing }) => doing === 'writing')
  const lookers = others.filter(({ doing }) => doing === 'looking')
  return (
    <div className={styles.presence} role="status" aria-label={t.presence.label}>
      {writers.length > 0 && (
        <span className={styles.writing}>
          <PenLine size={14} aria-hidden />
          {t.presence.writing(namesOf(writers), writers.length)}
        </span>
      )}
      {lookers.length > 0 && (
        <span className={styles.looking}>
          <Eye size={14} aria-hidden />
          {t.presence.looking(namesOf(lookers), lookers.length)}
        </span>
      )}
    </div>
  )
}

/** Above the composer: two who answer at once is what a customer must not see. */
export function CollisionWarning({ conversationId }: { conversationId: ConversationId }) {
  const writers = useOthers(conversationId).filter(({ doing }) => doing === 'writing')
  if (writers.length === 0) return null
  return (
    <Note tone="care" alert>
      {t.presence.collision(namesOf(writers), writers.length)}
    </Note>
  )
}

/** A small mark in a row of the list. */
export function PresenceMark({ conversationId }: { conversationId: string }) {
  const others = useOthersInRow(conversationId)
  if (others.length === 0) return null
  const writers = others.filter(({ doing }) => doing === 'writing')
  const label = writers.length > 0 ? t.presence.writingInList(namesOf(writers)) : t.presence.inList(namesOf(others))
  const Icon = writers.length > 0 ? PenLine : Eye
  return (
    <span className={styles.mark} data-writing={writers.length > 0} title={label}>
      <Icon size={13} aria-hidden />
      <span className="visually-hidden">{label}</span>
    </span>
  )
}

const NAMED = 3

function namesOf(people: readonly Present[]): string {
  const names = people.slice(0, NAMED).map(({ name }) => name)
  const more = people.length - names.length
  const all = more > 0 ? [...names, t.presence.others(more)] : names
  const [last = '', ...before] = all.toReversed()
  return before.length === 0 ? last : `${before.toReversed().join(', ')} ${t.presence.and} ${last}`
}

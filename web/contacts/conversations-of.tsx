import { Link } from '@tanstack/react-router'
import { type ConversationRow, listConversations } from '../../src/api/endpoints/conversation-lists.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Loadable, Skeleton } from '../ui/loadable.tsx'
import { Ago } from '../ui/time.tsx'
import styles from './contacts.module.css'

interface Props {
  readonly contactId: Id<'contact'>
  /** The one that is open already. */
  readonly except?: Id<'conversation'>
  readonly limit: number
}

/** What somebody asked, the latest first, as far as who looks may reach it. */
export function ConversationsOf({ contactId, except, limit }: Props) {
  const query = useEndpoint(listConversations, { contact: contactId, limit: limit + 1 })
  return (
    // One line: most people have none or few, and what is below should not jump.
    <Loadable query={query} skeleton={<Skeleton lines={1} />}>
      {({ items }) => {
        const others = items.filter(({ id }) => id !== except).slice(0, limit)
        if (others.length === 0) return <p className={styles.quiet}>{t.contacts.noConversations}</p>
        return (
          <ul className={styles.lines}>
            {others.map((row) => (
              <li key={row.id}>
                <Line row={row} />
              </li>
            ))}
          </ul>
        )
      }}
    </Loadable>
  )
}

function Line({ row: { number, subject, status, last_at } }: { row: ConversationRow }) {
  return (
    <>
      <Link to="/conversations/$number" params={{ number: String(number) }} className={styles.wrap}>
        {subject || `#${number}`}
      </Link>
      <span className={styles.small}>
        #{number} · {t.inboxes.statusNames[status]} · <Ago at={last_at} />
      </span>
    </>
  )
}

import { Link } from '@tanstack/react-router'
import type { Inbox } from '../../src/api/endpoints/inboxes.ts'
import { listSources } from '../../src/api/endpoints/sources.ts'
import { useMe } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Ago } from '../ui/time.tsx'
import styles from './inboxes.module.css'

/** The accounts that are read for an inbox, with how they are. */
export function FedBy({ inbox }: { inbox: Inbox }) {
  const mayRead = useMe().permissions.includes('inboxes.manage')
  const query = useEndpoint(listSources, {}, { enabled: mayRead })
  const own = new Set(inbox.addresses.map(({ address }) => address))
  const feeding = (query.data?.items ?? []).filter(({ inbox_id, mailbox }) =>
    inbox_id === null ? mailbox !== null && own.has(mailbox.address.toLowerCase()) : inbox_id === inbox.id,
  )
  if (feeding.length === 0) return null
  return (
    <ul className={styles.story}>
      {feeding.map(({ id, name, state, last_heard_at }) => (
        <li key={id}>
          {t.inboxes.readFrom} <Link to="/settings/sources">{name}</Link>: {t.inboxes.sourceStates[state]}
          {last_heard_at && (
            <>
              , {t.inboxes.lastHeard} <Ago at={last_heard_at} />
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

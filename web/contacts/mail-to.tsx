import { Link } from '@tanstack/react-router'
import { type DeliverySummary, listDeliveries } from '../../src/api/endpoints/deliveries.ts'
import { StateBadge } from '../parts/states.tsx'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Loadable, Skeleton } from '../ui/loadable.tsx'
import { Ago } from '../ui/time.tsx'
import styles from './contacts.module.css'

/** What was sent to an address lately, campaigns as well, and how it fared. */
export function MailTo({ address, limit }: { address: string; limit: number }) {
  const query = useEndpoint(listDeliveries, { recipient: address, limit })
  return (
    <Loadable query={query} skeleton={<Skeleton lines={1} />}>
      {({ items }) =>
        items.length === 0 ? (
          <p className={styles.quiet}>{t.contacts.noMail}</p>
        ) : (
          <ul className={styles.lines}>
            {items.map((delivery) => (
              <li key={delivery.id}>
                <Line delivery={delivery} />
              </li>
            ))}
          </ul>
        )
      }
    </Loadable>
  )
}

function Line({ delivery }: { delivery: DeliverySummary }) {
  const { id, message_id, subject, created_at } = delivery
  return (
    <>
      <Link to="/messages/$id" params={{ id: message_id }} search={{ delivery: id }} className={styles.wrap}>
        {subject || t.contacts.noSubject}
      </Link>
      <span className={styles.small}>
        <StateBadge delivery={delivery} plain /> <Ago at={created_at} />
      </span>
    </>
  )
}

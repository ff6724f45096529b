import { Link } from '@tanstack/react-router'
import { type CampaignOfContact, listContactCampaigns } from '../../src/api/endpoints/campaign-pages.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Loadable, Skeleton } from '../ui/loadable.tsx'
import { Ago } from '../ui/time.tsx'
import styles from './contacts.module.css'

/** The campaigns that somebody was meant for, the latest first: what they got, and what they did with it. */
export function CampaignsOf({ contactId, limit }: { contactId: Id<'contact'>; limit: number }) {
  const query = useEndpoint(listContactCampaigns, { id: contactId, limit })
  return (
    <Loadable query={query} skeleton={<Skeleton lines={1} />}>
      {({ items }) =>
        items.length === 0 ? (
          <p className={styles.quiet}>{t.campaigns.ofContact.none}</p>
        ) : (
          <ul className={styles.lines}>
            {items.map((campaign) => (
              <li key={campaign.id}>
                <Line of={campaign} />
              </li>
            ))}
          </ul>
        )
      }
    </Loadable>
  )
}

function Line({ of: { id, name, at, excluded, delivery, opened, clicked } }: { of: CampaignOfContact }) {
  const says = t.campaigns.ofContact
  const did = [opened && says.opened, clicked && says.clicked].filter(Boolean).join(', ')
  return (
    <>
      <Link to="/campaigns/$id" params={{ id }} search={{}} className={styles.wrap}>
        {name}
      </Link>
      <span className={styles.small}>
        {excluded && says.excluded(t.campaigns.exclusionShort[excluded])}
        {delivery && (
          <Link to="/messages/$id" params={{ id: delivery.message_id }} search={{ delivery: delivery.id }}>
            {t.states[delivery.state]}
          </Link>
        )}
        {!excluded && !delivery && says.notYet}
        {did && ` · ${did}`} · <Ago at={at} />
      </span>
    </>
  )
}

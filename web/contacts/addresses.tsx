import { Link } from '@tanstack/react-router'
import { Ban, CircleCheck } from 'lucide-react'
import type { ContactDetail } from '../../src/api/endpoints/contacts.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import styles from './contacts.module.css'

/** Every address with whether mail reaches it, and the way to what was sent there. */
export function ContactAddresses({ contact: { addresses, suppressions } }: { contact: ContactDetail }) {
  if (addresses.length === 0) return <p className={styles.quiet}>{t.contacts.noAddress}</p>
  return (
    <ul className={styles.lines}>
      {addresses.map((address, i) => {
        const against = suppressions.filter((one) => one.address === address)
        return (
          <li key={address}>
            <span className={styles.wrap}>
              <Link to="/deliveries" search={{ recipient: address }} title={t.contacts.deliveriesTo(address)}>
                {address}
              </Link>
              {i === 0 && addresses.length > 1 && <span className={styles.small}> {t.contacts.primary}</span>}
              {against.map(({ stream, reason }) => (
                <span key={stream} className={styles.small}>
                  <br />
                  {t.contacts.suppressedWhy[reason]}
                  {t.contacts.onStream(stream)}
                </span>
              ))}
            </span>
            {against.length > 0 ? (
              <Link to="/suppressions" search={{ address }}>
                <Badge tone="bad" icon={Ban} label={t.contacts.suppressed} />
              </Link>
            ) : (
              <Badge tone="good" icon={CircleCheck} label={t.contacts.notSuppressed} plain />
            )}
          </li>
        )
      })}
    </ul>
  )
}

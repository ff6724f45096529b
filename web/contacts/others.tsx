import { Link } from '@tanstack/react-router'
import type { ContactDetail } from '../../src/api/endpoints/contacts.ts'
import { t } from '../texts/texts.ts'
import styles from './contacts.module.css'

/** Others who write from the same domain. */
export function Others({ others }: { others: NonNullable<ContactDetail['others']> }) {
  return (
    <ul className={styles.lines}>
      {others.people.map(({ id, name, address }) => (
        <li key={id}>
          <Link to="/contacts/$id" params={{ id }} className={styles.wrap}>
            {name || address || t.contacts.unnamed}
          </Link>
          {name !== '' && <span className={`${styles.small} ${styles.wrap}`}>{address}</span>}
        </li>
      ))}
    </ul>
  )
}

import { Link } from '@tanstack/react-router'
import { type ContactDetail, type TimelineEntry, timelineOfContact } from '../../src/api/endpoints/contacts.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Loadable } from '../ui/loadable.tsx'
import { Panel } from '../ui/panel.tsx'
import { Ago } from '../ui/time.tsx'
import styles from './contacts.module.css'

/** The proof of their consent, what became of mail to them, what they wrote. */
export function ContactTimeline({ contact }: { contact: ContactDetail }) {
  const query = useEndpoint(timelineOfContact, { id: contact.id })
  return (
    <Panel title={t.timeline.title}>
      <Loadable query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={styles.small}>{t.timeline.empty}</p>
          ) : (
            <ul className={styles.lines}>
              {items.map((entry) => (
                <li key={`${entry.kind} ${entry.at.getTime()} ${'subject_id' in entry ? entry.subject_id : entry.list_id}`}>
                  <span className={styles.wrap}>
                    <What entry={entry} />
                  </span>
                  <span className={styles.small}>
                    <Ago at={entry.at} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loadable>
    </Panel>
  )
}

function What({ entry }: { entry: TimelineEntry }) {
  if (entry.kind !== 'consent') {
    const what = t.timeline.kinds[entry.kind]
    return entry.address === '' ? (
      what
    ) : (
      <Link to="/deliveries" search={{ recipient: entry.address }}>
        {what}
      </Link>
    )
  }
  const { list, became, source, is_override, wording, address, source_id } = entry
  const by = [t.timeline.by[source], is_override && t.timeline.override, address].filter(Boolean).join(', ')
  return (
    <>
      {t.timeline.consent(list, became)}{' '}
      <span className={styles.small}>
        {source === 'import' && source_id ? (
          <Link to="/imports/$id" params={{ id: source_id }}>
            {by}
          </Link>
        ) : (
          by
        )}
      </span>
      {wording !== '' && <div className={`${styles.small} ${styles.note}`}>“{wording}”</div>}
    </>
  )
}

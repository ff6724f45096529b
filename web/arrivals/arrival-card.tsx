import { Checkbox } from '@mantine/core'
import type { Arrival } from '../../src/api/endpoints/arrivals.ts'
import { t } from '../texts/texts.ts'
import cards from '../ui/cards.module.css'
import { Ago } from '../ui/time.tsx'
import { ArrivalBadge } from './arrival-badge.tsx'
import styles from './arrivals.module.css'
import type { Chosen } from './use-chosen.ts'

interface Props {
  readonly arrival: Arrival
  /** Null where nothing is chosen from the list. */
  readonly chosen: Chosen | null
}

/** Who, what about, when, and what became of it. */
export function ArrivalCard({ arrival, chosen }: Props) {
  const { id, subject, received_at, is_hidden, inbox } = arrival
  const who = whoOf(arrival)
  return (
    <div className={styles.card}>
      {chosen && (
        <Checkbox
          size="xs"
          tabIndex={-1}
          aria-label={t.arrivals.select(who)}
          checked={chosen.ids.has(id)}
          onChange={() => chosen.toggle(id)}
        />
      )}
      <div className={styles.words}>
        <div className={cards.row}>
          <span className={`${cards.clip} ${is_hidden ? styles.soft : cards.strong}`} title={arrival.from.address}>
            {is_hidden ? t.arrivals.hidden : who}
          </span>
          <span className={cards.aside}>
            <Ago at={received_at} short />
          </span>
        </div>
        <div className={cards.row}>
          <span className={`${cards.clip} ${styles.subject}`} title={subject}>
            {subject || (is_hidden ? '' : t.arrivals.noSubject)}
          </span>
          <span className={styles.became} title={inbox?.name ?? t.arrivals.noInbox}>
            <ArrivalBadge arrival={arrival} plain short />
          </span>
        </div>
      </div>
    </div>
  )
}

export function whoOf({ from }: Pick<Arrival, 'from'>): string {
  return from.name || from.address || t.arrivals.noSender
}

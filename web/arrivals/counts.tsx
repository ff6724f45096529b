import type { countArrivals } from '../../src/api/endpoints/arrivals.ts'
import type { ReplyOf } from '../api.ts'
import { t } from '../texts/texts.ts'
import { number } from '../ui/format.ts'
import type { ArrivalSearch } from './arrival-search.ts'
import styles from './arrivals.module.css'

interface Props {
  readonly counts: ReplyOf<typeof countArrivals>['counts']
  readonly search: ArrivalSearch
  readonly set: (change: Partial<ArrivalSearch>) => void
}

/** How many came to what in the last 30 days: each narrows the list to it. */
export function Counts({ counts, search, set }: Props) {
  if (counts.length === 0) return null
  return (
    <ul className={styles.counts} aria-label={t.arrivals.outcomeLabel}>
      {counts.map(({ outcome, reason, count }) => {
        const isOn = search.outcome === outcome && (search.reason ?? null) === reason
        const name = t.arrivals.outcomes[outcome]
        const why = reason === null ? '' : `: ${t.arrivals.reasons[reason] ?? reason}`
        return (
          <li key={`${outcome} ${reason}`}>
            <button
              type="button"
              className={styles.count}
              aria-pressed={isOn}
              onClick={() => set(isOn ? { outcome: undefined, reason: undefined } : { outcome, reason: reason ?? undefined })}
            >
              {name}
              {why} <b>{number(count)}</b>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

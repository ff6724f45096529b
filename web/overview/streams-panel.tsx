import { Link } from '@tanstack/react-router'
import { DeliveryState } from '../../src/api/endpoints/deliveries.ts'
import type { QueueOverview } from '../../src/api/endpoints/overview.ts'
import { StateNameBadge } from '../parts/states.tsx'
import { t } from '../texts/texts.ts'
import { number } from '../ui/format.ts'
import { Panel } from '../ui/panel.tsx'
import { useNow, When } from '../ui/time.tsx'
import styles from './overview-page.module.css'

/** How many deliveries of each stream are where, and why the oldest waits. */
export function StreamsPanel({ streams }: { streams: QueueOverview['streams'] }) {
  const now = useNow()
  return (
    <Panel title={t.overview.streams} flush>
      {streams.map(({ stream, counts, oldest_due_at, why }) => (
        <div key={stream} className={styles.stream}>
          <div className={styles.streamTop}>
            <span className={styles.name}>{t.streams[stream]}</span>
            <span className={styles.figures}>
              {oldest_due_at ? (
                <>
                  {oldest_due_at > now ? t.overview.nextDue : t.overview.oldestDue} <When at={oldest_due_at} />
                </>
              ) : (
                t.overview.nothingWaits
              )}
            </span>
          </div>
          <div className={styles.counts}>
            {DeliveryState.options
              .filter((state) => (counts[state] ?? 0) > 0)
              .map((state) => (
                <Link key={state} to="/deliveries" search={{ state, stream }}>
                  <StateNameBadge state={state} count={number(counts[state] ?? 0)} />
                </Link>
              ))}
          </div>
          {why && <span className={styles.why}>{why}</span>}
        </div>
      ))}
    </Panel>
  )
}

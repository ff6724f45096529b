import type { Delivery } from '../../src/api/endpoints/deliveries.ts'
import { t } from '../texts/texts.ts'
import { clockOrDay } from '../ui/format.ts'
import { useNow } from '../ui/time.tsx'
import { toned } from '../ui/tone.ts'
import { DeliveryActs } from './delivery-acts.tsx'
import styles from './delivery-status.module.css'
import { headlineOf } from './headline.ts'
import { lookOf, StateBadge } from './states.tsx'

/** Where a delivery is and why, in a sentence; what happens next and when; the acts that make sense now. */
export function DeliveryStatus({ delivery, withActs = true }: { delivery: Delivery; withActs?: boolean }) {
  const now = useNow()
  const { sentence, next, hint } = headlineOf(delivery, now)
  return (
    <section className={styles.status} aria-label={delivery.recipient} {...toned(lookOf(delivery).tone)}>
      <div className={styles.top}>
        <StateBadge delivery={delivery} />
        <span className={styles.address}>{delivery.recipient}</span>
        {delivery.attempt > 0 && <span className={styles.tries}>{t.waybill.tries(delivery.attempt, delivery.failures)}</span>}
      </div>
      <p className={styles.sentence}>{sentence}</p>
      {next && <p className={styles.next}>{next}</p>}
      {hint && <p className={styles.hint}>{hint}</p>}
      {delivery.complained_at && (
        <p className={styles.hint}>{t.waybill.headline.complained(clockOrDay(delivery.complained_at, now))}</p>
      )}
      {withActs && <DeliveryActs delivery={delivery} />}
    </section>
  )
}

import { useNavigate } from '@tanstack/react-router'
import type { Delivery, DeliveryState } from '../../src/api/endpoints/deliveries.ts'
import type { Message } from '../../src/api/endpoints/messages.ts'
import { STATE_LOOKS, StateBadge, StateNameBadge } from '../parts/states.tsx'
import { t } from '../texts/texts.ts'
import { DataTable } from '../ui/data-table.tsx'
import { number } from '../ui/format.ts'
import { toned } from '../ui/tone.ts'
import { MessageActs } from './message-acts.tsx'
import styles from './waybill-page.module.css'

/** Everyone the message goes to: how many are where, and each with their state. */
export function Recipients({ message, selected }: { message: Message; selected: string }) {
  const navigate = useNavigate()
  const counts = Object.entries(message.counts) as [DeliveryState, number][]
  const show = ({ id }: Delivery) =>
    void navigate({ to: '/messages/$id', params: { id: message.id }, search: { delivery: id }, replace: true })
  return (
    <section className={styles.recipients} aria-label={t.waybill.recipients}>
      <div className={styles.recipientsHead}>
        <h2>{t.waybill.recipientsCount(message.deliveries.length)}</h2>
        <MessageActs message={message} />
      </div>
      <div className={styles.bar} aria-hidden>
        {counts.map(([state, n]) => (
          <span key={state} style={{ flexGrow: n }} {...toned(STATE_LOOKS[state].tone)} />
        ))}
      </div>
      <div className={styles.counts}>
        {counts.map(([state, n]) => (
          <StateNameBadge key={state} state={state} count={number(n)} />
        ))}
      </div>
      <DataTable
        label={t.waybill.recipients}
        rows={message.deliveries}
        keyOf={({ id }) => id}
        columns={[]}
        cards
        card={(delivery) => <Recipient delivery={delivery} />}
        onOpen={show}
        selected={selected}
        hasMore={false}
        isFetchingMore={false}
        more={() => {}}
        restoreId="recipients"
      />
    </section>
  )
}

function Recipient({ delivery }: { delivery: Delivery }) {
  const why = delivery.waiting_on?.sentence ?? delivery.reason?.sentence
  return (
    <>
      <div className={styles.row}>
        <span className={styles.clip} title={delivery.recipient}>
          {delivery.recipient}
        </span>
        <StateBadge delivery={delivery} />
      </div>
      <div className={styles.row}>
        <span className={`${styles.clip} ${styles.quiet}`}>{why ?? '\u00a0'}</span>
      </div>
    </>
  )
}

import { Link } from '@tanstack/react-router'
import type { BoardWindow, ReceiverLane } from '../../src/api/endpoints/receivers.ts'
import { t } from '../texts/texts.ts'
import { Note } from '../ui/note.tsx'
import { When } from '../ui/time.tsx'
import styles from './receivers.module.css'

type Alert = ReceiverLane['alerts'][number]
const STATES = { not_arriving: 'sent', put_off: 'queued', refused: 'bounced' } as const

/** What is wrong now, in the words of the incident, with the way to the mail behind it. */
export function Alerts({ alerts, window }: { alerts: ReadonlyArray<{ receiver: string; alert: Alert }>; window: BoardWindow }) {
  if (alerts.length === 0) return null
  return (
    <section className={styles.alerts} aria-label={t.board.alerts}>
      {alerts.map(({ receiver, alert }) => (
        <Note
          key={`${receiver} ${alert.route_id} ${alert.kind}`}
          tone={alert.kind === 'put_off' ? 'care' : 'bad'}
          hint={
            <>
              {t.board.since('')}
              <When at={alert.since} />
            </>
          }
          act={
            <Link to="/deliveries" search={{ receiver, route: alert.route_id, state: STATES[alert.kind], within: window }}>
              {t.board.look}
            </Link>
          }
        >
          <strong>{alert.sentence}</strong>
        </Note>
      ))}
    </section>
  )
}

import { getMessage } from '../../../src/api/endpoints/messages.ts'
import { listRoutes } from '../../../src/api/endpoints/routes.ts'
import type { WorkflowRun } from '../../../src/api/endpoints/workflow-runs.ts'
import { useMe } from '../../me.ts'
import { NextProbe } from '../../parts/circuit.tsx'
import { DeliveryStatus } from '../../parts/delivery-status.tsx'
import { useEndpoint } from '../../query.ts'
import { AppLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { asSentence } from '../../ui/format.ts'
import { Note } from '../../ui/note.tsx'
import { Ago } from '../../ui/time.tsx'
import styles from './runs.module.css'

type Mail = WorkflowRun['messages'][number]

const UNDER_WAY: ReadonlySet<Mail['state']> = new Set(['queued', 'sending', 'held', 'unknown'])
/** More stand in the list of its mail. */
const SHOWN = 5

/** The mail that a run waits for and that something is in the way of: what it is, since when, when it is tried again, and the fix. */
export function MailInTheWay({ run: { status, messages } }: { run: Pick<WorkflowRun, 'status' | 'messages'> }) {
  const mayRead = useMe().permissions.includes('delivery.read')
  if (status !== 'running' || !mayRead) return null
  const late = messages.filter(({ state }) => UNDER_WAY.has(state)).slice(0, SHOWN)
  return late.map((mail) => <InTheWay key={mail.delivery_id} mail={mail} />)
}

function InTheWay({ mail: { message_id, delivery_id } }: { mail: Mail }) {
  const { data } = useEndpoint(getMessage, { id: message_id, delivery: delivery_id }, { keep: true })
  const delivery = data?.deliveries.find(({ id }) => id === delivery_id)
  if (delivery === undefined || (delivery.waiting_on === null && delivery.reason === null)) return null
  return (
    <div className={styles.obstacle}>
      <h3 className={styles.smallHead}>{t.run.mail.way}</h3>
      {delivery.waiting_on?.route && <ClosedRoute id={delivery.waiting_on.route.id} />}
      <DeliveryStatus delivery={delivery} />
      <AppLink href={`/messages/${message_id}?delivery=${delivery_id}`}>{t.run.mail.toWaybill(delivery.recipient)}</AppLink>
    </div>
  )
}

/** Which route, since when, when it is tried again, and what mends it. */
function ClosedRoute({ id }: { id: string }) {
  const mayRead = useMe().permissions.includes('routes.read')
  const route = useEndpoint(listRoutes, {}, { enabled: mayRead }).data?.items.find((one) => one.id === id)
  if (route === undefined || route.circuit.state === 'closed') return null
  const { circuit, name } = route
  return (
    <Note
      tone="bad"
      hint={
        <>
          {circuit.reason.hint && <p>{circuit.reason.hint}</p>}
          <p>
            <NextProbe circuit={circuit} /> {t.run.mail.costsNothing}
          </p>
        </>
      }
      act={<AppLink href={`/routes/${id}`}>{t.run.mail.toRoute}</AppLink>}
    >
      {t.run.mail.stopped(name)} {t.run.mail.since} <Ago at={circuit.since} />: {asSentence(circuit.reason.sentence)}
    </Note>
  )
}

import type { WorkflowRun } from '../../../src/api/endpoints/workflow-runs.ts'
import { STATE_LOOKS } from '../../parts/states.tsx'
import { AppLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { asSentence } from '../../ui/format.ts'
import styles from './runs.module.css'

type Mail = WorkflowRun['messages'][number]

/** Whom a mail went to and what became of it, with the way to its waybill. */
export function MailLink({ mail: { message_id, delivery_id, recipient, state, reason } }: { mail: Mail }) {
  const isWell = state === 'sent' || state === 'delivered'
  return (
    <div className={styles.mail}>
      <Badge {...STATE_LOOKS[state]} label={t.states[state]} plain />
      <AppLink href={`/messages/${message_id}?delivery=${delivery_id}`}>{t.run.mail.toWaybill(recipient)}</AppLink>
      {!isWell && reason !== null && <span className={styles.quiet}>{asSentence(reason)}</span>}
    </div>
  )
}

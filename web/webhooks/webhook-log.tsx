import { Button } from '@mantine/core'
import { CircleCheck, CircleX, Clock, type LucideIcon, Send } from 'lucide-react'
import { useState } from 'react'
import {
  getWebhookDelivery,
  listWebhookDeliveries,
  resendWebhookDelivery,
  type Webhook,
  type WebhookDelivery,
  type WebhookDeliveryDetail,
} from '../../src/api/endpoints/webhooks.ts'
import { useAction, useEndpoint, usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Badge } from '../ui/badge.tsx'
import cards from '../ui/cards.module.css'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Failed, Loadable, Skeleton } from '../ui/loadable.tsx'
import { Raw } from '../ui/raw.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import type { Tone } from '../ui/tone.ts'
import styles from './webhook-pages.module.css'

const LOOKS: Readonly<Record<WebhookDelivery['state'], { readonly tone: Tone; readonly icon: LucideIcon }>> = {
  queued: { tone: 'wait', icon: Clock },
  sending: { tone: 'busy', icon: Send },
  delivered: { tone: 'good', icon: CircleCheck },
  failed: { tone: 'bad', icon: CircleX },
}

export function WebhookLog({ id }: { id: Webhook['id'] }) {
  const log = usePages(listWebhookDeliveries, { id }, 100, again)
  const [shown, setShown] = useState<WebhookDelivery['id'] | null>(null)
  if (log.error && log.items.length === 0) return <Failed error={log.error} retry={log.retry} />
  if (log.isPending) return <Skeleton lines={6} />
  if (log.items.length === 0) return <EmptyState title={t.webhooks.logEmpty} sentence={t.webhooks.logEmptyHint} />
  return (
    <div className={styles.log}>
      <DataTable
        label={t.webhooks.log}
        rows={log.items}
        keyOf={(delivery) => delivery.id}
        columns={COLUMNS}
        card={(delivery) => <Card delivery={delivery} />}
        onOpen={(delivery) => setShown(delivery.id)}
        hasMore={log.hasMore}
        isFetchingMore={log.isFetchingMore}
        more={log.more}
        restoreId={`webhook-${id}`}
      />
      {shown && <DetailDialog id={id} delivery={shown} onClose={() => setShown(null)} />}
    </div>
  )
}

const SOON_MS = 10_000
const LOOK_MS = 1_500

/** A request is no event: what is about to be answered is looked at again. */
function again(items: readonly WebhookDelivery[]): number | false {
  const isNear = ({ state, next_try_at }: WebhookDelivery) =>
    state === 'sending' || (next_try_at !== null && next_try_at.getTime() - Date.now() < SOON_MS)
  return items.some(isNear) ? LOOK_MS : false
}

const COLUMNS: ReadonlyArray<Column<WebhookDelivery>> = [
  {
    key: 'type',
    header: t.webhooks.columns.type,
    width: 'minmax(160px, 1.2fr)',
    cell: ({ type }) => <span className={styles.strong}>{type}</span>,
  },
  { key: 'state', header: t.webhooks.columns.state, width: '130px', cell: (delivery) => <State delivery={delivery} /> },
  { key: 'answer', header: t.webhooks.columns.answer, width: 'minmax(120px, 1.4fr)', cell: answerOf },
  { key: 'tries', header: t.webhooks.columns.tries, width: '60px', align: 'end', cell: ({ attempts }) => attempts },
  { key: 'at', header: t.webhooks.columns.at, width: '110px', cell: ({ created_at }) => <Ago at={created_at} short /> },
]

function State({ delivery: { state } }: { delivery: WebhookDelivery }) {
  return <Badge {...LOOKS[state]} plain label={t.webhooks.deliveryStates[state]} />
}

function Card({ delivery }: { delivery: WebhookDelivery }) {
  return (
    <>
      <div className={cards.middle}>
        <span className={styles.strong}>{delivery.type}</span>
        <State delivery={delivery} />
      </div>
      <div className={styles.quiet}>{answerOf(delivery)}</div>
    </>
  )
}

function answerOf({ last_status, last_error, attempts }: WebhookDelivery): string {
  if (attempts === 0) return ''
  return last_status === null ? (last_error ?? t.webhooks.noAnswer) : String(last_status)
}

interface DetailProps {
  readonly id: Webhook['id']
  readonly delivery: WebhookDelivery['id']
  readonly onClose: () => void
}

function DetailDialog({ id, delivery, onClose }: DetailProps) {
  const params = { id, delivery }
  const query = useEndpoint(getWebhookDelivery, params)
  const resend = useAction(resendWebhookDelivery, {
    changes: [listWebhookDeliveries, getWebhookDelivery],
    onDone: () => toast('good', t.webhooks.resent),
  })
  return (
    <Dialog title={t.webhooks.detail} onClose={onClose} wide>
      <Loadable query={query}>{(detail) => <Detail detail={detail} />}</Loadable>
      <div className={styles.acts}>
        <ActButton variant="default" loading={resend.isPending} onClick={() => resend.mutate({ params })}>
          {t.webhooks.resend}
        </ActButton>
        <Button onClick={onClose}>{t.common.close}</Button>
      </div>
    </Dialog>
  )
}

function Detail({ detail }: { detail: WebhookDeliveryDetail }) {
  return (
    <div className={styles.detail}>
      <div className={styles.tryHead}>
        <State delivery={detail} />
        <code>{detail.event_id}</code>
        {detail.next_try_at && (
          <span className={styles.quiet}>
            {t.webhooks.nextTry}: <Ago at={detail.next_try_at} />
          </span>
        )}
      </div>
      <Raw text={pretty(detail.body)} label={t.webhooks.body} copyLabel={t.webhooks.copyBody} />
      {detail.tries.map((each) => (
        <div key={each.attempt} className={styles.try}>
          <div className={styles.tryHead}>
            <span className={styles.strong}>{t.webhooks.tryNumber(each.attempt)}</span>
            <span>{each.status ?? each.error ?? t.webhooks.noAnswer}</span>
            <span className={styles.quiet}>{t.webhooks.took(each.duration_ms)}</span>
            {each.address && <span className={styles.quiet}>{each.address}</span>}
            <span className={styles.quiet}>
              <Ago at={each.started_at} />
            </span>
          </div>
          {each.status !== null && each.response_body && (
            <Raw text={each.response_body} label={t.webhooks.answered} copyLabel={t.webhooks.copyAnswer} />
          )}
        </div>
      ))}
    </div>
  )
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

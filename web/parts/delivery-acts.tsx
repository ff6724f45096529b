import { useNavigate } from '@tanstack/react-router'
import { CircleSlash, type LucideIcon, Pause, Play, RotateCw, Send, SendHorizontal } from 'lucide-react'
import {
  cancelDelivery,
  type Delivery,
  type DeliveryAction,
  type DeliverySummary,
  holdDelivery,
  leaveDelivery,
  listDeliveries,
  releaseDelivery,
  resendDelivery,
  retryDelivery,
} from '../../src/api/endpoints/deliveries.ts'
import { getMessage } from '../../src/api/endpoints/messages.ts'
import { getQueues } from '../../src/api/endpoints/overview.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './delivery-status.module.css'
import { isLive } from './states.tsx'

const CHANGES = [getMessage, listDeliveries, getQueues]
const ICONS: Readonly<Record<DeliveryAction, LucideIcon>> = {
  retry: RotateCw,
  hold: Pause,
  release: Play,
  cancel: CircleSlash,
  resend: Send,
  leave: SendHorizontal,
}

/** What makes sense now, and only that: the server names the acts by the rule it will itself apply. */
export function DeliveryActs({ delivery }: { delivery: Delivery }) {
  const me = useMe()
  const { act, isBusy } = useDeliveryAct()
  if (delivery.actions.length === 0) return null
  const because = whyNot(me, 'delivery.manage')
  return (
    <div className={styles.acts}>
      {delivery.actions.map((action, index) => {
        const Icon = ICONS[action]
        return (
          <ActButton
            key={action}
            size="xs"
            variant={action === 'cancel' ? 'subtle' : index === 0 && isLive(delivery.state) ? 'filled' : 'default'}
            color={action === 'cancel' ? 'red' : 'petrol'}
            leftSection={<Icon size={14} aria-hidden />}
            hint={action === 'resend' && delivery.state === 'unknown' ? t.waybill.hints.resendUnknown : t.waybill.hints[action]}
            because={because}
            loading={isBusy(action)}
            onClick={() => void act(action, delivery)}
          >
            {t.waybill.acts[action]}
          </ActButton>
        )
      })}
    </div>
  )
}

/** Undo where it can be undone, ask once where it cannot. */
function useDeliveryAct() {
  const ask = useAsk()
  const navigate = useNavigate()
  const acts = {
    retry: useAction(retryDelivery, { changes: CHANGES }),
    hold: useAction(holdDelivery, { changes: CHANGES }),
    release: useAction(releaseDelivery, { changes: CHANGES }),
    cancel: useAction(cancelDelivery, { changes: CHANGES }),
    resend: useAction(resendDelivery, { changes: CHANGES }),
    leave: useAction(leaveDelivery, { changes: CHANGES }),
  }
  const undo: Partial<Record<DeliveryAction, 'hold' | 'release'>> = { hold: 'release', release: 'hold' }

  async function act(action: DeliveryAction, delivery: Delivery): Promise<void> {
    if (!(await isSure(action, delivery))) return
    acts[action].mutate(
      { params: { id: delivery.id } },
      {
        onSuccess: (after: DeliverySummary) => {
          const back = undo[action]
          if (after.message_id !== delivery.message_id) {
            const open = () => void navigate({ to: '/messages/$id', params: { id: after.message_id }, search: {} })
            toast('good', t.waybill.done.resend, { label: t.waybill.openNew, run: open })
          } else if (back) {
            toast('good', t.waybill.done[action], {
              label: t.waybill.undo,
              run: () => acts[back].mutate({ params: { id: delivery.id } }),
            })
          } else {
            toast('good', t.waybill.done[action])
          }
        },
      },
    )
  }

  async function isSure(action: DeliveryAction, { state }: Delivery): Promise<boolean> {
    const says = t.waybill.ask
    if (action === 'cancel')
      return ask({ title: says.cancelTitle(1), body: says.cancel(1), act: t.waybill.acts.cancel, keep: says.keep, danger: true })
    if (action === 'resend' && state !== 'unknown')
      return ask({ title: says.resendTitle(1), body: says.resend(1), act: says.resendAct })
    return true
  }
  return { act, isBusy: (action: DeliveryAction) => acts[action].isPending }
}

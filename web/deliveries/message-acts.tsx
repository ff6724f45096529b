import { Button, Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { ChevronDown } from 'lucide-react'
import { listDeliveries } from '../../src/api/endpoints/deliveries.ts'
import {
  cancelMessage,
  getMessage,
  holdMessage,
  type Message,
  releaseMessage,
  resendMessage,
  retryMessage,
} from '../../src/api/endpoints/messages.ts'
import { getQueues } from '../../src/api/endpoints/overview.ts'
import { useMe } from '../me.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { useAsk } from '../ui/ask.tsx'
import { toast } from '../ui/toasts.tsx'

const CHANGES = [getMessage, listDeliveries, getQueues]
const ACTS = ['retry', 'hold', 'release', 'cancel'] as const
type Act = (typeof ACTS)[number]

/** Acts on every recipient to whom they apply; each names how many that is. */
export function MessageActs({ message }: { message: Message }) {
  const me = useMe()
  const ask = useAsk()
  const navigate = useNavigate()
  const acts = {
    retry: useAction(retryMessage, { changes: CHANGES }),
    hold: useAction(holdMessage, { changes: CHANGES }),
    release: useAction(releaseMessage, { changes: CHANGES }),
    cancel: useAction(cancelMessage, { changes: CHANGES }),
  }
  const resend = useAction(resendMessage, {
    changes: CHANGES,
    onDone: (made) => void navigate({ to: '/messages/$id', params: { id: made.id }, search: {} }),
  })
  const params = { id: message.id }
  const sizeOf = (act: Act) => message.deliveries.filter(({ actions }) => actions.includes(act)).length

  async function run(act: Act) {
    const n = sizeOf(act)
    const says = t.waybill.ask
    if (
      act === 'cancel' &&
      !(await ask({ title: says.cancelTitle(n), body: says.cancel(n), act: says.cancelAct(n), keep: says.keep, danger: true }))
    )
      return
    acts[act].mutate({ params }, { onSuccess: () => toast('good', t.waybill.done[act]) })
  }
  async function runResend() {
    const n = message.deliveries.length
    const says = t.waybill.ask
    if (await ask({ title: says.resendTitle(n), body: says.resend(n), act: says.resendAct })) resend.mutate({ params })
  }
  const possible = ACTS.filter((act) => sizeOf(act) > 0)
  const mayManage = me.permissions.includes('delivery.manage')
  const maySend = me.permissions.includes('messages.send')
  if (!mayManage && !maySend) return null
  return (
    <Menu position="bottom-end" width={260} shadow="md">
      <Menu.Target>
        <Button size="compact-sm" variant="default" rightSection={<ChevronDown size={13} aria-hidden />}>
          {t.waybill.allRecipients}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {mayManage &&
          possible.map((act) => (
            <Menu.Item key={act} {...(act === 'cancel' && { color: 'red' })} onClick={() => void run(act)}>
              {t.waybill.allActs[act](sizeOf(act))}
            </Menu.Item>
          ))}
        {maySend && <Menu.Item onClick={() => void runResend()}>{t.waybill.allActs.resend(message.deliveries.length)}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  )
}

import { Button, Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { ChevronDown, History, KeyRound, Pencil, Power, Send, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { listIncidents } from '../../src/api/endpoints/incidents.ts'
import {
  changeWebhook,
  disableWebhook,
  enableWebhook,
  getWebhook,
  listWebhookDeliveries,
  listWebhooks,
  removeWebhook,
  rotateWebhookSecret,
  testWebhook,
  type Webhook,
} from '../../src/api/endpoints/webhooks.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'
import { ReplayDialog } from './replay-dialog.tsx'
import { ShownSecret } from './shown-secret.tsx'
import { bodyOf, draftOf, WebhookFields } from './webhook-fields.tsx'

const CHANGES = [getWebhook, listWebhooks, listIncidents]

export function WebhookActs({ webhook }: { webhook: Webhook }) {
  const params = { id: webhook.id }
  const [open, setOpen] = useState<'edit' | 'replay' | null>(null)
  const test = useAction(testWebhook, { changes: [listWebhookDeliveries], onDone: () => toast('good', t.webhooks.tested) })
  const enable = useAction(enableWebhook, { changes: CHANGES, onDone: () => toast('good', t.webhooks.enabled) })
  const isOn = webhook.state === 'enabled'
  const offBecause = isOn ? null : t.webhooks.disabledWhy[webhook.disabled_why ?? 'by_hand']
  return (
    <>
      {isOn ? (
        <ActButton
          leftSection={<Send size={15} aria-hidden />}
          loading={test.isPending}
          onClick={() => test.mutate({ params, body: {} })}
        >
          {t.webhooks.test}
        </ActButton>
      ) : (
        <ActButton
          leftSection={<Power size={15} aria-hidden />}
          loading={enable.isPending}
          onClick={() => enable.mutate({ params })}
        >
          {t.webhooks.enable}
        </ActButton>
      )}
      <ActButton
        variant="default"
        leftSection={<History size={15} aria-hidden />}
        because={offBecause}
        onClick={() => setOpen('replay')}
      >
        {t.webhooks.replay}
      </ActButton>
      <More webhook={webhook} onEdit={() => setOpen('edit')} />
      {open === 'edit' && <EditDialog webhook={webhook} onClose={() => setOpen(null)} />}
      {open === 'replay' && <ReplayDialog id={webhook.id} onClose={() => setOpen(null)} />}
    </>
  )
}

function More({ webhook, onEdit }: { webhook: Webhook; onEdit: () => void }) {
  const params = { id: webhook.id }
  const ask = useAsk()
  const navigate = useNavigate()
  const disable = useAction(disableWebhook, { changes: CHANGES, onDone: () => toast('good', t.webhooks.disabled) })
  const rotate = useAction(rotateWebhookSecret, { changes: CHANGES })
  const remove = useAction(removeWebhook, {
    changes: [listWebhooks, listIncidents],
    onDone: () => {
      toast('good', t.webhooks.removed)
      void navigate({ to: '/webhooks' })
    },
  })
  async function askToRotate() {
    const { rotateTitle, rotateBody, rotate: act } = t.webhooks
    if (await ask({ title: rotateTitle, body: rotateBody, act })) rotate.mutate({ params, body: {} })
  }
  async function askToRemove() {
    const { removeTitle, removeBody, remove: act } = t.webhooks
    if (await ask({ title: removeTitle, body: removeBody, act, danger: true })) remove.mutate({ params })
  }
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<ChevronDown size={15} aria-hidden />}>
            {t.common.more}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Pencil size={15} aria-hidden />} onClick={onEdit}>
            {t.webhooks.edit}
          </Menu.Item>
          <Menu.Item leftSection={<KeyRound size={15} aria-hidden />} onClick={() => void askToRotate()}>
            {t.webhooks.rotate}
          </Menu.Item>
          {webhook.state === 'enabled' && (
            <Menu.Item leftSection={<Power size={15} aria-hidden />} onClick={() => disable.mutate({ params })}>
              {t.webhooks.disable}
            </Menu.Item>
          )}
          <Menu.Item color="red" leftSection={<Trash2 size={15} aria-hidden />} onClick={() => void askToRemove()}>
            {t.webhooks.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {rotate.data && <ShownSecret secret={rotate.data.secret} onClose={() => rotate.reset()} />}
    </>
  )
}

function EditDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(webhook))
  const change = useAction(changeWebhook, {
    quiet: true,
    changes: CHANGES,
    onDone: () => {
      toast('good', t.webhooks.changed)
      onClose()
    },
  })
  const errors = errorsFor(change.error, ['/url', '/description'])
  return (
    <Dialog title={t.webhooks.editTitle} onClose={onClose}>
      <Form problem={errors.rest} onSubmit={() => change.mutate({ params: { id: webhook.id }, body: bodyOf(draft) })}>
        <WebhookFields draft={draft} onChange={setDraft} errorOf={errors.of} />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={change.isPending}>
            {t.webhooks.save}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

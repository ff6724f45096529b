import { Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { listWebhookDeliveries, replayWebhook, type Webhook } from '../../src/api/endpoints/webhooks.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs, FormRow } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { toast } from '../ui/toasts.tsx'

const DAY_MS = 86_400_000

/** Counts first, then sends: nobody should be surprised by how much it is. */
export function ReplayDialog({ id, onClose }: { id: Webhook['id']; onClose: () => void }) {
  const [from, setFrom] = useState(() => localTime(new Date(Date.now() - DAY_MS)))
  const [to, setTo] = useState(() => localTime(new Date(Date.now() + 60_000)))
  const [which, setWhich] = useState<'undelivered' | 'all'>('undelivered')
  const count = useAction(replayWebhook, { quiet: true })
  const send = useAction(replayWebhook, {
    quiet: true,
    changes: [listWebhookDeliveries],
    onDone: ({ events }) => {
      toast('good', t.webhooks.sent(events))
      onClose()
    },
  })
  const errors = errorsFor(send.error ?? count.error, ['/from', '/to'])
  const given = (preview: boolean) => ({
    params: { id },
    body: { from: isoOf(from), to: isoOf(to), which, preview },
  })
  /** What was counted is about what was chosen then. */
  const choose = (set: () => void) => {
    set()
    count.reset()
  }
  return (
    <Dialog title={t.webhooks.replayTitle} onClose={onClose}>
      <Form problem={errors.rest} onSubmit={() => (count.data ? send : count).mutate(given(!count.data))}>
        <p>{t.webhooks.replayLead}</p>
        <FormRow half>
          <TextInput
            type="datetime-local"
            label={t.webhooks.from}
            value={from}
            error={errors.of('/from')}
            onChange={(event) => choose(() => setFrom(event.currentTarget.value))}
          />
          <TextInput
            type="datetime-local"
            label={t.webhooks.to}
            value={to}
            error={errors.of('/to')}
            onChange={(event) => choose(() => setTo(event.currentTarget.value))}
          />
        </FormRow>
        <Select
          label={t.webhooks.which}
          value={which}
          allowDeselect={false}
          data={[
            { value: 'undelivered', label: t.webhooks.undelivered },
            { value: 'all', label: t.webhooks.all },
          ]}
          onChange={(value) => choose(() => setWhich(value === 'all' ? 'all' : 'undelivered'))}
        />
        {count.data && <Note tone="calm">{t.webhooks.counted(count.data.events)}</Note>}
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={count.isPending || send.isPending} disabled={count.data?.events === 0}>
            {count.data ? t.webhooks.send(count.data.events) : t.webhooks.count}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

/** As a field for date and time has it: local, to the minute. */
function localTime(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function isoOf(local: string): string {
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? '' : at.toISOString()
}

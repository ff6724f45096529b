import { Button, NumberInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import {
  forgetReceiverLimits,
  listReceiverLimits,
  type ReceiverLimits,
  setReceiverLimits,
} from '../../src/api/endpoints/receiver-limits.ts'
import { USUAL_LIMITS } from '../../src/delivery/receivers/receiver-seeds.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs, FormRow } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'

interface Props {
  readonly routeId: Id<'route'>
  /** Null: of a receiver that is not in the list. */
  readonly limits: ReceiverLimits | null
  readonly onClose: () => void
}

const POINTERS = ['/max_connections', '/max_messages_per_connection', 'receiver']

/** A person's word on one receiver; or back to the usual. */
export function LimitsDialog({ routeId, limits, onClose }: Props) {
  const [name, setName] = useState('')
  const [connections, setConnections] = useState<number | ''>(limits?.set?.max_connections ?? '')
  const [messages, setMessages] = useState<number | ''>(limits?.set?.max_messages_per_connection ?? '')
  const receiver = limits?.receiver ?? name.trim().toLowerCase()
  const title = limits?.title ?? receiver
  const usual = limits?.usual ?? {
    max_connections: USUAL_LIMITS.maxConnections,
    max_messages_per_connection: USUAL_LIMITS.maxMessagesPerConnection,
  }
  const done = (words: string) => ({
    quiet: true,
    changes: [listReceiverLimits],
    onDone: () => {
      toast('good', words)
      onClose()
    },
  })
  const save = useAction(setReceiverLimits, done(t.receiverLimits.saved(title)))
  const reset = useAction(forgetReceiverLimits, done(t.receiverLimits.resetDone(title)))
  const errors = errorsFor(save.error ?? reset.error, POINTERS)
  const params = { id: routeId, receiver }
  const body = {
    max_connections: connections === '' ? null : connections,
    max_messages_per_connection: messages === '' ? null : messages,
  }
  return (
    <Dialog title={limits ? t.receiverLimits.dialogTitle(title) : t.receiverLimits.newTitle} onClose={onClose}>
      <Form onSubmit={() => save.mutate({ params, body })} problem={errors.rest}>
        {limits === null && (
          <TextInput
            label={t.receiverLimits.name}
            description={t.receiverLimits.nameHint}
            placeholder="example.org"
            value={name}
            error={errors.of('receiver')}
            data-autofocus
            required
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <FormRow half>
          <NumberInput
            label={t.receiverLimits.maxConnections}
            description={t.receiverLimits.emptyIsUsual(usual.max_connections)}
            value={connections}
            error={errors.of('/max_connections')}
            min={1}
            max={100}
            allowDecimal={false}
            onChange={(value) => setConnections(typeof value === 'number' ? value : '')}
          />
          <NumberInput
            label={t.receiverLimits.maxMessages}
            description={t.receiverLimits.emptyIsUsual(usual.max_messages_per_connection)}
            value={messages}
            error={errors.of('/max_messages_per_connection')}
            min={1}
            max={10_000}
            allowDecimal={false}
            onChange={(value) => setMessages(typeof value === 'number' ? value : '')}
          />
        </FormRow>
        <p>{t.receiverLimits.beginsAnew}</p>
        <FormActs end>
          {limits !== null && (limits.set !== null || limits.learned !== null) && (
            <Button variant="default" loading={reset.isPending} onClick={() => reset.mutate({ params })}>
              {t.receiverLimits.reset}
            </Button>
          )}
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t.receiverLimits.save}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

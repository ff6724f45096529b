import { Button, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { createInbox, listInboxes } from '../../src/api/endpoints/inboxes.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'

/** A name and an address are enough; everything else has a setting that does no harm. */
export function CreateInbox({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [address, setAddress] = useState('')
  const create = useAction(createInbox, {
    quiet: true,
    changes: [listInboxes],
    onDone: ({ id, name: made }) => {
      toast('good', t.inboxes.added(made))
      void navigate({ to: '/settings/inboxes/$id', params: { id }, search: {} })
    },
  })
  const errors = errorsFor(create.error, ['/name', '/address'])
  return (
    <Dialog title={t.inboxes.addTitle} onClose={onClose}>
      <Form onSubmit={() => create.mutate({ body: { name: name.trim(), address: address.trim() } })} problem={errors.rest}>
        <TextInput
          label={t.inboxes.name}
          description={t.inboxes.nameHint}
          value={name}
          error={errors.of('/name')}
          maxLength={100}
          data-autofocus
          required
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          type="email"
          label={t.inboxes.address}
          description={t.inboxes.addressHint}
          value={address}
          error={errors.of('/address')}
          required
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t.inboxes.addAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

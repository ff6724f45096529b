import { Button, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { addDomain, listDomains } from '../../src/api/endpoints/domains.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'

export function AddDomain({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const add = useAction(addDomain, {
    quiet: true,
    changes: [listDomains],
    onDone: (added) => {
      toast('good', t.domains.added(added.name))
      void navigate({ to: '/domains/$id', params: { id: added.id } })
    },
  })
  const errors = errorsFor(add.error, ['/name'])
  return (
    <Dialog title={t.domains.addTitle} onClose={onClose}>
      <Form problem={errors.rest} onSubmit={() => add.mutate({ body: { name: name.trim() } })}>
        <p>{t.domains.addLead}</p>
        <TextInput
          label={t.domains.name}
          placeholder={t.domains.namePlaceholder}
          value={name}
          error={errors.of('/name')}
          data-autofocus
          required
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t.domains.add}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

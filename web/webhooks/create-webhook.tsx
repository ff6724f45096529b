import { Button } from '@mantine/core'
import { useState } from 'react'
import { createWebhook, listWebhooks } from '../../src/api/endpoints/webhooks.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { ShownSecret } from './shown-secret.tsx'
import { bodyOf, EMPTY_DRAFT, WebhookFields } from './webhook-fields.tsx'

/** Makes a webhook, then shows its secret, once. */
export function CreateWebhook({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(EMPTY_DRAFT)
  const create = useAction(createWebhook, { quiet: true, changes: [listWebhooks] })
  if (create.data) return <ShownSecret secret={create.data.secret} onClose={onClose} />

  const errors = errorsFor(create.error, ['/url', '/description'])
  return (
    <Dialog title={t.webhooks.addTitle} onClose={onClose}>
      <Form problem={errors.rest} onSubmit={() => create.mutate({ body: bodyOf(draft) })}>
        <WebhookFields draft={draft} onChange={setDraft} errorOf={errors.of} />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t.webhooks.create}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

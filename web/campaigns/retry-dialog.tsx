import { Button, Radio, TextInput } from '@mantine/core'
import { useState } from 'react'
import { getCampaign, listCampaigns, retryCampaign } from '../../src/api/endpoints/campaigns.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'
import { failedOf } from './look.ts'
import type { Actable } from './use-acts.tsx'

/** What failed goes again: all, or where it failed for one reason. */
export function RetryDialog({ of: { id, name, deliveries }, onClose }: { of: Actable; onClose: () => void }) {
  const [which, setWhich] = useState<'all' | 'class'>('all')
  const [wanted, setWanted] = useState('')
  const says = t.campaigns
  const retry = useAction(retryCampaign, {
    changes: [getCampaign, listCampaigns],
    quiet: true,
    onDone: () => {
      toast('good', says.done.retried(name))
      onClose()
    },
  })
  const classes = which === 'all' ? null : wanted.split(/[\s,]+/).filter((word) => word !== '')
  return (
    <Dialog title={says.retryTitle(name)} onClose={onClose}>
      <Form onSubmit={() => retry.mutate({ params: { id }, body: { classes } })} problem={retry.error?.message ?? null}>
        <p>{says.retryBody(failedOf(deliveries))}</p>
        <Radio.Group value={which} onChange={(value) => setWhich(value as 'all' | 'class')} aria-label={says.retryTitle(name)}>
          <Radio value="all" label={says.retryAll} />
          <Radio value="class" label={says.retryClass} mt={8} />
        </Radio.Group>
        {which === 'class' && (
          <TextInput
            aria-label={says.retryClass}
            description={says.retryClassHint}
            placeholder="mailbox_full"
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
        )}
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={retry.isPending} disabled={classes !== null && classes.length === 0}>
            {says.retryAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

import { Button, MultiSelect, Radio } from '@mantine/core'
import { useState } from 'react'
import { getCampaign, listCampaigns, retryCampaign } from '../../src/api/endpoints/campaigns.ts'
import { FAILURE_CLASSES } from '../../src/mail/failure.ts'
import { classWords } from '../bulk/bulk-words.ts'
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
  const [wanted, setWanted] = useState<string[]>([])
  const says = t.campaigns
  const retry = useAction(retryCampaign, {
    changes: [getCampaign, listCampaigns],
    quiet: true,
    onDone: () => {
      toast('good', says.done.retried(name))
      onClose()
    },
  })
  const classes = which === 'all' ? null : wanted
  return (
    <Dialog title={says.retryTitle(name)} onClose={onClose}>
      <Form onSubmit={() => retry.mutate({ params: { id }, body: { classes } })} problem={retry.error?.message ?? null}>
        <p>{says.retryBody(failedOf(deliveries))}</p>
        <Radio.Group value={which} onChange={(value) => setWhich(value as 'all' | 'class')} aria-label={says.retryTitle(name)}>
          <Radio value="all" label={says.retryAll} />
          <Radio value="class" label={says.retryClass} mt={8} />
        </Radio.Group>
        {which === 'class' && (
          <MultiSelect
            aria-label={says.retryClass}
            data={FAILURE_CLASSES.map((value) => ({ value, label: classWords(value) }))}
            searchable
            maxValues={20}
            value={wanted}
            onChange={setWanted}
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

import { Button } from '@mantine/core'
import { useState } from 'react'
import { getCampaign, listCampaigns, paceCampaign } from '../../src/api/endpoints/campaigns.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'
import { PaceFields } from './pace-fields.tsx'
import type { Actable } from './use-acts.tsx'

/** Slower or faster: it holds from the next mail on. */
export function PaceDialog({ of: { id, name, pace: before }, onClose }: { of: Actable; onClose: () => void }) {
  const [pace, setPace] = useState(before)
  const save = useAction(paceCampaign, {
    changes: [getCampaign, listCampaigns],
    quiet: true,
    onDone: () => {
      toast('good', t.campaigns.done.paced(name))
      onClose()
    },
  })
  return (
    <Dialog title={t.campaigns.paceTitle(name)} onClose={onClose}>
      <Form onSubmit={() => save.mutate({ params: { id }, body: { pace } })} problem={save.error?.message ?? null}>
        <p>{t.campaigns.paceBody}</p>
        <PaceFields pace={pace} onChange={setPace} />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t.campaigns.paceSave}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

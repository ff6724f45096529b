import { Button } from '@mantine/core'
import { confirmCampaign, getCampaign, listCampaigns } from '../../src/api/endpoints/campaigns.ts'
import { useAction, useEndpoint } from '../query.ts'
import { AudienceCount } from '../segments/audience-count.tsx'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Form, FormActs } from '../ui/form.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { toast } from '../ui/toasts.tsx'
import type { Actable } from './use-acts.tsx'

/** A schedule that is late, or was brought back from a copy: what happened, and who would get it now. */
export function ConfirmDialog({ of: { id, name }, onClose }: { of: Actable; onClose: () => void }) {
  const query = useEndpoint(getCampaign, { id })
  const confirm = useAction(confirmCampaign, {
    changes: [getCampaign, listCampaigns],
    quiet: true,
    onDone: () => {
      toast('good', t.campaigns.done.started(name))
      onClose()
    },
  })
  return (
    <Dialog title={t.campaigns.confirmTitle(name)} onClose={onClose}>
      <Form onSubmit={() => confirm.mutate({ params: { id } })} problem={confirm.error?.message ?? null}>
        <Loadable query={query}>
          {({ campaign }) => (
            <>
              {campaign.question && (
                <Note tone="care" hint={campaign.question.hint}>
                  {campaign.question.sentence}
                </Note>
              )}
              <AudienceCount audience={campaign.audience} />
            </>
          )}
        </Loadable>
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={confirm.isPending}>
            {t.campaigns.confirmAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

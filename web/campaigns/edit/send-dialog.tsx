import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { getCampaignReadiness } from '../../../src/api/endpoints/campaign-pages.ts'
import { type Campaign, getCampaign, listCampaigns, startCampaign } from '../../../src/api/endpoints/campaigns.ts'
import { intervalMs } from '../../../src/delivery/pace/gcra.ts'
import { useAction, useEndpoint } from '../../query.ts'
import { useAudienceCount } from '../../segments/audience-count.tsx'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, FormActs } from '../../ui/form.tsx'
import { number } from '../../ui/format.ts'
import { Loadable } from '../../ui/loadable.tsx'
import { Note } from '../../ui/note.tsx'
import { toast } from '../../ui/toasts.tsx'
import { Checklist } from './checklist.tsx'
import { sizeOf } from './counted.ts'
import styles from './edit.module.css'

/** What will happen, to how many, and who is left out: the last word before a campaign is sent. */
export function SendDialog({ id, onClose }: { id: Campaign['id']; onClose: () => void }) {
  const query = useEndpoint(getCampaign, { id })
  return query.data ? (
    <Asked campaign={query.data.campaign} onClose={onClose} />
  ) : (
    <Dialog title={t.campaigns.edit.send} onClose={onClose}>
      <Loadable query={query}>{() => null}</Loadable>
    </Dialog>
  )
}

function Asked({ campaign, onClose }: { campaign: Campaign; onClose: () => void }) {
  const navigate = useNavigate()
  const { id, name } = campaign
  const says = t.campaigns.edit
  const counted = useAudienceCount(campaign.audience)
  const readiness = useEndpoint(getCampaignReadiness, { id })
  const told = (readiness.data?.checks ?? []).filter(({ status }) => status !== 'ok')
  const fails = told.filter(({ status }) => status === 'fail')
  const start = useAction(startCampaign, {
    changes: [getCampaign, listCampaigns],
    quiet: true,
    onDone: () => {
      toast('good', t.campaigns.done.started(name))
      onClose()
      void navigate({ to: '/campaigns/$id', params: { id }, search: {} })
    },
  })
  const n = counted.data?.would_get ?? 0
  const because = fails[0]?.sentence ?? (counted.data && n === 0 ? says.sendNobody : null)
  return (
    <Dialog title={says.sendTitle(name)} wide onClose={onClose}>
      <Form onSubmit={() => start.mutate({ params: { id } })} problem={start.error?.message ?? null}>
        {counted.error && <Note tone="bad">{counted.error.message}</Note>}
        <p className={styles.size} role="status">
          {counted.data ? sizeOf(counted.data) : says.counting}
        </p>
        {campaign.pace && n > 1 && <p className={styles.quiet}>{says.takes(spanOf(intervalMs(campaign.pace) * (n - 1)))}</p>}
        {told.length > 0 && <Checklist checks={told} />}
        <p className={styles.quiet}>{says.sendBody}</p>
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <ActButton type="submit" because={because} loading={start.isPending || counted.isPending}>
            {counted.data ? says.sendTo(number(n)) : says.sendNow}
          </ActButton>
        </FormActs>
      </Form>
    </Dialog>
  )
}

const MINUTE_MS = 60_000

function spanOf(ms: number): string {
  const says = t.campaigns.edit
  if (ms < 120 * MINUTE_MS) return says.minutes(Math.max(1, Math.round(ms / MINUTE_MS)))
  if (ms < 72 * 60 * MINUTE_MS) return says.hours(Math.round(ms / (60 * MINUTE_MS)))
  return says.days(Math.round(ms / (24 * 60 * MINUTE_MS)))
}

import { Switch } from '@mantine/core'
import { getCampaignArchive, setCampaignPublic } from '../../../src/api/endpoints/campaign-archive.ts'
import { type Campaign, getCampaign } from '../../../src/api/endpoints/campaigns.ts'
import { useMe, whyNot } from '../../me.ts'
import { useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Panel } from '../../ui/panel.tsx'
import { toast } from '../../ui/toasts.tsx'
import styles from './extra.module.css'

/** Whether everybody may read what was sent: shown and taken back at any time. Where there is no archive nothing is asked. */
export function PublicPanel({ campaign }: { campaign: Campaign }) {
  const { id, is_public: isPublic, started_at: startedAt } = campaign
  const says = t.campaignSettings.archive
  const because = whyNot(useMe(), 'campaigns.manage')
  const archive = useEndpoint(getCampaignArchive, {}, { enabled: startedAt !== null }).data?.archive
  const change = useAction(setCampaignPublic, {
    changes: [getCampaign],
    onDone: (changed) => toast('good', changed.is_public ? says.shown : says.taken),
  })
  if (!archive?.is_open || startedAt === null) return null
  return (
    <Panel title={says.title}>
      <div className={styles.stack}>
        <Switch
          label={says.on}
          description={because}
          checked={isPublic}
          disabled={because !== null || change.isPending}
          onChange={(event) => change.mutate({ params: { id }, body: { is_public: event.currentTarget.checked } })}
        />
        {isPublic && (
          <a href={`${archive.url}${id}`} target="_blank" rel="noreferrer">
            {says.read}
          </a>
        )}
      </div>
    </Panel>
  )
}

import { Link } from '@tanstack/react-router'
import type { Campaign } from '../../src/api/endpoints/campaigns.ts'
import { listLists } from '../../src/api/endpoints/lists.ts'
import { amountOf } from '../limits/pace-words.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Facts } from '../ui/facts.tsx'
import { Panel } from '../ui/panel.tsx'
import { Raw } from '../ui/raw.tsx'
import styles from './campaigns.module.css'

/** What it says, and whom it is for. */
export function CampaignContent({ campaign }: { campaign: Campaign }) {
  const { content, sender, reply_to: replyTo, pace } = campaign
  const says = t.campaigns
  return (
    <div className={styles.stack}>
      <Panel title={says.content.title}>
        <Facts
          facts={[
            [says.facts.subject, content.subject || says.noSubject],
            [says.facts.sender, sender],
            [says.edit.replyTo, replyTo],
            [says.content.format, says.content.formats[content.format] ?? content.format],
            [says.facts.pace, pace ? amountOf(pace) : says.anyPace],
          ]}
        />
        {content.body === '' ? (
          <p className={styles.quiet}>{says.content.empty}</p>
        ) : (
          <Raw text={content.body} label={says.content.source} copyLabel={says.content.source} tall />
        )}
      </Panel>
      <Panel title={says.content.audience}>
        <Audience audience={campaign.audience} />
      </Panel>
    </div>
  )
}

function Audience({ audience }: { audience: Campaign['audience'] }) {
  const lists = useEndpoint(listLists, {})
  const names = audience.lists.map((id) => lists.data?.items.find((list) => list.id === id)?.name ?? '…').join(', ')
  return (
    <>
      {audience.kind === 'not_opened' && (
        <p>
          {t.campaigns.content.notOpened}.{' '}
          <Link to="/campaigns/$id" params={{ id: audience.campaign_id }} search={{}}>
            {t.campaigns.content.toCampaign}
          </Link>
        </p>
      )}
      <Facts facts={[[t.campaigns.content.lists, names]]} />
    </>
  )
}

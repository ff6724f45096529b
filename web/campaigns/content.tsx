import { Link } from '@tanstack/react-router'
import type { Campaign } from '../../src/api/endpoints/campaigns.ts'
import { listLists } from '../../src/api/endpoints/lists.ts'
import { listSegments } from '../../src/api/endpoints/segments.ts'
import { ContentLook } from '../content/content-look.tsx'
import { amountOf } from '../limits/pace-words.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Facts } from '../ui/facts.tsx'
import { Panel } from '../ui/panel.tsx'
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
        <ContentLook
          campaignId={campaign.id}
          preheader={content.preheader ?? ''}
          versions={(campaign.ab?.variants.length ?? 0) + 1}
        />
      </Panel>
      <Panel title={says.content.audience}>
        <Audience audience={campaign.audience} />
      </Panel>
    </div>
  )
}

function Audience({ audience }: { audience: Campaign['audience'] }) {
  const lists = useEndpoint(listLists, {}).data?.items ?? []
  const segments = useEndpoint(listSegments, {}).data?.items ?? []
  const says = t.campaigns.content
  const named = (ids: readonly string[], all: readonly { readonly id: string; readonly name: string }[]) =>
    ids.map((id) => all.find((each) => each.id === id)?.name ?? '…').join(', ')
  const chosen = audience.kind === 'segments' ? audience : null
  return (
    <>
      {audience.kind === 'not_opened' && (
        <p>
          {says.notOpened}.{' '}
          <Link to="/campaigns/$id" params={{ id: audience.campaign_id }} search={{}}>
            {says.toCampaign}
          </Link>
        </p>
      )}
      <Facts
        facts={[
          [says.lists, named(audience.lists, lists)],
          [says.segments, named(chosen?.segments ?? [], segments)],
          [says.exceptLists, named(chosen?.except_lists ?? [], lists)],
          [says.exceptSegments, named(chosen?.except_segments ?? [], segments)],
        ]}
      />
    </>
  )
}

import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Campaign } from '../../src/api/endpoints/campaigns.ts'
import { previewContent } from '../../src/api/endpoints/content.ts'
import { listLists } from '../../src/api/endpoints/lists.ts'
import { listSegments } from '../../src/api/endpoints/segments.ts'
import type { Id } from '../../src/lib/ids.ts'
import { Preview } from '../content/preview.tsx'
import { usePreview } from '../content/use-preview.ts'
import { amountOf } from '../limits/pace-words.ts'
import { useMe } from '../me.ts'
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
  const mayLook = useMe().permissions.includes(previewContent.permission)
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
        {mayLook ? (
          <Read campaign={campaign} />
        ) : content.body === '' ? (
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

/** As one of them reads it. */
function Read({ campaign: { content, name } }: { campaign: Campaign }) {
  const [reader, setReader] = useState<Id<'contact'> | null>(null)
  const { preview, isUpdating, error } = usePreview(content, reader, name)
  return (
    <Preview
      preview={preview}
      isUpdating={isUpdating}
      error={error}
      reader={reader}
      onReader={setReader}
      preheader={content.preheader ?? ''}
    />
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

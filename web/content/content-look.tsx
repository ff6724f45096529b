import { useState } from 'react'
import { previewCampaign } from '../../src/api/endpoints/content.ts'
import type { CampaignId } from '../../src/campaigns/campaign.ts'
import type { ContactId } from '../../src/lib/ids.ts'
import { useEndpoint } from '../query.ts'
import { Preview } from './preview.tsx'
import { ProblemList } from './problem-list.tsx'
import { VersionChoice } from './version-choice.tsx'

interface Props {
  readonly campaignId: CampaignId
  readonly preheader?: string
  readonly versions?: number
}

/** How a campaign reads, for whoever may look and not write; with the copy of its template that it took. */
export function ContentLook({ campaignId, preheader = '', versions = 1 }: Props) {
  const [version, setVersion] = useState('A')
  const [reader, setReader] = useState<ContactId | null>(null)
  const query = useEndpoint(
    previewCampaign,
    { id: campaignId, ...(reader && { contact_id: reader }), ...(versions > 1 && { version }) },
    { keep: true },
  )
  return (
    <>
      {versions > 1 && <VersionChoice count={versions} value={version} onChange={setVersion} />}
      <ProblemList problems={query.data?.problems ?? []} />
      <Preview
        preview={query.data ?? null}
        isUpdating={query.isFetching}
        error={query.error?.message ?? null}
        reader={reader}
        onReader={setReader}
        preheader={preheader}
      />
    </>
  )
}

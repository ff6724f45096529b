import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ContentPreview, previewContent } from '../../src/api/endpoints/content.ts'
import type { CampaignContent } from '../../src/api/endpoints/content-shapes.ts'
import type { CampaignId } from '../../src/campaigns/campaign.ts'
import type { ContactId } from '../../src/lib/ids.ts'
import { call, type Problem } from '../api.ts'
import { useLate } from './use-late.ts'

const PAUSE_MS = 450

/** How a text reads, a moment after the last letter. The one before stays until the next is there. */
export function usePreview(
  content: CampaignContent,
  reader: ContactId | null,
  { name, id }: { readonly name: string; readonly id?: CampaignId | undefined },
) {
  const late = useLate(content, PAUSE_MS)
  const query = useQuery<ContentPreview, Problem>({
    queryKey: [previewContent.path, late, reader, name, id],
    queryFn: ({ signal }) =>
      call(
        previewContent,
        { body: { content: late, contact_id: reader, campaign_name: name, ...(id && { campaign_id: id }) } },
        signal,
      ),
    placeholderData: keepPreviousData,
    gcTime: 5_000,
    staleTime: 60_000,
  })
  return { preview: query.data ?? null, isUpdating: query.isFetching || late !== content, error: query.error?.message ?? null }
}

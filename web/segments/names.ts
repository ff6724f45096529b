import { listCampaigns } from '../../src/api/endpoints/campaigns.ts'
import { listImports } from '../../src/api/endpoints/imports.ts'
import { listContactFields, listLists } from '../../src/api/endpoints/lists.ts'
import type { Names } from '../../src/contacts/segments/segment.ts'
import { useMe, whyNot } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'

const LATEST = 100

/** What conditions may ask about in this workspace. */
export function useAskable() {
  const lists = useEndpoint(listLists, {}).data?.items ?? []
  const fields = useEndpoint(listContactFields, {}).data?.items ?? []
  const campaigns = useEndpoint(listCampaigns, { limit: LATEST }).data?.items ?? []
  const maySeeImports = whyNot(useMe(), 'audience.manage') === null
  const imports = useEndpoint(listImports, { limit: LATEST }, { enabled: maySeeImports }).data?.items ?? []
  return { lists, fields, campaigns, imports }
}
export type Askable = ReturnType<typeof useAskable>

export function namesOf({ lists, fields, campaigns, imports }: Askable): Names {
  const nameIn = (known: readonly { readonly id: string; readonly name: string }[]) => (id: string) =>
    known.find((one) => one.id === id)?.name ?? t.segments.gone
  return {
    list: nameIn(lists),
    campaign: nameIn(campaigns),
    import: nameIn(imports),
    field: (key) => fields.find((one) => one.key === key)?.label ?? key,
  }
}

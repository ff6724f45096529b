import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { Download, X } from 'lucide-react'
import { exportCampaignRecipients } from '../../src/api/endpoints/campaign-recipients.ts'
import type { CampaignProgress } from '../../src/api/endpoints/campaigns.ts'
import { DeliveryState } from '../../src/api/endpoints/deliveries.ts'
import { EXCLUSIONS } from '../../src/campaigns/campaign.ts'
import { FAILURE_CLASSES } from '../../src/mail/failure.ts'
import { hrefOf, type ParamsOf } from '../api.ts'
import { classWords } from '../bulk/bulk-words.ts'
import { receiverChoices } from '../parts/receiver-name.ts'
import { t } from '../texts/texts.ts'
import { ChoiceFilter, FilterBar, FilterSets, TextFilter } from '../ui/filters.tsx'
import { said } from '../ui/said.ts'
import type { RecipientSearch } from './campaign-search.ts'

const SETS = {
  all: {},
  had: { state: 'sent,delivered' },
  waiting: { state: 'queued' },
  deferred: { deferred: 'true' },
  trouble: { state: 'bounced,failed,expired' },
  excluded: { excluded: 'any' },
} as const satisfies Record<string, RecipientSearch>
type SetName = keyof typeof SETS
const NAMES = Object.keys(SETS) as SetName[]

interface Props {
  readonly of: CampaignProgress
  readonly search: RecipientSearch
  readonly params: ParamsOf<typeof exportCampaignRecipients>
}

/** Each kept in the URL; what is chosen is what is downloaded. */
export function RecipientFilters({ of, search, params }: Props) {
  const navigate = useNavigate()
  const { id } = of.campaign
  const says = t.campaigns.recipients
  const go = (next: RecipientSearch) =>
    void navigate({ to: '/campaigns/$id', params: { id }, search: { tab: 'recipients', ...said(next) }, replace: true })
  const { state, deferred, excluded, ...rest } = search
  const which = said({ state, deferred, excluded })
  const chosen = NAMES.find((name) => JSON.stringify(SETS[name]) === JSON.stringify(which))
  return (
    <FilterBar label={says.label}>
      <FilterSets
        label={says.setsLabel}
        value={chosen}
        set={(name) => go({ ...rest, ...SETS[name] })}
        data={NAMES.map((value) => ({ value, label: says.sets[value] }))}
      />
      <TextFilter
        label={says.searchLabel}
        placeholder={says.search}
        value={search.address}
        set={(address) => go({ ...search, address })}
      />
      {excluded === undefined ? (
        <ChoiceFilter
          label={says.stateLabel}
          any={says.anyState}
          data={DeliveryState.options.map((value) => ({ value: value as string, label: t.states[value] }))}
          value={state?.includes(',') ? undefined : state}
          set={(value) => go({ ...rest, state: value })}
        />
      ) : (
        <ChoiceFilter
          label={says.reasonLabel}
          any={says.reason}
          data={EXCLUSIONS.map((value) => ({ value: value as string, label: t.campaigns.exclusions[value] }))}
          value={excluded === 'any' ? undefined : excluded}
          set={(value) => go({ ...rest, excluded: value ?? 'any' })}
        />
      )}
      <ChoiceFilter
        label={says.receiverLabel}
        any={says.receiver}
        searchable
        data={receiverChoices(search.receiver ? [search.receiver] : [])}
        value={search.receiver}
        set={(receiver) => go({ ...search, receiver })}
      />
      <ChoiceFilter
        label={says.classLabel}
        any={says.class}
        searchable
        data={FAILURE_CLASSES.map((value) => ({ value: value as string, label: classWords(value) }))}
        value={search.class}
        set={(value) => go({ ...search, class: value })}
      />
      {Object.keys(said(search)).length > 0 && (
        <Button size="xs" variant="subtle" leftSection={<X size={13} aria-hidden />} onClick={() => go({})}>
          {says.clear}
        </Button>
      )}
      <Button
        component="a"
        href={hrefOf(exportCampaignRecipients, params)}
        download
        size="xs"
        variant="default"
        leftSection={<Download size={13} aria-hidden />}
      >
        {t.campaigns.export}
      </Button>
    </FilterBar>
  )
}

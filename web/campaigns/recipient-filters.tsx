import { Button, SegmentedControl, Select } from '@mantine/core'
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
import { TextFilter } from './campaign-list-page.tsx'
import { type RecipientSearch, said } from './campaign-search.ts'
import styles from './campaigns.module.css'

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
    // biome-ignore lint/a11y/useSemanticElements: the search element is not yet known to every screen reader
    <div className={styles.filters} role="search" aria-label={says.label}>
      <div className={styles.scroller}>
        <SegmentedControl
          size="xs"
          aria-label={says.setsLabel}
          value={chosen ?? ''}
          onChange={(name) => go({ ...rest, ...SETS[name as SetName] })}
          data={NAMES.map((value) => ({ value, label: says.sets[value] }))}
        />
      </div>
      <TextFilter
        key={search.address ?? ''}
        value={search.address ?? ''}
        placeholder={says.search}
        label={says.searchLabel}
        onChange={(address) => go({ ...search, address: address || undefined })}
      />
      {excluded === undefined ? (
        <Select
          className={styles.pick ?? ''}
          size="xs"
          aria-label={says.stateLabel}
          placeholder={says.anyState}
          clearable
          clearButtonProps={{ 'aria-label': says.anyState }}
          data={DeliveryState.options.map((value) => ({ value, label: t.states[value] }))}
          value={state && !state.includes(',') ? state : null}
          onChange={(value) => go({ ...rest, state: value ?? undefined })}
        />
      ) : (
        <Select
          className={styles.pick ?? ''}
          size="xs"
          aria-label={says.reasonLabel}
          placeholder={says.reason}
          clearable
          clearButtonProps={{ 'aria-label': says.reason }}
          data={EXCLUSIONS.map((value) => ({ value, label: t.campaigns.exclusions[value] }))}
          value={excluded === 'any' ? null : excluded}
          onChange={(value) => go({ ...rest, excluded: value ?? 'any' })}
        />
      )}
      <Select
        className={styles.pick ?? ''}
        size="xs"
        aria-label={says.receiverLabel}
        placeholder={says.receiver}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': says.receiver }}
        data={receiverChoices(search.receiver ? [search.receiver] : [])}
        value={search.receiver ?? null}
        onChange={(receiver) => go({ ...search, receiver: receiver ?? undefined })}
      />
      <Select
        className={styles.pick ?? ''}
        size="xs"
        aria-label={says.classLabel}
        placeholder={says.class}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': says.class }}
        data={FAILURE_CLASSES.map((value) => ({ value, label: classWords(value) }))}
        value={search.class ?? null}
        onChange={(value) => go({ ...search, class: value ?? undefined })}
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
    </div>
  )
}

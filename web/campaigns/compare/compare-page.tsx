import { MultiSelect, Select } from '@mantine/core'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { type ComparedCampaign, compareCampaigns, downloadComparison } from '../../../src/api/endpoints/campaign-results.ts'
import { listCampaigns } from '../../../src/api/endpoints/campaigns.ts'
import { hrefOf } from '../../api.ts'
import { useEndpoint, usePages } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { number } from '../../ui/format.ts'
import { Loadable } from '../../ui/loadable.tsx'
import { Note } from '../../ui/note.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Rows } from '../../ui/rows.tsx'
import { Ago } from '../../ui/time.tsx'
import { measuredColumns } from '../results/columns.tsx'
import styles from '../results/results.module.css'
import type { CompareSearch } from './compare-search.ts'

const api = getRouteApi('/shell/campaigns/compare')
const MOST = 20
const WITHIN = [1, 6, 24, 72, 168, 720]
const LIVE_MS = 10_000

export function ComparePage() {
  const { ids = '', within } = api.useSearch()
  const navigate = useNavigate()
  const chosen = ids === '' ? [] : ids.split(',').slice(0, MOST)
  const go = (search: CompareSearch) => void navigate({ to: '/campaigns/compare', search, replace: true })
  const withIds = (list: readonly string[]) => (list.length === 0 ? {} : { ids: list.join(',') })
  return (
    <Page title={t.compare.title} lead={t.compare.lead}>
      <div className={styles.pick}>
        <Picker chosen={chosen} onChange={(list) => go({ ...withIds(list), ...(within && { within }) })} />
        <Select
          label={t.compare.within}
          value={within ? String(within) : ''}
          allowDeselect={false}
          data={[
            { value: '', label: t.compare.everything },
            ...WITHIN.map((n) => ({ value: String(n), label: t.compare.hours(n) })),
          ]}
          onChange={(value) => go({ ...withIds(chosen), ...(value && { within: Number(value) }) })}
        />
      </div>
      {chosen.length === 0 ? (
        <EmptyState title={t.compare.none} sentence={t.compare.noneSentence} />
      ) : (
        <Comparison ids={chosen as ComparedCampaign['campaign']['id'][]} within={within} />
      )}
    </Page>
  )
}

function Picker({ chosen, onChange }: { chosen: readonly string[]; onChange: (list: string[]) => void }) {
  const { items } = usePages(listCampaigns, {}, 200)
  const started = items.filter(({ started_at }) => started_at !== null)
  return (
    <MultiSelect
      label={t.compare.pick}
      description={t.compare.pickHint}
      searchable
      classNames={{ pill: styles.pill ?? '' }}
      maxValues={MOST}
      value={chosen.filter((id) => started.some((one) => one.id === id))}
      data={started.map(({ id, name }) => ({ value: id as string, label: name }))}
      onChange={onChange}
    />
  )
}

function Comparison({ ids, within }: { ids: ComparedCampaign['campaign']['id'][]; within: number | undefined }) {
  const params = { ids, ...(within && { within_hours: within }) }
  const query = useEndpoint(compareCampaigns, params, { everyMs: LIVE_MS, keep: true })
  return (
    <Loadable query={query}>
      {({ items }) => (
        <div className={styles.stack}>
          {items.length < ids.length && <Note tone="care">{t.compare.removed}</Note>}
          <Panel
            title={t.compare.label}
            flush
            aside={
              <a
                className={styles.csv}
                href={hrefOf(downloadComparison, params)}
                download
                aria-label={t.results.csvOf(t.compare.label)}
              >
                <Download size={14} aria-hidden="true" /> {t.results.csv}
              </a>
            }
          >
            <div className={styles.rows}>
              <Rows
                label={t.compare.label}
                rows={items}
                keyOf={({ campaign }) => campaign.id}
                columns={[
                  {
                    key: 'campaign',
                    header: t.compare.campaign,
                    cell: ({ campaign }: ComparedCampaign) => (
                      <span className={styles.named}>
                        <Link to="/campaigns/$id" params={{ id: campaign.id }} search={{ tab: 'results' }}>
                          {campaign.name}
                        </Link>
                        {campaign.started_at && <Ago at={campaign.started_at} />}
                      </span>
                    ),
                  },
                  {
                    key: 'recipients',
                    header: t.compare.recipients,
                    end: true,
                    cell: ({ campaign }: ComparedCampaign) => number(campaign.recipients),
                  },
                  ...measuredColumns<ComparedCampaign>(),
                ]}
              />
            </div>
          </Panel>
          <p className={styles.basis}>{t.compare.basis}</p>
        </div>
      )}
    </Loadable>
  )
}

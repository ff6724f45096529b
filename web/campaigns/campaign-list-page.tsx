import { Button } from '@mantine/core'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { type CampaignSummary, createCampaign, listCampaigns } from '../../src/api/endpoints/campaigns.ts'
import { useMe, whyNot } from '../me.ts'
import { ManyLetters } from '../parts/pictures.tsx'
import { useAction, usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { FilterBar, FilterSets, TextFilter } from '../ui/filters.tsx'
import { number } from '../ui/format.ts'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { said } from '../ui/said.ts'
import { CampaignActs } from './acts.tsx'
import { type CampaignsSearch, LIST_SETS, type ListSet } from './campaign-search.ts'
import styles from './campaigns.module.css'
import { COMPARED, CompareBar } from './compare/compare-bar.tsx'
import { FlowBar } from './flow-bar.tsx'
import { hadIt, partsOf } from './look.ts'
import { CampaignBadge } from './state-badge.tsx'
import { Why } from './why.tsx'

const route = getRouteApi('/shell/campaigns')

export function CampaignListPage() {
  const search = route.useSearch()
  return (
    <Page title={t.campaigns.title} lead={t.campaigns.lead} shape="filled" acts={<Acts />}>
      <Filters search={search} />
      <List search={search} />
    </Page>
  )
}

function Acts() {
  return (
    <>
      <Link to="/campaigns/compare" search={{}}>
        {t.compare.act}
      </Link>
      <NewCampaign />
    </>
  )
}

function NewCampaign() {
  const navigate = useNavigate()
  const create = useAction(createCampaign, {
    changes: [listCampaigns],
    onDone: ({ id }) => void navigate({ to: '/campaigns/$id/edit', params: { id } }),
  })
  return (
    <ActButton
      leftSection={<Plus size={15} aria-hidden />}
      because={whyNot(useMe(), 'campaigns.manage')}
      loading={create.isPending}
      onClick={() => create.mutate({ body: { name: t.campaigns.newName } })}
    >
      {t.campaigns.start}
    </ActButton>
  )
}

function Filters({ search }: { search: CampaignsSearch }) {
  const navigate = useNavigate()
  const set = (change: Partial<CampaignsSearch>) =>
    void navigate({ to: '/campaigns', search: said({ ...search, ...change }), replace: true })
  return (
    <FilterBar label={t.campaigns.label}>
      <FilterSets
        label={t.campaigns.setsLabel}
        value={search.show ?? 'all'}
        set={(show) => set({ show: show === 'all' ? undefined : show })}
        data={(Object.keys(LIST_SETS) as ListSet[]).map((value) => ({ value, label: t.campaigns.sets[value] }))}
      />
      <TextFilter
        label={t.campaigns.searchLabel}
        placeholder={t.campaigns.search}
        value={search.name}
        set={(name) => set({ name })}
      />
    </FilterBar>
  )
}

const AT_WORK = ['preparing', 'sending']
/** No event tells of everybody who is looked at, or of a limit that ends. */
const AGAIN_MS = 5_000

function List({ search: { show = 'all', name } }: { search: CampaignsSearch }) {
  const navigate = useNavigate()
  const [chosen, setChosen] = useState<readonly string[]>([])
  const state = [...LIST_SETS[show]]
  const pages = usePages(
    listCampaigns,
    { ...(state.length > 0 && { state }), ...(name && { name }) },
    50,
    (items) => items.some((item) => AT_WORK.includes(item.state)) && AGAIN_MS,
  )
  if (pages.error && pages.items.length === 0) return <Failed error={pages.error} retry={pages.retry} />
  if (pages.isPending) return <Skeleton lines={10} />
  if (pages.items.length === 0 && !pages.isPlaceholder)
    return show === 'all' && !name ? (
      <EmptyState picture={<ManyLetters />} title={t.campaigns.emptyTitle} sentence={t.campaigns.empty} act={<NewCampaign />} />
    ) : (
      <EmptyState
        title={t.campaigns.nothingTitle}
        sentence={t.campaigns.nothing}
        act={
          <Button variant="default" onClick={() => void navigate({ to: '/campaigns', search: {} })}>
            {t.campaigns.clear}
          </Button>
        }
      />
    )
  const toggle = (id: string) => setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])
  return (
    <>
      {chosen.length > 0 && <CompareBar ids={chosen} none={() => setChosen([])} />}
      <DataTable
        label={t.campaigns.label}
        rows={pages.items}
        choice={{
          isOn: ({ id }) => chosen.includes(id),
          name: (campaign) => campaign.name,
          because: ({ id, started_at }) =>
            started_at === null
              ? t.compare.notStarted
              : chosen.length === COMPARED && !chosen.includes(id)
                ? t.compare.enough(COMPARED)
                : null,
          toggle: (index) => {
            const row = pages.items[index]
            if (row) toggle(row.id)
          },
          all: null,
        }}
        keyOf={({ id }) => id}
        hrefOf={({ id }) => `/campaigns/${id}`}
        onOpen={({ id }) => void navigate({ to: '/campaigns/$id', params: { id }, search: {} })}
        columns={columns()}
        card={(campaign) => <Card of={campaign} />}
        hasMore={pages.hasMore}
        isFetchingMore={pages.isFetchingMore}
        more={pages.more}
        dim={pages.isPlaceholder}
        restoreId="campaigns"
      />
    </>
  )
}

function columns(): ReadonlyArray<Column<CampaignSummary>> {
  const names = t.campaigns.columns
  return [
    { key: 'state', header: names.state, width: '158px', cell: (campaign) => <CampaignBadge campaign={campaign} /> },
    { key: 'name', header: names.name, width: 'minmax(180px, 1.4fr)', cell: (campaign) => <Name of={campaign} /> },
    { key: 'progress', header: names.progress, width: 'minmax(130px, 0.7fr)', cell: (campaign) => <Progress of={campaign} /> },
    {
      key: 'why',
      header: names.why,
      width: 'minmax(150px, 1.4fr)',
      wideOnly: true,
      cell: (campaign) => (
        <span className={styles.quiet}>
          <Why of={campaign} />
        </span>
      ),
    },
    {
      key: 'acts',
      header: names.acts,
      isHidden: true,
      width: '206px',
      align: 'end',
      cell: (campaign) => (
        <span className={styles.rowActs}>
          <CampaignActs of={campaign} compact />
        </span>
      ),
    },
  ]
}

function Name({ of: { id, name, subject } }: { of: CampaignSummary }) {
  return (
    <span className={styles.name} title={`${name}\n${subject}`}>
      <Link to="/campaigns/$id" params={{ id }} search={{}} tabIndex={-1}>
        {name}
      </Link>
      <span className={styles.quiet}> {subject || t.campaigns.noSubject}</span>
    </span>
  )
}

function Progress({ of }: { of: CampaignSummary }) {
  if (of.candidates === 0) return null
  const had = hadIt(of.deliveries)
  const all = of.candidates - of.excluded
  return (
    <span className={styles.progress}>
      <FlowBar slim parts={partsOf({ ...of, deferred: 0, awaits_winner: 0 })} />
      <span className={styles.numbers}>{t.campaigns.sentOf(number(had), number(all))}</span>
    </span>
  )
}

/** Two lines for a narrow page. */
function Card({ of }: { of: CampaignSummary }) {
  return (
    <>
      <div className={styles.two}>
        <Link
          to="/campaigns/$id"
          params={{ id: of.id }}
          search={{}}
          className={`${styles.cardName} ${styles.grow}`}
          tabIndex={-1}
        >
          {of.name}
        </Link>
        <CampaignBadge campaign={of} />
      </div>
      <div className={styles.two}>
        <span className={`${styles.quiet} ${styles.grow}`}>
          <Why of={of} />
        </span>
        {of.candidates > 0 && (
          <span className={styles.numbers}>
            {t.campaigns.sentOf(number(hadIt(of.deliveries)), number(of.candidates - of.excluded))}
          </span>
        )}
      </div>
    </>
  )
}

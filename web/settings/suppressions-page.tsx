import { Button } from '@mantine/core'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { listSuppressions, removeSuppression, type Suppression, SuppressionReason } from '../../src/api/endpoints/suppressions.ts'
import { useMe, whyNot } from '../me.ts'
import { NobodySuppressed } from '../parts/pictures.tsx'
import { useAction, usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import cards from '../ui/cards.module.css'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ChoiceFilter, FilterBar, TextFilter } from '../ui/filters.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { said } from '../ui/said.ts'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { AddSuppression } from './add-suppression.tsx'
import { HeldEvidence } from './held-evidence.tsx'
import { ListActs } from './suppression-list-acts.tsx'
import styles from './suppressions-page.module.css'

const route = getRouteApi('/shell/suppressions')

export function SuppressionsPage() {
  const me = useMe()
  const { address } = route.useSearch()
  const navigate = useNavigate()
  const find = (wanted: string | undefined) =>
    void navigate({ to: '/suppressions', search: said({ address: wanted }), replace: true })
  const [adding, setAdding] = useState(false)
  const [reason, setReason] = useState<Suppression['reason']>()
  return (
    <Page
      title={t.suppressions.title}
      lead={t.suppressions.lead}
      shape="filled"
      acts={
        <>
          <ListActs />
          <ActButton
            leftSection={<Plus size={15} aria-hidden />}
            because={whyNot(me, 'suppressions.manage')}
            onClick={() => setAdding(true)}
          >
            {t.suppressions.add}
          </ActButton>
        </>
      }
    >
      <HeldEvidence />
      <FilterBar label={t.suppressions.title} widths={{ text: 260, choice: 190 }}>
        <TextFilter label={t.suppressions.address} placeholder={t.suppressions.search} value={address} set={find} />
        {address && (
          <Button size="xs" variant="subtle" onClick={() => find(undefined)}>
            {t.activity.clear}
          </Button>
        )}
        <ChoiceFilter
          label={t.suppressions.columns.reason}
          any={t.suppressions.anyReason}
          data={SuppressionReason.options.map((value) => ({ value, label: t.suppressions.reasons[value] }))}
          value={reason}
          set={setReason}
        />
      </FilterBar>
      <List address={address} reason={reason} onAdd={whyNot(me, 'suppressions.manage') === null ? () => setAdding(true) : null} />
      {adding && <AddSuppression initial={address ?? ''} onClose={() => setAdding(false)} />}
    </Page>
  )
}

interface ListProps {
  readonly address: string | undefined
  readonly reason: Suppression['reason'] | undefined
  readonly onAdd: (() => void) | null
}

function List({ address, reason, onAdd }: ListProps) {
  const list = usePages(listSuppressions, { ...(address && { address }), ...(reason && { reason }) })
  if (list.error && list.items.length === 0) return <Failed error={list.error} retry={list.retry} />
  if (list.isPending) return <Skeleton lines={8} />
  if (list.items.length === 0) {
    const act = onAdd && (
      <Button variant="default" onClick={onAdd}>
        {t.suppressions.add}
      </Button>
    )
    return address || reason ? (
      <EmptyState title={t.suppressions.nothingTitle} sentence={t.suppressions.nothing} act={act} />
    ) : (
      <EmptyState picture={<NobodySuppressed />} title={t.suppressions.emptyTitle} sentence={t.suppressions.empty} act={act} />
    )
  }
  return (
    <DataTable
      label={t.suppressions.label}
      rows={list.items}
      keyOf={({ address: each, stream }) => `${each} ${stream}`}
      columns={columns()}
      card={(suppression) => <Card suppression={suppression} />}
      hasMore={list.hasMore}
      isFetchingMore={list.isFetchingMore}
      more={list.more}
      dim={list.isPlaceholder}
      restoreId="suppressions"
    />
  )
}

function columns(): ReadonlyArray<Column<Suppression>> {
  const names = t.suppressions.columns
  return [
    {
      key: 'address',
      header: names.address,
      width: 'minmax(200px, 1.3fr)',
      cell: ({ address }) => (
        <span className={styles.strong} title={address}>
          {address}
        </span>
      ),
    },
    { key: 'reason', header: names.reason, width: 'minmax(150px, 1fr)', cell: ({ reason }) => t.suppressions.reasons[reason] },
    { key: 'stream', header: names.stream, width: '130px', cell: ({ stream }) => streamName(stream) },
    {
      key: 'note',
      header: names.note,
      width: 'minmax(120px, 1fr)',
      wideOnly: true,
      cell: ({ note, reply }) => (
        <span className={styles.quiet} title={`${note}\n${reply}`.trim()}>
          {reply || note}
        </span>
      ),
    },
    {
      key: 'created',
      header: names.created,
      width: '110px',
      cell: ({ created_at }) => (
        <span className={styles.quiet}>
          <Ago at={created_at} short />
        </span>
      ),
    },
    {
      key: 'ends',
      header: names.ends,
      width: '100px',
      wideOnly: true,
      cell: ({ expires_at }) => (
        <span className={styles.quiet}>{expires_at ? <Ago at={expires_at} short /> : t.suppressions.never}</span>
      ),
    },
    {
      key: 'acts',
      header: t.common.acts,
      isHidden: true,
      width: '130px',
      align: 'end',
      cell: (suppression) => <Remove suppression={suppression} />,
    },
  ]
}

function Card({ suppression }: { suppression: Suppression }) {
  return (
    <>
      <div className={cards.middle}>
        <span className={`${cards.clip} ${styles.strong}`}>{suppression.address}</span>
        <Remove suppression={suppression} />
      </div>
      <div className={`${cards.clip} ${styles.quiet}`}>
        {t.suppressions.reasons[suppression.reason]} · {streamName(suppression.stream)}
      </div>
    </>
  )
}

function Remove({ suppression: { address, stream } }: { suppression: Suppression }) {
  const me = useMe()
  const ask = useAsk()
  const remove = useAction(removeSuppression, {
    changes: [listSuppressions],
    onDone: () => toast('good', t.suppressions.removed(address)),
  })
  async function run() {
    const { removeTitle, removeBody, removeAct } = t.suppressions
    if (await ask({ title: removeTitle(address), body: removeBody, act: removeAct }))
      remove.mutate({ params: { address, stream } })
  }
  return (
    <ActButton
      label={`${t.suppressions.remove}: ${address}`}
      size="compact-xs"
      variant="default"
      because={whyNot(me, 'suppressions.manage')}
      loading={remove.isPending}
      onClick={() => void run()}
    >
      {t.suppressions.remove}
    </ActButton>
  )
}

function streamName(stream: Suppression['stream']): string {
  return stream === 'all' ? t.suppressions.all : t.streams[stream]
}

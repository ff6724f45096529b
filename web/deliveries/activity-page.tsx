import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { ArrowUp, ListChecks } from 'lucide-react'
import { useMemo } from 'react'
import { type DeliverySummary, listDeliveries } from '../../src/api/endpoints/deliveries.ts'
import type { Id } from '../../src/lib/ids.ts'
import { bulkSearchOf } from '../bulk/bulk-search.ts'
import { showNews, useLive } from '../live.ts'
import { NoMailYet } from '../parts/pictures.tsx'
import { StateBadge } from '../parts/states.tsx'
import { usePages } from '../query.ts'
import { ButtonLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Ago } from '../ui/time.tsx'
import styles from './activity-page.module.css'
import { type DeliverySearch, PERIODS, statesOf } from './delivery-search.ts'
import { Filters } from './filters.tsx'

const route = getRouteApi('/shell/deliveries')

export function ActivityPage() {
  const search = route.useSearch()
  const navigate = useNavigate()
  return (
    <Page
      title={t.activity.title}
      lead={t.activity.lead}
      shape="filled"
      acts={
        <ActButton
          variant="default"
          leftSection={<ListChecks size={15} aria-hidden />}
          because={search.recipient ? t.bulk.notOne : null}
          onClick={() => void navigate({ to: '/bulk', search: bulkSearchOf(search) })}
        >
          {t.bulk.open}
        </ActButton>
      }
    >
      <Filters search={search} />
      <Activity search={search} />
    </Page>
  )
}

function Activity({ search }: { search: DeliverySearch }) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const { news } = useLive()
  const list = usePages(listDeliveries, useParams(search))
  if (list.error && list.items.length === 0) return <Failed error={list.error} retry={list.retry} />
  if (list.isPending) return <Skeleton lines={12} />
  if (list.items.length === 0 && !list.isPlaceholder) return <Nothing search={search} />
  return (
    <>
      {news.has(listDeliveries.path) && (
        <div className={styles.news}>
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<ArrowUp size={14} aria-hidden />}
            onClick={() => showNews(client, listDeliveries.path)}
          >
            {t.activity.newer}
          </Button>
        </div>
      )}
      <DataTable
        label={t.activity.label}
        rows={list.items}
        keyOf={(delivery) => delivery.id}
        columns={columns()}
        card={(delivery) => <Card delivery={delivery} />}
        hrefOf={hrefOf}
        onOpen={({ message_id, id }) =>
          void navigate({ to: '/messages/$id', params: { id: message_id }, search: { delivery: id } })
        }
        hasMore={list.hasMore}
        isFetchingMore={list.isFetchingMore}
        more={list.more}
        dim={list.isPlaceholder}
        restoreId="deliveries"
      />
    </>
  )
}

/** What the endpoint is asked. "Within the last hour" becomes a moment once, to the minute, so that the question stays the same. */
function useParams(search: DeliverySearch) {
  const { state, recipient, route: routeId, stream, receiver, within } = search
  return useMemo(() => {
    const states = statesOf({ state } as DeliverySearch)
    const since = within && new Date(Math.floor((Date.now() - PERIODS[within]) / 60_000) * 60_000)
    return {
      ...(states.length > 0 && { state: [...states] }),
      ...(recipient && { recipient }),
      ...(routeId && { route: routeId as Id<'route'> }),
      ...(stream && { stream }),
      ...(receiver && { receiver }),
      ...(since && { since }),
    }
  }, [state, recipient, routeId, stream, receiver, within])
}

function columns(): ReadonlyArray<Column<DeliverySummary>> {
  const { columns: names } = t.activity
  return [
    { key: 'state', header: names.state, width: '132px', cell: (delivery) => <StateBadge delivery={delivery} /> },
    {
      key: 'recipient',
      header: names.recipient,
      width: 'minmax(180px, 1fr)',
      cell: (delivery) => (
        <Link
          to="/messages/$id"
          params={{ id: delivery.message_id }}
          search={{ delivery: delivery.id }}
          className={styles.recipient ?? ''}
          title={delivery.recipient}
          tabIndex={-1}
        >
          {delivery.recipient}
        </Link>
      ),
    },
    {
      key: 'subject',
      header: names.subject,
      width: 'minmax(160px, 1.1fr)',
      cell: (delivery) => <Subject of={delivery} />,
    },
    {
      key: 'reason',
      header: names.reason,
      width: 'minmax(160px, 1.7fr)',
      cell: (delivery) => (
        <span className={styles.why} title={whyOf(delivery) ?? undefined}>
          {whyOf(delivery)}
        </span>
      ),
    },
    {
      key: 'route',
      header: names.route,
      width: '130px',
      wideOnly: true,
      cell: ({ route: used }) => (
        <span className={styles.quiet} title={used?.name}>
          {used?.name}
        </span>
      ),
    },
    {
      key: 'created',
      header: names.created,
      width: '96px',
      align: 'end',
      cell: ({ created_at }) => (
        <span className={styles.quiet}>
          <Ago at={created_at} short />
        </span>
      ),
    },
  ]
}

/** Of a campaign, its name: the subject is the same text with places for all of them. */
function Subject({ of: { subject, campaign } }: { of: DeliverySummary }) {
  if (!campaign) return <span title={subject}>{subject || t.activity.noSubject}</span>
  return (
    <span title={`${campaign.name}\n${subject}`}>
      <Link to="/campaigns/$id" params={{ id: campaign.id }} search={{}} tabIndex={-1}>
        {campaign.name}
      </Link>
    </span>
  )
}

/** Two lines for a narrow page. */
function Card({ delivery }: { delivery: DeliverySummary }) {
  return (
    <>
      <div className={styles.two}>
        <Link
          to="/messages/$id"
          params={{ id: delivery.message_id }}
          search={{ delivery: delivery.id }}
          className={`${styles.recipient} ${styles.grow}`}
          tabIndex={-1}
        >
          {delivery.recipient}
        </Link>
        <span className={styles.quiet}>
          <Ago at={delivery.created_at} short />
        </span>
      </div>
      <div className={styles.two}>
        <StateBadge delivery={delivery} />
        <span className={`${styles.quiet} ${styles.grow}`}>{whyOf(delivery) ?? (delivery.subject || t.activity.noSubject)}</span>
      </div>
    </>
  )
}

function whyOf({ waiting_on, reason, state }: DeliverySummary): string | null {
  if (waiting_on) return waiting_on.sentence
  return state === 'sent' || state === 'delivered' ? null : (reason?.sentence ?? null)
}

function hrefOf({ message_id, id }: DeliverySummary): string {
  return `/messages/${message_id}?delivery=${id}`
}

function Nothing({ search }: { search: DeliverySearch }) {
  const navigate = useNavigate()
  const isFiltered = Object.values(search).some((value) => value !== undefined)
  if (!isFiltered) {
    return (
      <EmptyState
        picture={<NoMailYet />}
        title={t.activity.emptyTitle}
        sentence={t.activity.empty}
        act={<ButtonLink href="/developers">{t.activity.emptyAct}</ButtonLink>}
      />
    )
  }
  return (
    <EmptyState
      title={t.activity.nothingTitle}
      sentence={t.activity.nothing}
      act={
        <Button variant="default" onClick={() => void navigate({ to: '/deliveries', search: {} })}>
          {t.activity.clear}
        </Button>
      }
    />
  )
}

import { getRouteApi, useNavigate, useParams } from '@tanstack/react-router'
import { countArrivals, listArrivals } from '../../src/api/endpoints/arrivals.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useEndpoint, usePages } from '../query.ts'
import { ButtonLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import cards from '../ui/cards.module.css'
import { EmptyState } from '../ui/empty-state.tsx'
import { Page } from '../ui/page.tsx'
import { Split } from '../ui/split.tsx'
import { useMedia } from '../ui/use-media.ts'
import { ArrivalDetail } from './arrival-detail.tsx'
import { ArrivalList } from './arrival-list.tsx'
import { type ArrivalSearch, filterOf, inboxOf } from './arrival-search.ts'
import { Counts } from './counts.tsx'
import { ArrivalFilters } from './filters.tsx'
import { useActs } from './use-acts.tsx'

const route = getRouteApi('/shell/arrivals')

/** "Where is my mail?": everything that came in, the list left, one mail right, filters and address in the URL. */
export function ArrivalsPage() {
  const search = route.useSearch()
  const { id } = useParams({ strict: false })
  const navigate = useNavigate()
  const list = usePages(listArrivals, filterOf(search))
  const counts = useEndpoint(countArrivals, { ...(search.inbox && { inbox_id: inboxOf(search.inbox) }) }).data
  const isNarrow = useMedia('(max-width: 900px)')
  const acts = useActs(() => {})
  const isFiltered = Object.values(search).some((value) => value !== undefined)
  const isEmpty = list.items.length === 0 && !list.isPending && !list.error
  const set = (change: Partial<ArrivalSearch>) =>
    void navigate({ to: '/arrivals', search: { ...search, ...change }, replace: true })
  return (
    <Page
      title={t.arrivals.title}
      lead={counts ? `${t.arrivals.lead} ${t.arrivals.lately(counts.total)}.` : t.arrivals.lead}
      shape="filled"
      bare={isNarrow && id !== undefined}
    >
      {isEmpty && !isFiltered && !id ? (
        <EmptyState
          title={t.arrivals.emptyTitle}
          sentence={t.arrivals.empty}
          act={<ButtonLink href="/settings/sources">{t.arrivals.emptyAct}</ButtonLink>}
        />
      ) : (
        <Split
          list={
            <ArrivalList
              page="arrivals"
              list={list}
              chosen={null}
              top={
                <>
                  <ArrivalFilters search={search} set={set} />
                  {counts && <Counts counts={counts.counts} search={search} set={set} />}
                </>
              }
              selected={id}
              open={(arrival) =>
                void navigate({ to: '/arrivals/$id', params: { id: arrival.id }, search, replace: id !== undefined })
              }
              showAll={() => void navigate({ to: '/arrivals', search: {} })}
            />
          }
          detail={
            id ? (
              <ArrivalDetail
                key={id}
                id={id as Id<'inbound_mail'>}
                page="arrivals"
                begin={acts.begin}
                isPending={acts.isPending}
              />
            ) : null
          }
          placeholder={<p className={cards.choose}>{t.arrivals.choose}</p>}
        />
      )}
      {acts.dialog}
    </Page>
  )
}

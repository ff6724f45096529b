import { getRouteApi, useNavigate, useParams } from '@tanstack/react-router'
import { countArrivals, listArrivals } from '../../src/api/endpoints/arrivals.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe } from '../me.ts'
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
import { type ArrivalSearch, asItTravels, filterOf, inboxOf } from './arrival-search.ts'
import { ChosenBar, SelectKey } from './chosen-bar.tsx'
import { Counts } from './counts.tsx'
import { ArrivalFilters } from './filters.tsx'
import { useActs } from './use-acts.tsx'
import { useChosen } from './use-chosen.ts'

const route = getRouteApi('/shell/arrivals')

/** "Where is my mail?": everything that came in, the list left, one mail right, filters and address in the URL. */
export function ArrivalsPage() {
  const search = route.useSearch()
  const { id } = useParams({ strict: false })
  const navigate = useNavigate()
  const filter = filterOf(search)
  const list = usePages(listArrivals, filter)
  const counts = useEndpoint(countArrivals, { ...(search.inbox && { inbox_id: inboxOf(search.inbox) }) }).data
  const isNarrow = useMedia('(max-width: 900px)')
  const mayAct = useMe().permissions.includes('conversations.write')
  const chosen = useChosen(JSON.stringify(search), list.items)
  const acts = useActs(chosen.none)
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
              chosen={mayAct ? chosen : null}
              top={
                chosen.ids.size > 0 ? (
                  <ChosenBar
                    chosen={chosen}
                    list={list}
                    filter={asItTravels(filter)}
                    total={counts?.total ?? 0}
                    acts={acts}
                    mayIgnore={search.outcome === 'quarantined'}
                  />
                ) : (
                  <>
                    <ArrivalFilters search={search} set={set} />
                    {counts && <Counts counts={counts.counts} search={search} set={set} />}
                  </>
                )
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
      {mayAct && <SelectKey chosen={chosen} rows={list.items} />}
      {acts.dialog}
    </Page>
  )
}

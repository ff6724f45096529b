import { Checkbox } from '@mantine/core'
import { getRouteApi, useNavigate, useParams } from '@tanstack/react-router'
import { type Arrival, type ArrivalAct, countQuarantine, listArrivals } from '../../src/api/endpoints/arrivals.ts'
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
import { type QuarantineSearch, quarantineFilterOf } from './arrival-search.ts'
import styles from './arrivals.module.css'
import { ChosenBar, SelectKey } from './chosen-bar.tsx'
import { QuarantineFilters } from './filters.tsx'
import { useActs } from './use-acts.tsx'
import { type Chosen, useChosen } from './use-chosen.ts'

const route = getRouteApi('/shell/quarantine')

/** What is at once out of the quarantine: the next mail is shown in its place. */
const GONE: ReadonlySet<ArrivalAct> = new Set(['ignore', 'ignore_sender'])

/** Mail that was put aside: the list left, one mail right, filters and address in the URL. */
export function QuarantinePage() {
  const search = route.useSearch()
  const { id } = useParams({ strict: false })
  const navigate = useNavigate()
  const filter = quarantineFilterOf(search)
  const list = usePages(listArrivals, filter)
  const total = useEndpoint(countQuarantine, {}).data?.total
  const isNarrow = useMedia('(max-width: 900px)')
  const mayAct = useMe().permissions.includes('conversations.write')
  const chosen = useChosen(JSON.stringify(search), list.items)
  const open = (next: string | null) =>
    void (next === null
      ? navigate({ to: '/quarantine', search })
      : navigate({ to: '/quarantine/$id', params: { id: next }, search, replace: id !== undefined }))
  const acts = useActs((act) => {
    chosen.none()
    if (GONE.has(act) && id !== undefined) open(nextOf(list.items, id, chosen))
  })
  const isFiltered = Object.values(search).some((value) => value !== undefined)
  const isEmpty = list.items.length === 0 && !list.isPending && !list.error
  return (
    <Page
      title={t.quarantine.title}
      lead={t.quarantine.lead}
      shape="filled"
      bare={isNarrow && id !== undefined}
      acts={
        <ButtonLink href="/arrivals" variant="default">
          {t.quarantine.emptyAct}
        </ButtonLink>
      }
    >
      {isEmpty && !isFiltered && !id ? (
        <EmptyState title={t.quarantine.emptyTitle} sentence={t.quarantine.empty} />
      ) : (
        <Split
          list={
            <ArrivalList
              page="quarantine"
              list={list}
              chosen={mayAct ? chosen : null}
              top={
                chosen.ids.size > 0 ? (
                  <ChosenBar chosen={chosen} list={list} filter={filter} total={total ?? 0} acts={acts} mayIgnore />
                ) : (
                  <Top search={search} chosen={mayAct && list.items.length > 0 ? chosen : null} />
                )
              }
              selected={id}
              open={(arrival) => open(arrival.id)}
              showAll={() => void navigate({ to: '/quarantine', search: {} })}
            />
          }
          detail={
            id ? (
              <ArrivalDetail
                key={id}
                id={id as Id<'inbound_mail'>}
                page="quarantine"
                begin={acts.begin}
                isPending={acts.isPending}
              />
            ) : null
          }
          placeholder={<p className={cards.choose}>{t.quarantine.choose}</p>}
        />
      )}
      {mayAct && <SelectKey chosen={chosen} rows={list.items} />}
      {acts.dialog}
    </Page>
  )
}

/** Of those that stay: below, else above, else none. */
function nextOf(rows: readonly Arrival[], id: string, chosen: Chosen): string | null {
  const at = rows.findIndex((row) => row.id === id)
  const stays = (row: Arrival) => row.id !== id && !chosen.ids.has(row.id)
  return (rows.slice(at + 1).find(stays) ?? rows.slice(0, Math.max(0, at)).findLast(stays))?.id ?? null
}

function Top({ search, chosen }: { search: QuarantineSearch; chosen: Chosen | null }) {
  const navigate = useNavigate()
  const set = (change: Partial<QuarantineSearch>) =>
    void navigate({ to: '/quarantine', search: { ...search, ...change }, replace: true })
  return (
    <>
      <QuarantineFilters search={search} set={set} />
      {chosen && (
        <div className={styles.picking}>
          <Checkbox size="xs" label={t.arrivals.selectAll} checked={false} onChange={chosen.shown} />
        </div>
      )}
    </>
  )
}

import { Button } from '@mantine/core'
import { getRouteApi, useNavigate, useParams } from '@tanstack/react-router'
import { RotateCw } from 'lucide-react'
import {
  FeedbackSource,
  FeedbackState,
  type FeedbackSummary,
  listFeedback,
  replayFeedbackBy,
} from '../../src/api/endpoints/feedback.ts'
import type { Id } from '../../src/lib/ids.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, usePages } from '../query.ts'
import { ButtonLink } from '../shell/app-link.tsx'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import cards from '../ui/cards.module.css'
import { DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ChoiceFilter } from '../ui/filters.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Split } from '../ui/split.tsx'
import { Ago } from '../ui/time.tsx'
import { toast } from '../ui/toasts.tsx'
import { useMedia } from '../ui/use-media.ts'
import { FeedbackDetail } from './feedback-detail.tsx'
import styles from './feedback-page.module.css'
import { FeedbackBadge } from './feedback-state.tsx'

const route = getRouteApi('/shell/feedback')

type Search = ReturnType<typeof route.useSearch>

/** What was heard of mail after it was sent: the list left, one piece right, filters and address in the URL. */
export function FeedbackPage() {
  const search = route.useSearch()
  const { id } = useParams({ strict: false })
  const list = usePages(listFeedback, filterOf(search))
  const isNarrow = useMedia('(max-width: 900px)')
  const isFiltered = Object.values(search).some((value) => value !== undefined)
  const isEmpty = list.items.length === 0 && !list.isPending && !list.error
  return (
    <Page
      title={t.feedback.title}
      lead={t.feedback.lead}
      shape="filled"
      bare={isNarrow && id !== undefined}
      acts={!isEmpty && <ReplayAll search={search} />}
    >
      {isEmpty && !isFiltered && !id ? (
        <EmptyState
          title={t.feedback.emptyTitle}
          sentence={t.feedback.empty}
          act={<ButtonLink href="/routes">{t.feedback.emptyAct}</ButtonLink>}
        />
      ) : (
        <Split
          list={<List list={list} search={search} selected={id} />}
          detail={id ? <FeedbackDetail key={id} id={id as Id<'feedback'>} /> : null}
          placeholder={<p className={cards.choose}>{t.feedback.choose}</p>}
        />
      )}
    </Page>
  )
}

function filterOf({ state, source, route_id }: Search) {
  return {
    ...(state && { state }),
    ...(source && { source }),
    ...(route_id && { route_id: route_id as Id<'route'> }),
  }
}

interface ListProps {
  readonly list: ReturnType<typeof usePages<typeof listFeedback>>
  readonly search: Search
  readonly selected: string | undefined
}

function List({ list, search, selected }: ListProps) {
  const navigate = useNavigate()
  return (
    <div className={cards.list}>
      <Filters search={search} />
      {list.error && list.items.length === 0 ? (
        <Failed error={list.error} retry={list.retry} />
      ) : list.isPending ? (
        <Skeleton lines={8} />
      ) : list.items.length === 0 ? (
        <EmptyState
          title={t.feedback.nothingTitle}
          sentence={t.feedback.nothing}
          act={
            <Button variant="default" onClick={() => void navigate({ to: '/feedback', search: {} })}>
              {t.feedback.showAll}
            </Button>
          }
        />
      ) : (
        <DataTable
          label={t.feedback.label}
          rows={list.items}
          keyOf={({ id }) => id}
          columns={[]}
          cards
          card={(feedback) => <Card feedback={feedback} />}
          hrefOf={({ id }) => `/feedback/${id}`}
          onOpen={({ id }) => void navigate({ to: '/feedback/$id', params: { id }, search })}
          selected={selected ?? null}
          hasMore={list.hasMore}
          isFetchingMore={list.isFetchingMore}
          more={list.more}
          dim={list.isPlaceholder}
          restoreId="feedback"
        />
      )}
    </div>
  )
}

function Card({ feedback }: { feedback: FeedbackSummary }) {
  const { source, state, route: by, reason, events, received_at } = feedback
  return (
    <>
      <div className={cards.row}>
        <span className={`${cards.clip} ${cards.strong}`}>{by ? by.name : t.feedback.sources[source]}</span>
        <span className={cards.aside}>
          <Ago at={received_at} short />
        </span>
      </div>
      <div className={cards.row}>
        <FeedbackBadge state={state} plain />
        <span className={`${cards.clip} ${styles.soft}`} title={reason ?? undefined}>
          {reason ?? (events > 0 ? t.feedback.pieces(events) : '')}
        </span>
      </div>
    </>
  )
}

function Filters({ search }: { search: Search }) {
  const navigate = useNavigate()
  const set = (change: Partial<Search>) => void navigate({ to: '/feedback', search: { ...search, ...change }, replace: true })
  return (
    // biome-ignore lint/a11y/useSemanticElements: the search element is not yet known to every screen reader
    <div className={styles.filters} role="search" aria-label={t.feedback.label}>
      <ChoiceFilter
        label={t.feedback.stateLabel}
        any={t.feedback.anyState}
        data={FeedbackState.options.map((value) => ({ value, label: t.feedback.states[value] }))}
        value={search.state}
        set={(state) => set({ state })}
      />
      <ChoiceFilter
        label={t.feedback.sourceLabel}
        any={t.feedback.anySource}
        data={FeedbackSource.options.map((value) => ({ value, label: t.feedback.sources[value] }))}
        value={search.source}
        set={(source) => set({ source })}
      />
    </div>
  )
}

function ReplayAll({ search }: { search: Search }) {
  const me = useMe()
  const ask = useAsk()
  const replay = useAction(replayFeedbackBy, {
    changes: [listFeedback],
    onDone: ({ count }) => (count === 0 ? toast('bad', t.feedback.noneToReplay) : toast('good', t.feedback.replayedAll(count))),
  })
  async function run() {
    const { replayAllTitle, replayAllBody, replay: act } = t.feedback
    if (await ask({ title: replayAllTitle, body: replayAllBody, act })) replay.mutate({ body: filterOf(search) })
  }
  return (
    <ActButton
      variant="default"
      leftSection={<RotateCw size={14} aria-hidden />}
      because={whyNot(me, 'delivery.manage')}
      loading={replay.isPending}
      onClick={() => void run()}
    >
      {t.feedback.replayAll}
    </ActButton>
  )
}

import { ActionIcon, Button, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ArrowUp, PanelLeft, Search, X } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import {
  type ConversationRow,
  countConversations,
  listConversations,
  searchConversations,
} from '../../../src/api/endpoints/conversation-lists.ts'
import { listViews, type SavedView } from '../../../src/api/endpoints/saved-views.ts'
import { parseSearch } from '../../../src/helpdesk/search/search-query.ts'
import { showNews, useLive } from '../../live.ts'
import { useMe } from '../../me.ts'
import { useEndpoint, usePages } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Failed, Skeleton } from '../../ui/loadable.tsx'
import { Split } from '../../ui/split.tsx'
import { useMedia } from '../../ui/use-media.ts'
import { BeginButton } from '../conversation/begin-button.tsx'
import { useUndo } from '../undo.ts'
import { BulkBar } from './bulk-bar.tsx'
import { ConversationList } from './conversation-list.tsx'
import { EmptyList } from './empty-list.tsx'
import { FilterBar, NO_FILTERS } from './filter-bar.tsx'
import { Folders } from './folders.tsx'
import styles from './inbox-frame.module.css'
import { asView, cleaned, type ListSearch, type Place, pathOf, placeOf, questionOf } from './list-search.ts'
import { useBulk, type Wish } from './use-bulk.ts'
import { useSelection } from './use-selection.ts'
import { ViewDialog } from './view-dialog.tsx'

/** Folders, the list, and the conversation that is open beside it: three columns that shrink to one. */
export function InboxFrame() {
  const { folder, number } = useParams({ strict: false }) as { folder?: string; number?: string }
  const search = useSearch({ strict: false }) as ListSearch
  const place = useMemo(() => placeOf(folder ?? search.folder), [folder, search.folder])
  const [areFoldersOpen, setFoldersOpen] = useState(false)
  const [editing, setEditing] = useState<SavedView | 'new' | null>(null)
  const navigate = useNavigate()
  const openNumber = number === undefined ? null : Number(number)
  // Beside an open conversation the folders need a wide window: what is read comes first.
  const isRoomy = useMedia(openNumber === null ? '(min-width: 1101px)' : '(min-width: 1620px)')
  return (
    <div className={styles.frame} data-folders={isRoomy ? 'beside' : areFoldersOpen ? 'above' : 'away'}>
      <div className={styles.folders}>
        <Folders place={place} search={search} onChoose={() => setFoldersOpen(false)} onEditView={setEditing} />
      </div>
      {areFoldersOpen && !isRoomy && (
        <button
          type="button"
          className={styles.scrim}
          aria-label={t.inboxList.hideFolders}
          onClick={() => setFoldersOpen(false)}
        />
      )}
      <div className={styles.rest}>
        <Split
          list={
            <ListPane
              place={place}
              search={search}
              openNumber={openNumber}
              hasFolders={isRoomy}
              onFolders={() => setFoldersOpen(!areFoldersOpen)}
              onSaveView={() => setEditing('new')}
            />
          }
          detail={openNumber === null ? null : <Outlet />}
          placeholder={<EmptyState title={t.inboxList.pick.title} sentence={t.inboxList.pick.sentence} />}
        />
      </div>
      {editing && (
        <ViewDialog
          shown={asView(place, search)}
          view={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
          onSaved={({ id }) => {
            setEditing(null)
            void navigate({ to: '/inbox/$folder', params: { folder: `view-${id}` }, search: {} })
          }}
        />
      )}
    </div>
  )
}

interface ListProps {
  readonly place: Place
  readonly search: ListSearch
  readonly openNumber: number | null
  /** The folders stand beside the list already. */
  readonly hasFolders: boolean
  readonly onFolders: () => void
  readonly onSaveView: () => void
}

function ListPane({ place, search, openNumber, hasFolders, onFolders, onSaveView }: ListProps) {
  const navigate = useNavigate()
  const set = (change: ListSearch) =>
    void navigate({
      to: '/inbox/$folder',
      params: { folder: pathOf(place) },
      search: cleaned({ ...search, folder: undefined, ...change }),
      replace: true,
    })
  const name = useNameOf(place, search)
  return (
    <section className={styles.pane} aria-label={name}>
      <header className={styles.head}>
        {!hasFolders && (
          <ActionIcon variant="subtle" color="gray" aria-label={t.inboxList.choose} onClick={onFolders}>
            <PanelLeft size={17} aria-hidden />
          </ActionIcon>
        )}
        <h1 className={styles.title}>{name}</h1>
        <BeginButton />
        {place.kind !== 'search' && <FilterBar search={search} set={set} onSaveView={onSaveView} />}
      </header>
      <SearchField key={search.q ?? ''} query={search.q ?? ''} />
      {place.kind === 'search' ? (
        <Found search={search} openNumber={openNumber} />
      ) : (
        <Listed place={place} search={search} openNumber={openNumber} onClear={() => set(NO_FILTERS)} />
      )}
    </section>
  )
}

/** The tab is called as the list is, until a conversation names it. */
function useNameOf(place: Place, { q, inbox }: ListSearch): string {
  const counts = useEndpoint(countConversations, {}).data
  const views = useEndpoint(listViews, {}).data
  const name = nameOf()
  useEffect(() => {
    document.title = `${name} · Waybill`
  }, [name])
  return name

  function nameOf(): string {
    const inInbox = counts?.inboxes.find(({ id }) => id === inbox)?.name
    switch (place.kind) {
      case 'search':
        return q ? t.inboxList.found(q) : t.inboxList.search
      case 'team':
        return counts?.teams.find(({ id }) => id === place.id)?.name ?? t.inboxList.teams
      case 'view':
        return views?.items.find(({ id }) => id === place.id)?.name ?? t.inboxList.views
      case 'folder':
        return inInbox ? `${t.inboxList.folder[place.folder]} · ${inInbox}` : t.inboxList.folder[place.folder]
    }
  }
}

function SearchField({ query }: { query: string }) {
  const navigate = useNavigate()
  const [text, setText] = useState(query)
  const go = (q: string) =>
    void navigate(
      q.trim()
        ? { to: '/inbox/$folder', params: { folder: 'search' }, search: { q: q.trim() } }
        : { to: '/inbox/$folder', params: { folder: 'open' }, search: {} },
    )
  return (
    // biome-ignore lint/a11y/useSemanticElements: the search element is not yet known to every screen reader
    <form
      role="search"
      className={styles.search}
      onSubmit={(event) => {
        event.preventDefault()
        go(text)
      }}
    >
      <TextInput
        size="xs"
        type="search"
        aria-label={t.inboxList.placeholder}
        placeholder={t.inboxList.placeholder}
        leftSection={<Search size={13} aria-hidden />}
        rightSection={
          text !== '' && (
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t.inboxList.clear} onClick={() => go('')}>
              <X size={13} aria-hidden />
            </ActionIcon>
          )
        }
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </form>
  )
}

const PAGE = 100

function Listed({
  place,
  search,
  openNumber,
  onClear,
}: {
  place: Place
  search: ListSearch
  openNumber: number | null
  onClear: () => void
}) {
  const question = useMemo(() => questionOf(place, search), [place, search])
  const list = usePages(listConversations, question as Parameters<typeof usePages<typeof listConversations>>[1], PAGE)
  const client = useQueryClient()
  const { news } = useLive()
  if (list.error && list.items.length === 0) return <Failed error={list.error} retry={list.retry} />
  if (list.isPending) return <Skeleton lines={12} />
  if (list.items.length === 0 && !list.isPlaceholder) return <EmptyList place={place} search={search} onClear={onClear} />
  return (
    <>
      {news.has(listConversations.path) && (
        <Button
          size="compact-xs"
          variant="light"
          className={styles.news ?? ''}
          leftSection={<ArrowUp size={13} aria-hidden />}
          onClick={() => showNews(client, listConversations.path)}
        >
          {t.inboxList.news}
        </Button>
      )}
      <Rows place={place} search={search} of={JSON.stringify(question)} list={list} openNumber={openNumber} />
    </>
  )
}

function Found({ search, openNumber }: { search: ListSearch; openNumber: number | null }) {
  const { q } = search
  return q ? (
    <FoundFor q={q} search={search} openNumber={openNumber} />
  ) : (
    <EmptyList place={SEARCH} search={search} onClear={() => {}} />
  )
}
const SEARCH: Place = { kind: 'search' }

function FoundFor({ q, search, openNumber }: { q: string; search: ListSearch; openNumber: number | null }) {
  const list = usePages(searchConversations, { q }, 50)
  const { strange } = parseSearch(q)
  if (list.error && list.items.length === 0) return <Failed error={list.error} retry={list.retry} />
  if (list.isPending) return <Skeleton lines={12} />
  if (list.items.length === 0 && !list.isPlaceholder && !list.hasMore)
    return <EmptyList place={SEARCH} search={search} onClear={() => {}} />
  return (
    <>
      {strange.length > 0 && <p className={styles.strange}>{t.inboxList.strange(strange.join(', '))}</p>}
      {list.items.length === 0 && list.hasMore && (
        <Button size="compact-sm" variant="light" loading={list.isFetchingMore} className={styles.news ?? ''} onClick={list.more}>
          {t.inboxList.furtherBack}
        </Button>
      )}
      <Rows place={SEARCH} search={search} of={q} list={list} openNumber={openNumber} />
    </>
  )
}

interface RowsProps {
  readonly place: Place
  readonly search: ListSearch
  /** The question, as text. */
  readonly of: string
  readonly list: Pick<
    ReturnType<typeof usePages<typeof listConversations>>,
    'hasMore' | 'more' | 'isPlaceholder' | 'isFetchingMore'
  > & {
    readonly items: readonly ConversationRow[]
  }
  readonly openNumber: number | null
}

function Rows({ place, search, of, list, openNumber }: RowsProps) {
  const navigate = useNavigate()
  const me = useMe()
  const bulk = useBulk()
  const { undoLast } = useUndo()
  const { items: rows, hasMore } = list
  const selection = useSelection(of, rows)
  const mayWrite = me.permissions.includes('conversations.write')
  const folder = pathOf(place)
  const beside = cleaned({ ...search, folder })
  async function act(wish: Wish, given = selection.rows) {
    if (!mayWrite) return
    if (await bulk(given, wish)) selection.none()
  }
  function onAct(name: 'close' | 'star' | 'assignMe' | 'unread' | 'remove', row: ConversationRow | undefined) {
    const given = selection.rows.length > 0 ? selection.rows : row ? [row] : []
    const allStarred = given.every(({ starred }) => starred)
    const allUnread = given.every(({ unread }) => unread)
    const wishes: Record<typeof name, Wish> = {
      close: { set: { status: 'closed' } },
      star: { act: allStarred ? 'unstar' : 'star' },
      assignMe: { set: { assignee_id: me.user?.id ?? null } },
      unread: { act: allUnread ? 'read' : 'unread' },
      remove: { act: 'delete' },
    }
    void act(wishes[name], given)
  }
  return (
    <>
      {selection.rows.length > 0 && mayWrite && <BulkBar selection={selection} place={place} act={(wish) => void act(wish)} />}
      <ConversationList
        rows={rows}
        hasMore={hasMore}
        more={list.more}
        dim={list.isPlaceholder}
        openNumber={openNumber}
        open={(row) => void navigate({ to: '/conversations/$number', params: { number: String(row.number) }, search: beside })}
        hrefOf={({ number }) => `/conversations/${number}`}
        selection={selection}
        showsStatus={
          place.kind !== 'folder' ||
          place.folder === 'all' ||
          place.folder === 'starred' ||
          place.folder === 'drafts' ||
          place.folder === 'followed'
        }
        mayAct={mayWrite}
        onUndo={undoLast}
        onAct={onAct}
      />
      <div className={styles.foot} role="status">
        {hasMore ? t.inboxList.someOf(rows.length) : t.inboxList.allOf(rows.length)}
      </div>
    </>
  )
}

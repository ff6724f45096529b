import { TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { getRouteApi, useNavigate, useRouter } from '@tanstack/react-router'
import { Plus, Search } from 'lucide-react'
import { useState } from 'react'
import type { ContactAct } from '../../src/api/endpoints/contact-acts.ts'
import { type Contact, listContacts } from '../../src/api/endpoints/contacts.ts'
import { useMe, whyNot } from '../me.ts'
import { usePages } from '../query.ts'
import { RepairBanner } from '../repair/repair-banner.tsx'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { ActProgress } from './acts/act-progress.tsx'
import { ChoiceBar } from './acts/choice-bar.tsx'
import { type ContactChoice, useChoice } from './acts/use-choice.ts'
import { ChooseColumns, useColumns } from './contact-columns.tsx'
import { ContactFilters } from './contact-filters.tsx'
import { asked, type ContactSearch } from './contact-search.ts'
import styles from './contacts.module.css'
import { EditContact } from './edit-contact.tsx'
import { useContactExport } from './export-menu.tsx'
import { nameOf } from './name-of.ts'

const route = getRouteApi('/shell/contacts')
const TYPING_MS = 200
const FOUND = 50

export function ContactListPage() {
  const wanted = route.useSearch()
  const { search = '' } = wanted
  const navigate = useNavigate()
  const [text, setText] = useState(search)
  const [adding, setAdding] = useState(false)
  const because = whyNot(useMe(), 'contacts.manage')
  const columns = useColumns()
  const { history } = useRouter()
  // What was typed is asked for a moment later: whoever has gone on to somebody meanwhile is not fetched back.
  const isHere = () => history.location.pathname === '/contacts'
  const narrow = (next: ContactSearch) => isHere() && void navigate({ to: '/contacts', search: said(next), replace: true })
  const find = useDebouncedCallback((said: string) => narrow(said === '' ? {} : { search: said }), TYPING_MS)
  const pages = usePages(listContacts, asked(wanted))
  const isNarrowed = Object.keys(asked({ ...wanted, sort: undefined })).length > 0
  const { sort: _, ...filter } = asked(wanted) as ReturnType<typeof asked> & { sort?: string }
  const ids = pages.items.map(({ id }) => id)
  const mayAct = whyNot(useMe(), 'audience.manage') === null
  const choice = useChoice(JSON.stringify(asked(wanted)), pages.items)
  const [begun, setBegun] = useState<ContactAct['id'] | null>(null)
  const file = useContactExport(search === '' ? { kind: 'filter', ...filter } : { kind: 'contacts', ids })
  const acts = (
    <>
      {pages.items.length > 0 && file.menu}
      <ChooseColumns known={columns.known} chosen={columns.chosen} choose={columns.choose} />
      <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={() => setAdding(true)}>
        {t.contacts.add}
      </ActButton>
    </>
  )
  return (
    <Page title={t.contacts.title} lead={t.contacts.lead} shape="filled" acts={acts}>
      <div className={styles.bars}>
        <TextInput
          type="search"
          className={styles.find ?? ''}
          aria-label={t.contacts.search}
          placeholder={t.contacts.search}
          leftSection={<Search size={15} aria-hidden />}
          value={text}
          onChange={({ currentTarget: { value } }) => {
            setText(value)
            find(value.trim())
          }}
        />
        <ContactFilters
          search={wanted}
          onChange={(next) => {
            setText('')
            narrow(next)
          }}
        />
      </div>
      <div className={styles.notes}>
        <RepairBanner />
        {file.progress}
        {begun && <ActProgress key={begun} id={begun} />}
        {choice.size > 0 && (
          <ChoiceBar
            choice={choice}
            filter={'search' in filter ? null : filter}
            hasMore={pages.hasMore}
            onBegun={(id) => {
              setBegun(id)
              choice.none()
            }}
          />
        )}
        {search !== '' && pages.items.length >= FOUND && <Note tone="calm">{t.contacts.tooMany}</Note>}
      </div>
      <List pages={pages} isNarrowed={isNarrowed} columns={columns.shown} choice={mayAct ? choice : null} />
      {adding && <EditContact contact={null} onClose={() => setAdding(false)} />}
    </Page>
  )
}

/** Without what is not said, so that the address stays short. */
function said(search: ContactSearch): ContactSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as ContactSearch
}

interface ListProps {
  readonly pages: ReturnType<typeof usePages<typeof listContacts>>
  readonly isNarrowed: boolean
  readonly columns: readonly Column<Contact>[]
  readonly choice: ContactChoice | null
}

function List({ pages, isNarrowed, columns, choice }: ListProps) {
  const navigate = useNavigate()
  if (pages.error && pages.items.length === 0) return <Failed error={pages.error} retry={pages.retry} />
  if (pages.isPending) return <Skeleton lines={12} />
  if (pages.items.length === 0)
    return isNarrowed ? (
      <EmptyState title={t.contacts.nobodyTitle} sentence={t.contacts.nobody} />
    ) : (
      <EmptyState title={t.contacts.emptyTitle} sentence={t.contacts.empty} />
    )
  return (
    <DataTable
      label={t.contacts.title}
      rows={pages.items}
      keyOf={({ id }) => id}
      hrefOf={({ id }) => `/contacts/${id}`}
      onOpen={({ id }) => void navigate({ to: '/contacts/$id', params: { id } })}
      columns={columns}
      choice={choice ?? undefined}
      card={(contact) => (
        <span className={styles.card}>
          <span className={`${styles.name} ${styles.clip}`}>{nameOf(contact)}</span>
          <span className={`${styles.quiet} ${styles.clip}`}>
            {[contact.company, contact.addresses[0]].filter(Boolean).join(' · ')}
          </span>
        </span>
      )}
      hasMore={pages.hasMore}
      isFetchingMore={pages.isFetchingMore}
      more={pages.more}
      dim={pages.isPlaceholder}
      restoreId="contacts"
    />
  )
}

import { TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Plus, Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { type Contact, listContacts } from '../../src/api/endpoints/contacts.ts'
import { useMe, whyNot } from '../me.ts'
import { usePages } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Failed, Skeleton } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { Ago } from '../ui/time.tsx'
import styles from './contacts.module.css'
import { EditContact } from './edit-contact.tsx'
import { nameOf } from './name-of.ts'

const route = getRouteApi('/shell/contacts')
const TYPING_MS = 200
const FOUND = 50

export function ContactListPage() {
  const { search = '' } = route.useSearch()
  const navigate = useNavigate()
  const [text, setText] = useState(search)
  const [settled] = useDebouncedValue(text.trim(), TYPING_MS)
  const [adding, setAdding] = useState(false)
  const because = whyNot(useMe(), 'contacts.manage')
  useEffect(() => {
    if (settled !== search) void navigate({ to: '/contacts', search: settled === '' ? {} : { search: settled }, replace: true })
  }, [settled, search, navigate])
  const pages = usePages(listContacts, search === '' ? {} : { search })
  const add = (
    <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={() => setAdding(true)}>
      {t.contacts.add}
    </ActButton>
  )
  return (
    <Page title={t.contacts.title} lead={t.contacts.lead} shape="filled" acts={add}>
      <div className={styles.bar}>
        <TextInput
          type="search"
          aria-label={t.contacts.search}
          placeholder={t.contacts.search}
          leftSection={<Search size={15} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </div>
      {search !== '' && pages.items.length >= FOUND && <Note tone="calm">{t.contacts.tooMany}</Note>}
      <List pages={pages} isSearch={search !== ''} />
      {adding && <EditContact contact={null} onClose={() => setAdding(false)} />}
    </Page>
  )
}

function List({ pages, isSearch }: { pages: ReturnType<typeof usePages<typeof listContacts>>; isSearch: boolean }) {
  const navigate = useNavigate()
  if (pages.error && pages.items.length === 0) return <Failed error={pages.error} retry={pages.retry} />
  if (pages.isPending) return <Skeleton lines={12} />
  if (pages.items.length === 0)
    return isSearch ? (
      <EmptyState title={t.contacts.nobodyTitle} sentence={t.contacts.nobody} />
    ) : (
      <EmptyState title={t.contacts.emptyTitle} sentence={t.contacts.empty} />
    )
  const names = t.contacts.columns
  return (
    <DataTable
      label={t.contacts.title}
      rows={pages.items}
      keyOf={({ id }) => id}
      hrefOf={({ id }) => `/contacts/${id}`}
      onOpen={({ id }) => void navigate({ to: '/contacts/$id', params: { id } })}
      columns={[
        { key: 'name', header: names.name, width: 'minmax(160px, 1fr)', cell: (contact) => <b>{nameOf(contact)}</b> },
        {
          key: 'address',
          header: names.address,
          width: 'minmax(180px, 1.2fr)',
          cell: (contact) => <Addresses contact={contact} />,
        },
        { key: 'company', header: names.company, width: 'minmax(120px, 0.8fr)', cell: ({ company }) => company, wideOnly: true },
        { key: 'since', header: names.since, width: '130px', cell: ({ created_at }) => <Ago at={created_at} /> },
      ]}
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

function Addresses({ contact: { addresses } }: { contact: Contact }) {
  const [first, ...others] = addresses
  if (first === undefined) return <span className={styles.quiet}>{t.contacts.noAddress}</span>
  return (
    <>
      {first} {others.length > 0 && <span className={styles.quiet}>{t.contacts.more(others.length)}</span>}
    </>
  )
}

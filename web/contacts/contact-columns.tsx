import { Button, Checkbox, Popover } from '@mantine/core'
import { Columns3 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Contact } from '../../src/api/endpoints/contacts.ts'
import { type ContactField, listContactFields } from '../../src/api/endpoints/lists.ts'
import { useMe } from '../me.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import type { Column } from '../ui/data-table.tsx'
import { Ago } from '../ui/time.tsx'
import styles from './contacts.module.css'
import { nameOf } from './name-of.ts'

const DEFAULT = ['name', 'address', 'company', 'since']

/** Which columns somebody wants, kept in their browser for each person who signs in there. */
export function useColumns() {
  const me = useMe()
  const key = `waybill.contact-columns.${me.user?.id ?? ''}`
  const [chosen, setChosen] = useState<readonly string[]>(() => read(key))
  const fields = useEndpoint(listContactFields, {}).data?.items ?? []
  const known = columnsOf(fields)
  function choose(next: readonly string[]) {
    setChosen(next)
    try {
      localStorage.setItem(key, JSON.stringify(next))
    } catch {
      // A browser that keeps nothing still obeys until the page is closed.
    }
  }
  const shown = known.filter((column) => column.key === 'name' || chosen.includes(column.key))
  return { known, shown, chosen, choose }
}

function read(key: string): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    return Array.isArray(stored) && stored.every((one) => typeof one === 'string') ? stored : DEFAULT
  } catch {
    return DEFAULT
  }
}

const TEXTS = ['company', 'first_name', 'last_name', 'job_title', 'language', 'time_zone', 'external_id'] as const

function columnsOf(fields: readonly ContactField[]): Column<Contact>[] {
  const names = t.contacts.allColumns
  const plain = (key: string, header: string, cell: (contact: Contact) => ReactNode) => ({
    ...{ key, header, cell },
    width: 'minmax(110px, 0.8fr)',
  })
  return [
    { key: 'name', header: names.name, width: 'minmax(160px, 1fr)', cell: (contact) => <b>{nameOf(contact)}</b> },
    {
      key: 'address',
      header: names.address,
      width: 'minmax(180px, 1.2fr)',
      cell: (contact) => <Addresses contact={contact} />,
    },
    ...TEXTS.map((key) => plain(key, names[key], (contact) => contact[key] ?? '')),
    plain('tags', names.tags, ({ tags }) => tags.join(', ')),
    ...fields.map(({ key, label }) => plain(`data.${key}`, label, ({ data }) => shownValue(data[key]))),
    { key: 'since', header: names.since, width: '130px', cell: ({ created_at }) => <Ago at={created_at} /> },
    { key: 'changed', header: names.changed, width: '130px', cell: ({ updated_at }) => <Ago at={updated_at} /> },
  ]
}

function shownValue(value: Contact['data'][string] | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'boolean') return value ? t.segments.yes : t.segments.no
  return Array.isArray(value) ? value.join(', ') : String(value)
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

export function ChooseColumns({ known, chosen, choose }: Pick<ReturnType<typeof useColumns>, 'known' | 'chosen' | 'choose'>) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" trapFocus withinPortal>
      <Popover.Target>
        <Button variant="default" leftSection={<Columns3 size={15} aria-hidden />} onClick={() => setOpen(!isOpen)}>
          {t.contacts.chooseColumns}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t.contacts.chooseColumns}>
        <div className={styles.choices}>
          {known
            .filter(({ key }) => key !== 'name')
            .map(({ key, header }) => (
              <Checkbox
                key={key}
                label={header}
                checked={chosen.includes(key)}
                onChange={(event) => choose(event.currentTarget.checked ? [...chosen, key] : chosen.filter((one) => one !== key))}
              />
            ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

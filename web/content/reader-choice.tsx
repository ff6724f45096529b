import { Select } from '@mantine/core'
import { useState } from 'react'
import { listContacts } from '../../src/api/endpoints/contacts.ts'
import type { ContactId } from '../../src/lib/ids.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { useLate } from './use-late.ts'

const NOBODY = 'sample'

/** Whose values a text is written with. */
export function ReaderChoice({
  value,
  onChange,
  label,
}: {
  value: ContactId | null
  onChange: (id: ContactId | null) => void
  label: string
}) {
  const [search, setSearch] = useState('')
  const [name, setName] = useState('')
  const late = useLate(search.trim(), 250)
  const isOwn = late !== '' && late !== name && late !== t.content.preview.sample
  const found = useEndpoint(listContacts, { ...(isOwn && { search: late.slice(0, 200) }), limit: 20 }, { keep: true })
  const people = (found.data?.items ?? []).map((contact) => ({
    value: contact.id as string,
    label: contact.name || contact.addresses[0] || contact.id,
  }))
  const chosen =
    value !== null && !people.some((person) => person.value === value) ? [{ value: value as string, label: name }] : []
  return (
    <Select
      size="xs"
      aria-label={label}
      searchable
      data={[{ value: NOBODY, label: t.content.preview.sample }, ...chosen, ...people]}
      value={value ?? NOBODY}
      allowDeselect={false}
      filter={({ options }) => options}
      searchValue={search}
      onSearchChange={setSearch}
      placeholder={t.content.preview.search}
      comboboxProps={{ withinPortal: true }}
      maxDropdownHeight={280}
      onChange={(next, option) => {
        setName(option?.label ?? '')
        onChange(next === null || next === NOBODY ? null : (next as ContactId))
      }}
    />
  )
}

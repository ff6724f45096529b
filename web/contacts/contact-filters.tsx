import { Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'
import { listTagsOfContacts } from '../../src/api/endpoints/contacts.ts'
import { listContactFields, listLists } from '../../src/api/endpoints/lists.ts'
import { listSegments } from '../../src/api/endpoints/segments.ts'
import { SORTS } from '../../src/contacts/filter/sorts.ts'
import { TEXT_FIELDS } from '../../src/contacts/segments/segment.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ChoiceFilter } from '../ui/filters.tsx'
import type { ContactSearch } from './contact-search.ts'
import styles from './contacts.module.css'

interface Props {
  readonly search: ContactSearch
  readonly onChange: (search: ContactSearch) => void
}

const TYPING_MS = 300

/** All that are said hold together. A search by name stands alone, so it takes the place of them. */
export function ContactFilters({ search, onChange }: Props) {
  const lists = useEndpoint(listLists, {}).data?.items ?? []
  const segments = useEndpoint(listSegments, {}).data?.items ?? []
  const tags = useEndpoint(listTagsOfContacts, {}).data?.items ?? []
  const fields = useEndpoint(listContactFields, {}).data?.items ?? []
  const set = (part: Partial<ContactSearch>) => onChange({ ...search, search: undefined, ...part })
  const say = useDebouncedCallback((value: string) => set({ value: value || undefined }), TYPING_MS)
  const named = (items: readonly { readonly id: string; readonly name: string }[]) =>
    items.map(({ id, name }) => ({ value: id, label: name }))
  return (
    <div className={styles.filters}>
      <ChoiceFilter
        size="sm"
        searchable
        label={t.contacts.onList}
        any={t.contacts.anyList}
        data={named(lists)}
        value={search.list}
        set={(list) => set({ list })}
      />
      <ChoiceFilter
        size="sm"
        searchable
        label={t.contacts.inSegment}
        any={t.contacts.anySegment}
        data={named(segments)}
        value={search.segment}
        set={(segment) => set({ segment })}
      />
      <ChoiceFilter
        size="sm"
        searchable
        label={t.contacts.withTag}
        any={t.contacts.anyTag}
        data={tags.map(({ tag }) => ({ value: tag, label: tag }))}
        value={search.tag}
        set={(tag) => set({ tag })}
      />
      <ChoiceFilter
        size="sm"
        searchable
        label={t.contacts.withField}
        any={t.contacts.anyField}
        data={[
          ...TEXT_FIELDS.map((field) => ({ value: field as string, label: t.segments.fields[field] })),
          ...fields.map(({ key, label }) => ({ value: key, label })),
        ]}
        value={search.field}
        set={(field) => set({ field, value: undefined })}
      />
      {search.field && <Value key={search.field} initial={search.value ?? ''} onSay={say} />}
      <Select
        aria-label={t.contacts.sort}
        data={SORTS.map((sort) => ({ value: sort, label: t.contacts.sorts[sort] }))}
        value={search.sort ?? 'newest'}
        allowDeselect={false}
        w={150}
        onChange={(sort) => set({ sort: sort === 'newest' ? undefined : (sort as ContactSearch['sort']) })}
      />
    </div>
  )
}

function Value({ initial, onSay }: { readonly initial: string; readonly onSay: (value: string) => void }) {
  const [text, setText] = useState(initial)
  return (
    <TextInput
      aria-label={t.contacts.fieldHolds}
      placeholder={t.contacts.fieldHolds}
      value={text}
      maxLength={200}
      w={150}
      onChange={({ currentTarget: { value } }) => {
        setText(value)
        onSay(value)
      }}
    />
  )
}

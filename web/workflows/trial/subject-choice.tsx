import { Select } from '@mantine/core'
import { useState } from 'react'
import { listContacts } from '../../../src/api/endpoints/contacts.ts'
import { listConversations, searchConversations } from '../../../src/api/endpoints/conversation-lists.ts'
import { useLate } from '../../content/use-late.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import type { Chosen } from './use-trial.ts'

interface Props {
  readonly value: Chosen | null
  readonly onChange: (chosen: Chosen | null) => void
}

const SHOWN = 20
const REST_MS = 250

/** A conversation that is there: the newest, or what is found by words or a number. */
export function ConversationChoice({ value, onChange }: Props) {
  const [typed, type] = useState(value?.label ?? '')
  const q = useLate(wordsOf(typed, value), REST_MS)
  const newest = useEndpoint(listConversations, { limit: SHOWN }, { enabled: q === '' })
  const found = useEndpoint(searchConversations, { q: q.slice(0, 200), limit: SHOWN }, { enabled: q !== '', keep: true })
  const items = ((q === '' ? newest : found).data?.items ?? []).map(({ id, number, subject, customer }) => ({
    value: id as string,
    label: `#${number} ${subject} (${customer.name || customer.address})`,
  }))
  return <Choice label={t.trial.conversation} hint={t.trial.conversationHint} {...{ value, onChange, typed, type, items }} />
}

export function ContactChoice({ value, onChange }: Props) {
  const [typed, type] = useState(value?.label ?? '')
  const search = useLate(wordsOf(typed, value), REST_MS)
  const found = useEndpoint(
    listContacts,
    { ...(search !== '' && { search: search.slice(0, 200) }), limit: SHOWN },
    { keep: true },
  )
  const items = (found.data?.items ?? []).map(({ id, name, addresses }) => ({
    value: id as string,
    label: name && addresses[0] ? `${name} (${addresses[0]})` : name || addresses[0] || id,
  }))
  return <Choice label={t.trial.contact} hint={t.trial.conversationHint} {...{ value, onChange, typed, type, items }} />
}

/** What is chosen stands in the field, and is nothing to look for. */
function wordsOf(typed: string, value: Chosen | null): string {
  return typed === value?.label ? '' : typed.trim()
}

interface ChoiceProps extends Props {
  readonly label: string
  readonly hint: string
  readonly typed: string
  readonly type: (text: string) => void
  readonly items: readonly { readonly value: string; readonly label: string }[]
}

function Choice({ label, hint, value, onChange, typed, type, items }: ChoiceProps) {
  const isThere = value === null || items.some((one) => one.value === value.id)
  return (
    <Select
      label={label}
      description={hint}
      placeholder={t.trial.search}
      searchable
      clearable
      data={isThere ? [...items] : [{ value: value.id, label: value.label }, ...items]}
      value={value?.id ?? null}
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={type}
      nothingFoundMessage={t.trial.nothingFound}
      maxDropdownHeight={280}
      onChange={(id, option) => onChange(id === null ? null : { id, label: option?.label ?? id })}
    />
  )
}

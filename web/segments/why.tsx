import { TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Check, X } from 'lucide-react'
import { useState } from 'react'
import { listContacts } from '../../src/api/endpoints/contacts.ts'
import { whyInTree } from '../../src/api/endpoints/segments.ts'
import type { Tree } from '../../src/contacts/segments/segment.ts'
import type { Id } from '../../src/lib/ids.ts'
import { call, type Problem } from '../api.ts'
import { nameOf } from '../contacts/name-of.ts'
import { keyOf, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Note } from '../ui/note.tsx'
import styles from './segments.module.css'

const TYPING_MS = 250
const SHOWN = 6

export interface Asked {
  readonly id: string
  readonly name: string
}

interface Props {
  readonly tree: Tree | null
  readonly about: Asked | null
  readonly onAsk: (about: Asked | null) => void
}

/** Of one person: which conditions hold, and what was seen where they looked. */
export function Why({ tree, about, onAsk }: Props) {
  if (!about) return <FindPerson onFound={onAsk} />
  return (
    <div className={styles.stack}>
      {tree ? <Answer tree={tree} about={about} /> : <p className={styles.quiet}>{t.segments.unfinished}</p>}
      <span>
        <ActButton size="compact-sm" variant="default" onClick={() => onAsk(null)}>
          {t.segments.other}
        </ActButton>
      </span>
    </div>
  )
}

function Answer({ tree, about: { id, name } }: { readonly tree: Tree; readonly about: Asked }) {
  const { data, error } = useQuery({
    queryKey: [...keyOf(whyInTree, tree), id],
    queryFn: ({ signal }) => call(whyInTree, { body: { tree, contact_id: id as Id<'contact'> } }, signal),
    placeholderData: keepPreviousData,
    retry: false,
  })
  if (error) return <Note tone="bad">{(error as Problem).message}</Note>
  if (!data) return <p className={styles.quiet}>{t.segments.counting}</p>
  return (
    <div className={styles.stack} role="status">
      <Note tone={data.is_in ? 'good' : 'calm'}>{data.is_in ? t.segments.isIn(name) : t.segments.isOut(name)}</Note>
      <ul className={styles.whys}>
        {data.conditions.map(({ sentence, holds, seen }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no other name than their place in the tree
          <li key={i} data-holds={holds}>
            {holds ? <Check size={15} aria-hidden /> : <X size={15} aria-hidden />}
            <span>
              {sentence} <span className="visually-hidden">{holds ? t.segments.holds : t.segments.holdsNot}</span>
              <span className={styles.seen}>{t.segments.seen(seen)}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function FindPerson({ onFound }: { readonly onFound: (about: Asked) => void }) {
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), TYPING_MS)
  const found = useEndpoint(listContacts, { search }, { enabled: search !== '', keep: true })
  const people = search === '' ? [] : (found.data?.items ?? []).slice(0, SHOWN)
  return (
    <div className={styles.stack}>
      <TextInput
        type="search"
        aria-label={t.segments.whySearch}
        placeholder={t.contacts.search}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ul className={styles.people}>
        {people.map((contact) => (
          <li key={contact.id}>
            <button type="button" className={styles.choose} onClick={() => onFound({ id: contact.id, name: nameOf(contact) })}>
              <span>{nameOf(contact)}</span>
              <span className={styles.quiet}>{contact.addresses[0]}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

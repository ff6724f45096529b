import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { type Contact, getContact, listContacts, mergeContact } from '../../src/api/endpoints/contacts.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Note } from '../ui/note.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './contacts.module.css'
import { nameOf } from './name-of.ts'

const TYPING_MS = 200
const SHOWN = 8

/** Finds the other one and takes over what is theirs. */
export function MergeDialog({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), TYPING_MS)
  const found = useEndpoint(listContacts, { search }, { enabled: search !== '', keep: true })
  const [chosen, setChosen] = useState<Contact | null>(null)
  const merge = useAction(mergeContact, {
    quiet: true,
    changes: [listContacts, getContact],
    onDone: () => {
      toast('good', t.contacts.merged(chosen ? nameOf(chosen) : ''))
      onClose()
    },
  })
  const others = search === '' ? [] : (found.data?.items ?? []).filter(({ id }) => id !== contact.id).slice(0, SHOWN)
  function join(other: Contact) {
    setChosen(other)
    merge.mutate({ params: { id: other.id }, body: { into: contact.id } })
  }
  const problem = errorsFor(merge.error, []).rest
  return (
    <Dialog title={t.contacts.mergeTitle(nameOf(contact))} onClose={onClose}>
      <div className={styles.person}>
        <p>{t.contacts.mergeLead}</p>
        {problem && (
          <Note tone="bad" alert>
            {problem}
          </Note>
        )}
        <TextInput
          type="search"
          label={t.contacts.mergeSearch}
          placeholder={t.contacts.search}
          value={text}
          data-autofocus
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <ul className={styles.found}>
          {others.map((other) => (
            <li key={other.id}>
              <span className={styles.card}>
                <span className={styles.name}>{nameOf(other)}</span>
                <span className={`${styles.small} ${styles.wrap}`}>{other.addresses.join(', ')}</span>
              </span>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={t.contacts.mergeOf(nameOf(other))}
                loading={merge.isPending && chosen?.id === other.id}
                onClick={() => join(other)}
              >
                {t.contacts.mergeAct}
              </Button>
            </li>
          ))}
        </ul>
        {search !== '' && found.data && others.length === 0 && <p className={styles.quiet}>{t.contacts.nobodyTitle}</p>}
      </div>
    </Dialog>
  )
}

import { TagsInput } from '@mantine/core'
import { useState } from 'react'
import { listContacts } from '../../../src/api/endpoints/contacts.ts'
import { useEndpoint } from '../../query.ts'
import styles from './composer.module.css'

interface Props {
  readonly label: string
  readonly value: readonly string[]
  readonly known: readonly string[]
  readonly error?: string | undefined
  readonly autoFocus?: boolean
  /** Its name above it, as a form has its fields; else within, where room is short. */
  readonly isField?: boolean
  readonly onChange: (value: string[]) => void
}

/** Addresses as chips; whom we know is offered while one types. */
export function Recipients({ label, value, known, error, autoFocus = false, isField = false, onChange }: Props) {
  const [search, setSearch] = useState('')
  const found = useEndpoint(
    listContacts,
    { search: search.trim() || undefined },
    { enabled: search.trim().length >= 2, keep: true },
  )
  const contacts =
    search.trim().length < 2
      ? []
      : (found.data?.items ?? []).flatMap(({ name, addresses }) => addresses.map((address) => mailbox(name, address)))
  return (
    <div className={styles.recipients}>
      <TagsInput
        {...(isField
          ? { label }
          : {
              'aria-label': label,
              leftSection: <span className={styles.label}>{label}</span>,
              leftSectionWidth: 24 + label.length * 8,
            })}
        value={[...value]}
        data={[...new Set([...known, ...contacts])].filter((each) => !value.includes(each))}
        maxDropdownHeight={220}
        splitChars={[',', ';', '\t', '\n']}
        acceptValueOnBlur
        autoFocus={autoFocus}
        error={error}
        onSearchChange={setSearch}
        onChange={onChange}
        comboboxProps={{ withinPortal: true }}
        size={isField ? 'sm' : 'xs'}
        classNames={{ inputField: styles.typed ?? '', pill: styles.pill ?? '' }}
      />
    </div>
  )
}

export function mailbox(name: string, address: string): string {
  if (!name) return address
  return /[^A-Za-z0-9 \u0080-\uffff'_-]/.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}" <${address}>` : `${name} <${address}>`
}

/** The address in `Ann <ann@example.org>`. */
export function addressIn(text: string): string {
  return (/<([^<>]+)>\s*$/.exec(text)?.[1] ?? text).trim().toLowerCase()
}

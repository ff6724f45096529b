import { MultiSelect, Select, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { FieldDefinition } from '../../../src/api/endpoints/triage.ts'
import { t } from '../../texts/texts.ts'
import { clockOrDay } from '../../ui/format.ts'
import styles from './triage.module.css'

interface TextRowProps {
  readonly name: string
  readonly value: string
  /** Where it is shown otherwise than it is written. */
  readonly shown?: string
  readonly type?: 'text' | 'number' | 'date' | 'time' | 'datetime-local' | 'email' | 'url'
  readonly isLong?: boolean
  readonly hint?: string
  readonly mayWrite: boolean
  readonly onSave: (text: string) => unknown
}

/** A name and a value; pressed, the value is written where it stands. Enter or leaving saves, Escape leaves it. */
export function TextRow({ name, value, shown = value, type = 'text', isLong = false, hint, mayWrite, onSave }: TextRowProps) {
  const [text, setText] = useState<string | null>(null)
  const end = () => {
    const wanted = (text ?? '').trim()
    setText(null)
    if (wanted !== value) void onSave(wanted)
  }
  const shared = {
    size: 'xs',
    'aria-label': name,
    value: text ?? '',
    autoFocus: true,
    onBlur: end,
    onChange: (event: { currentTarget: { value: string } }) => setText(event.currentTarget.value),
  } as const
  if (text !== null)
    return (
      <li>
        {isLong ? (
          <Textarea {...shared} autosize minRows={2} maxRows={8} onKeyDown={(event) => event.key === 'Escape' && setText(null)} />
        ) : (
          <TextInput
            {...shared}
            type={type}
            {...(type === 'number' && { step: 'any' })}
            onKeyDown={(event) => {
              if (event.key === 'Enter') event.currentTarget.blur()
              if (event.key === 'Escape') setText(null)
            }}
          />
        )}
      </li>
    )
  return (
    <li className={styles.row}>
      <span className={styles.name} title={hint}>
        {name}
        {hint && ' *'}
      </span>
      {mayWrite ? (
        <button
          type="button"
          className={styles.edit}
          data-empty={shown === ''}
          aria-label={`${t.triage.sidebar.edit(name)}, ${shown || t.triage.sidebar.empty}`}
          onClick={() => setText(value)}
        >
          {shown || t.triage.sidebar.empty}
        </button>
      ) : (
        <span className={styles.value}>{shown}</span>
      )}
    </li>
  )
}

interface FieldRowProps {
  readonly field: FieldDefinition
  readonly value: unknown
  readonly mayWrite: boolean
  readonly onSave: (value: unknown) => unknown
}

/** A custom field, each type with the control that fits it. */
export function FieldRow({ field, value, mayWrite, onSave }: FieldRowProps) {
  const { name, type, options, is_required } = field
  const hint = is_required ? { hint: t.triage.sidebar.required } : {}
  const label = is_required ? `${name} *` : name
  const shared = { size: 'xs', label, disabled: !mayWrite, clearable: true } as const
  switch (type) {
    case 'choice':
      return (
        <li>
          <Select {...shared} data={[...options]} value={typeof value === 'string' ? value : null} onChange={onSave} />
        </li>
      )
    case 'choices':
      return (
        <li>
          <MultiSelect {...shared} data={[...options]} value={Array.isArray(value) ? value.map(String) : []} onChange={onSave} />
        </li>
      )
    case 'boolean': {
      const { yes, no } = t.triage.sidebar
      const data = [
        { value: 'yes', label: yes },
        { value: 'no', label: no },
      ]
      const chosen = typeof value === 'boolean' ? (value ? 'yes' : 'no') : null
      return (
        <li>
          <Select
            {...shared}
            data={data}
            value={chosen}
            onChange={(picked) => onSave(picked === null ? null : picked === 'yes')}
          />
        </li>
      )
    }
    case 'integer':
    case 'decimal': {
      const text = typeof value === 'number' ? String(value) : ''
      const save = (written: string) => onSave(written === '' ? null : Number(written))
      return <TextRow name={name} {...hint} type="number" value={text} mayWrite={mayWrite} onSave={save} />
    }
    case 'datetime': {
      const at = typeof value === 'string' ? new Date(value) : null
      const text = at ? new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : ''
      const save = (written: string) => onSave(written === '' ? null : new Date(written).toISOString())
      const shown = at ? clockOrDay(at, new Date()) : ''
      return <TextRow name={name} {...hint} type="datetime-local" value={text} shown={shown} mayWrite={mayWrite} onSave={save} />
    }
    default: {
      const text = typeof value === 'string' ? value : ''
      const save = (written: string) => onSave(written === '' ? null : written)
      const input = type === 'date' || type === 'time' || type === 'email' || type === 'url' ? type : 'text'
      return (
        <TextRow
          name={name}
          {...hint}
          type={input}
          isLong={type === 'long_text'}
          value={text}
          mayWrite={mayWrite}
          onSave={save}
        />
      )
    }
  }
}

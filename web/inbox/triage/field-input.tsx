import { MultiSelect, Select, Textarea, TextInput } from '@mantine/core'
import type { FieldDefinition } from '../../../src/api/endpoints/triage.ts'
import { t } from '../../texts/texts.ts'

interface Props {
  readonly field: FieldDefinition
  /** As the API has it; null: nothing. */
  readonly value: unknown
  readonly error?: string | undefined
  readonly autoFocus?: boolean
  /** Small, and its lists open inside what it stands in. */
  readonly isInPopover?: boolean
  readonly onChange: (value: unknown) => void
}

const TYPES = { date: 'date', time: 'time', email: 'email', url: 'url', integer: 'number', decimal: 'number' } as const

/** A custom field that is being filled in, each type with the control that fits it. */
export function FieldInput({ field, value, error, autoFocus = false, isInPopover = false, onChange }: Props) {
  const { name, type, options, is_required } = field
  const size = isInPopover ? 'xs' : 'sm'
  const list = isInPopover ? { comboboxProps: { withinPortal: false } } : {}
  const shared = { size, label: name, withAsterisk: is_required, error, 'data-autofocus': autoFocus || undefined, autoFocus }
  switch (type) {
    case 'choice':
      return (
        <Select
          {...shared}
          {...list}
          clearable
          data={[...options]}
          value={typeof value === 'string' ? value : null}
          onChange={onChange}
        />
      )
    case 'choices':
      return (
        <MultiSelect
          {...shared}
          {...list}
          data={[...options]}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onChange}
        />
      )
    case 'boolean': {
      const { yes, no } = t.triage.sidebar
      return (
        <Select
          {...shared}
          {...list}
          clearable
          data={[
            { value: 'yes', label: yes },
            { value: 'no', label: no },
          ]}
          value={typeof value === 'boolean' ? (value ? 'yes' : 'no') : null}
          onChange={(picked) => onChange(picked === null ? null : picked === 'yes')}
        />
      )
    }
    case 'long_text':
      return (
        <Textarea
          {...shared}
          autosize
          minRows={2}
          maxRows={8}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value || null)}
        />
      )
    case 'datetime': {
      const at = typeof value === 'string' ? new Date(value) : null
      return (
        <TextInput
          {...shared}
          type="datetime-local"
          value={at ? new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : ''}
          onChange={({ currentTarget }) => onChange(currentTarget.value ? new Date(currentTarget.value).toISOString() : null)}
        />
      )
    }
    default: {
      const isNumber = type === 'integer' || type === 'decimal'
      return (
        <TextInput
          {...shared}
          type={type === 'text' ? 'text' : TYPES[type]}
          {...(isNumber && { step: 'any' })}
          value={typeof value === 'string' || typeof value === 'number' ? String(value) : ''}
          onChange={({ currentTarget: { value: written } }) =>
            onChange(written === '' ? null : isNumber ? Number(written) : written)
          }
        />
      )
    }
  }
}

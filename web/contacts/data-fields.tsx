import { MultiSelect, NumberInput, Select, TextInput } from '@mantine/core'
import { type ContactField, listContactFields } from '../../src/api/endpoints/lists.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'

export type FieldValue = string | number | boolean | string[] | null

interface Props {
  readonly data: Readonly<Record<string, FieldValue>>
  readonly onChange: (data: Record<string, FieldValue>) => void
}

/** What the workspace knows of people beyond their name: each value as its kind is written. */
export function DataFields({ data, onChange }: Props) {
  const fields = useEndpoint(listContactFields, {})
  return (fields.data?.items ?? []).map((field) => (
    <DataField
      key={field.key}
      field={field}
      value={data[field.key] ?? null}
      onChange={(value) => onChange({ ...data, [field.key]: value })}
    />
  ))
}

function DataField({
  field,
  value,
  onChange,
}: {
  field: ContactField
  value: FieldValue
  onChange: (value: FieldValue) => void
}) {
  const { label, type, options, is_required: required } = field
  if (type === 'choices')
    return (
      <MultiSelect
        label={label}
        required={required}
        data={options}
        value={Array.isArray(value) ? value : []}
        onChange={(chosen) => onChange(chosen.length === 0 ? null : chosen)}
      />
    )
  if (type === 'choice' || type === 'boolean')
    return (
      <Select
        label={label}
        required={required}
        clearable
        data={
          type === 'choice'
            ? options
            : [
                { value: 'true', label: t.person.yes },
                { value: 'false', label: t.person.no },
              ]
        }
        value={value === null ? null : String(value)}
        onChange={(chosen) => onChange(chosen === null || type === 'choice' ? chosen : chosen === 'true')}
      />
    )
  if (type === 'number')
    return (
      <NumberInput
        label={label}
        required={required}
        value={typeof value === 'number' ? value : ''}
        onChange={(number) => onChange(typeof number === 'number' ? number : null)}
      />
    )
  return (
    <TextInput
      label={label}
      required={required}
      type={type === 'date' ? 'date' : type === 'url' ? 'url' : 'text'}
      value={typeof value === 'string' ? value : ''}
      onChange={({ currentTarget }) => onChange(currentTarget.value === '' ? null : currentTarget.value)}
    />
  )
}

/** Only what is another value now, or none any more. */
export function changesOf(before: Readonly<Record<string, FieldValue>>, after: Readonly<Record<string, FieldValue>>) {
  return Object.fromEntries(
    Object.entries(after).filter(([key, value]) => JSON.stringify(before[key] ?? null) !== JSON.stringify(value)),
  )
}

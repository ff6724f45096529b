import { Select } from '@mantine/core'
import { useState } from 'react'
import { t } from '../../texts/texts.ts'
import { useDrawing } from '../edit/drawing.ts'
import type { FieldProps } from './field.tsx'

/** From whom mail comes: an inbox by its name, or an address that is written. */
export function SenderField({ label, path, value, isRequired, errorOf, onChange }: FieldProps) {
  const { references } = useDrawing()
  const [typed, type] = useState('')
  const known = references.sender ?? []
  const chosen = typeof value === 'string' && value !== '' ? value : null
  const isWritten = chosen !== null && !known.some((one) => one.value === chosen)
  const labels = [...known.map((one) => one.label), ...(isWritten ? [chosen] : [])]
  const isNew = typed.includes('@') && !labels.includes(typed)
  const says = t.workflows.form
  const data = [
    ...known,
    ...(isWritten ? [{ value: chosen, label: chosen }] : []),
    ...(isNew ? [{ value: typed.trim(), label: says.anotherSender(typed.trim()) }] : []),
  ]
  return (
    <Select
      label={label}
      description={says.senderHint}
      data={data}
      value={chosen}
      placeholder={says.none}
      searchable
      clearable={!isRequired}
      searchValue={typed}
      onSearchChange={type}
      error={errorOf(path)}
      onChange={(next) => onChange(next ?? undefined)}
    />
  )
}

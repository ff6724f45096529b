import { NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import type { VarType } from '../../../src/workflows/definition/graph.ts'
import { t } from '../../texts/texts.ts'
import { Facts } from '../../ui/facts.tsx'
import styles from './runs.module.css'

/** As it is written down while somebody edits it: JSON is text until it is sent. */
export type Written = Readonly<Record<string, string | number | boolean | null>>

export interface Wanted {
  readonly key: string
  readonly type: VarType
  readonly label?: string | null | undefined
}

export function writtenOf(wanted: readonly Wanted[], values: Readonly<Record<string, unknown>>): Written {
  return Object.fromEntries(
    wanted.map(({ key, type }) => {
      const value = values[key]
      if (value === undefined || value === null) return [key, null]
      if (type === 'list' || type === 'object' || typeof value === 'object') return [key, JSON.stringify(value, null, 2)]
      return [key, value as string | number | boolean]
    }),
  )
}

/** What was written, as values; of what is no JSON, the keys. */
export function valuesOf(
  wanted: readonly Wanted[],
  written: Written,
): { readonly values: Record<string, unknown>; readonly wrong: readonly string[] } {
  const values: Record<string, unknown> = {}
  const wrong: string[] = []
  for (const { key, type } of wanted) {
    const value = written[key] ?? null
    if (value === null || value === '') {
      values[key] = type === 'text' && value === '' ? '' : null
      continue
    }
    if (type !== 'list' && type !== 'object') {
      values[key] = value
      continue
    }
    try {
      values[key] = JSON.parse(String(value))
    } catch {
      wrong.push(key)
    }
  }
  return { values, wrong }
}

interface Props {
  readonly wanted: readonly Wanted[]
  readonly written: Written
  readonly set: (key: string, value: string | number | boolean | null) => void
  readonly errorOf: (key: string) => string | undefined
}

/** A field for each value, by its type. */
export function ValueFields({ wanted, written, set, errorOf }: Props) {
  return wanted.map((one) => (
    <ValueField key={one.key} of={one} value={written[one.key] ?? null} set={set} error={errorOf(one.key)} />
  ))
}

interface FieldProps {
  readonly of: Wanted
  readonly value: string | number | boolean | null
  readonly set: Props['set']
  readonly error: string | undefined
}

function ValueField({ of: { key, type, label }, value, set, error }: FieldProps) {
  const usual = { label: label || key, error }
  if (type === 'boolean')
    return (
      <Select
        {...usual}
        clearable
        placeholder={t.run.edit.unset}
        data={[
          { value: 'true', label: t.run.edit.yes },
          { value: 'false', label: t.run.edit.no },
        ]}
        value={value === null ? null : String(value)}
        onChange={(next) => set(key, next === null ? null : next === 'true')}
      />
    )
  if (type === 'number')
    return (
      <NumberInput
        {...usual}
        value={typeof value === 'number' || typeof value === 'string' ? value : ''}
        onChange={(next) => set(key, next === '' ? null : next)}
      />
    )
  if (type === 'list' || type === 'object')
    return (
      <Textarea
        {...usual}
        description="JSON"
        className={styles.code ?? ''}
        autosize
        minRows={2}
        maxRows={12}
        value={value === null ? '' : String(value)}
        onChange={(event) => set(key, event.currentTarget.value)}
      />
    )
  const text = value === null ? '' : String(value)
  return text.length > 80 || text.includes('\n') ? (
    <Textarea
      {...usual}
      autosize
      minRows={2}
      maxRows={12}
      value={text}
      onChange={(event) => set(key, event.currentTarget.value)}
    />
  ) : (
    <TextInput {...usual} value={text} onChange={(event) => set(key, event.currentTarget.value)} />
  )
}

/** Names and values, to read. */
export function Values({ values }: { values: Readonly<Record<string, unknown>> }) {
  return <Facts facts={Object.entries(values).map(([key, value]) => [key, shown(value)])} />
}

function shown(value: unknown): ReactNode {
  if (value === null || value === '') return <span className={styles.quiet}>{t.run.values.empty}</span>
  return typeof value === 'object' ? <pre className={styles.json}>{JSON.stringify(value, null, 2)}</pre> : String(value)
}

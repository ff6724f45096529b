import { NumberInput, Select } from '@mantine/core'
import type { Json } from '../../../src/workflows/definition/graph.ts'
import { t } from '../../texts/texts.ts'
import { useDrawing } from '../edit/drawing.ts'
import type { FieldProps } from './field.tsx'
import styles from './form.module.css'

const UNITS = ['s', 'm', 'h', 'd', 'w'] as const

/** A length of time: how many, and of what. */
export function LengthField({ label, path, value, schema, isRequired, hint, errorOf, onChange }: FieldProps) {
  const shown = typeof value === 'string' ? value : typeof schema.default === 'string' ? schema.default : ''
  const parts = /^(\d*)([smhdw])$/.exec(shown)
  const [amount, unit] = [parts?.[1] ?? '', parts?.[2] ?? 'd']
  const says = t.workflows.form
  const told = (n: string | number, of: string) => onChange(n === '' && !isRequired ? undefined : `${n}${of}`)
  return (
    <div>
      <div className={styles.pair}>
        <NumberInput
          label={label}
          min={1}
          allowDecimal={false}
          value={amount === '' ? '' : Number(amount)}
          error={errorOf(path)}
          onChange={(n) => told(n, unit)}
        />
        <Select
          aria-label={`${label}: ${says.after.unit}`}
          data={UNITS.map((one) => ({ value: one, label: says.units[one] }))}
          value={unit}
          allowDeselect={false}
          onChange={(of) => of && told(amount === '' ? 1 : amount, of)}
        />
      </div>
      {hint && <p className={styles.hint}>{hint}</p>}
    </div>
  )
}

type Kind = 'for' | 'working_days' | 'working_hours'

/** How long something is waited for: by the clock, in working days or hours, or without a limit. */
export function AfterField(props: FieldProps & { readonly mayBeNull: boolean }) {
  const { label, path, value, mayBeNull, errorOf, onChange } = props
  const { references } = useDrawing()
  const says = t.workflows.form.after
  const after = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, Json>) : null
  const kinds: readonly Kind[] = ['for', 'working_days', 'working_hours']
  const kind = after === null ? null : (kinds.find((one) => one in after) ?? null)
  const data = [
    ...kinds.map((one) => ({ value: one, label: says[one] })),
    ...(mayBeNull ? [{ value: 'never', label: says.never }] : []),
  ]
  const begin = (chosen: string | null) => {
    if (chosen === 'never') onChange(undefined)
    else if (chosen !== null) onChange(chosen === 'for' ? { for: '1d' } : { [chosen]: chosen === 'working_days' ? 3 : 4 })
  }
  return (
    <div className={styles.nested}>
      <Select
        label={label}
        description={says.kind}
        data={data}
        value={kind ?? (mayBeNull ? 'never' : null)}
        allowDeselect={false}
        error={errorOf(path)}
        onChange={begin}
      />
      {after && kind === 'for' && (
        <LengthField
          {...props}
          hint={undefined}
          label={says.amount}
          path={`${path}.for`}
          value={after.for}
          isRequired
          onChange={(said) => onChange({ for: said ?? '' })}
        />
      )}
      {after && kind !== null && kind !== 'for' && (
        <NumberInput
          label={says.amount}
          min={1}
          allowDecimal={false}
          value={typeof after[kind] === 'number' ? after[kind] : ''}
          error={errorOf(`${path}.${kind}`)}
          onChange={(n) => onChange({ ...after, [kind]: typeof n === 'number' ? n : 0 })}
        />
      )}
      {after && kind !== 'for' && (references.calendar ?? []).length > 0 && (
        <Select
          label={says.calendar}
          data={[...(references.calendar ?? [])]}
          value={typeof after.calendar === 'string' ? after.calendar : null}
          clearable
          onChange={(id) => {
            const { calendar: _, ...rest } = after
            onChange(id === null ? rest : { ...rest, calendar: id })
          }}
        />
      )}
    </div>
  )
}

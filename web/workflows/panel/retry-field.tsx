import { NumberInput, Select } from '@mantine/core'
import type { Retry } from '../../../src/workflows/definition/graph.ts'
import { spanOf } from '../../rules/rule-words.ts'
import { t } from '../../texts/texts.ts'
import formStyles from '../form/form.module.css'
import styles from '../workflows.module.css'

type How = 'usual' | 'never' | 'own'
const NEVER: Retry = { max: 0, baseSeconds: 30, factor: 3, capSeconds: 21_600 }
const OWN: Retry = { max: 5, baseSeconds: 60, factor: 2, capSeconds: 3_600 }
const TOLD = 4

/** How a step that failed for a while is tried again; left to itself, its failure says how. */
export function RetryField({ value, onChange }: { value: Retry | undefined; onChange: (retry: Retry | undefined) => void }) {
  const says = t.workflows.step.retry
  const how: How = value === undefined ? 'usual' : value.max === 0 ? 'never' : 'own'
  const choose = (next: string | null) => onChange(next === 'own' ? OWN : next === 'never' ? NEVER : undefined)
  return (
    <div className={formStyles.nested}>
      <Select
        label={says.label}
        data={(['usual', 'never', 'own'] as const).map((one) => ({ value: one, label: says[one] }))}
        value={how}
        allowDeselect={false}
        onChange={choose}
      />
      {value && how === 'own' && <Own value={value} onChange={onChange} />}
    </div>
  )
}

const LIMITS = [
  { key: 'max', label: 'max', min: 1, max: 20 },
  { key: 'baseSeconds', label: 'base', min: 1, max: 86_400 },
  { key: 'factor', label: 'factor', min: 1, max: 10 },
  { key: 'capSeconds', label: 'cap', min: 1, max: 604_800 },
] as const

function Own({ value, onChange }: { value: Retry; onChange: (retry: Retry) => void }) {
  const says = t.workflows.step.retry
  const told = Array.from({ length: Math.min(value.max, TOLD) }, (_, attempt) =>
    spanOf(Math.round(Math.min(value.capSeconds, value.baseSeconds * value.factor ** attempt))),
  )
  return (
    <>
      {LIMITS.map(({ key, label, min, max }) => (
        <NumberInput
          key={key}
          label={says[label]}
          min={min}
          max={max}
          clampBehavior="strict"
          allowDecimal={key === 'factor'}
          value={value[key]}
          onChange={(n) => typeof n === 'number' && n >= min && onChange({ ...value, [key]: n })}
        />
      ))}
      <p className={styles.quiet}>{says.story(told, value.max - told.length)}</p>
    </>
  )
}

import { NumberInput, Select, TextInput } from '@mantine/core'
import type { Since } from '../../src/contacts/segments/segment.ts'
import { t } from '../texts/texts.ts'

interface Props {
  readonly value: Since | null
  /** Before it and not since it: of what is compared with a moment alone. */
  readonly isBefore?: boolean
  /** Null may be said: at any time. */
  readonly mayBeAny?: boolean
  readonly mayBeBefore?: boolean
  readonly onChange: (since: Since | null, isBefore: boolean) => void
}

const MONTH = 30
const MOST_DAYS = 36_500

/** A moment: so many days ago, counted whenever it is asked, or a date. */
export function SinceField({ value, isBefore = false, mayBeAny = false, mayBeBefore = false, onChange }: Props) {
  const mode = value === null ? 'any' : `${isBefore ? 'before' : 'since'}_${'days' in value ? 'days' : 'date'}`
  const modes = [
    ...(mayBeAny ? [{ value: 'any', label: t.segments.anyTime }] : []),
    { value: 'since_days', label: t.segments.lastDays },
    { value: 'since_date', label: t.segments.sinceDate },
    ...(mayBeBefore
      ? [
          { value: 'before_days', label: t.segments.beforeDays },
          { value: 'before_date', label: t.segments.beforeDate },
        ]
      : []),
  ]
  function choose(next: string | null) {
    if (next === null) return
    if (next === 'any') return onChange(null, false)
    const days = value && 'days' in value ? value : { days: MONTH }
    const at = value && 'at' in value ? value : { at: toMoment(new Date().toISOString().slice(0, 10)) }
    onChange(next.endsWith('days') ? days : at, next.startsWith('before'))
  }
  return (
    <>
      <Select aria-label={t.segments.since} data={modes} value={mode} allowDeselect={false} onChange={choose} w={160} />
      {value && 'days' in value && (
        <NumberInput
          aria-label={t.segments.days}
          min={0}
          max={MOST_DAYS}
          allowDecimal={false}
          value={value.days}
          w={90}
          onChange={(days) => onChange({ days: Math.max(0, Number(days) || 0) }, isBefore)}
        />
      )}
      {value && 'at' in value && (
        <TextInput
          type="date"
          aria-label={t.segments.date}
          value={value.at.slice(0, 10)}
          w={150}
          onChange={({ currentTarget: { value: day } }) => day && onChange({ at: toMoment(day) }, isBefore)}
        />
      )}
    </>
  )
}

function toMoment(day: string): string {
  return `${day}T00:00:00.000Z`
}

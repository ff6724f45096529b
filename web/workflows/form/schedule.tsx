import { Select, TextInput } from '@mantine/core'
import { faultOfCron, nextTime } from '../../../src/lib/cron.ts'
import { t } from '../../texts/texts.ts'
import { useDrawing } from '../edit/drawing.ts'
import type { FieldProps } from './field.tsx'
import styles from './form.module.css'

const ZONES: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
const SHOWN = 3

/** By whose clocks. */
export function ZoneField({ label, path, value, schema, hint, errorOf, onChange }: FieldProps) {
  const zone = typeof value === 'string' ? value : String(schema.default ?? 'UTC')
  return (
    <Select
      label={label}
      description={hint}
      data={ZONES.includes(zone) ? [...ZONES] : [zone, ...ZONES]}
      value={zone}
      searchable
      allowDeselect={false}
      error={errorOf(path)}
      onChange={(next) => next !== null && onChange(next)}
    />
  )
}

/** A pattern of times, and the times that it comes to. */
export function CronField({ label, path, value, hint, errorOf, onChange }: FieldProps) {
  const { graph, selected } = useDrawing().editor
  const pattern = typeof value === 'string' ? value : ''
  const zone = String(graph.nodes[selected ?? '']?.config.zone ?? 'UTC')
  const times = timesOf(pattern, zone)
  return (
    <div>
      <TextInput
        label={label}
        description={hint}
        value={pattern}
        maxLength={200}
        classNames={{ input: styles.code ?? '' }}
        error={errorOf(path)}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {times.length > 0 && (
        <p className={styles.quiet}>
          {t.workflowForms.next} {times.map((time) => inZone(time, zone)).join('; ')}
        </p>
      )}
    </div>
  )
}

function timesOf(pattern: string, zone: string): Date[] {
  const times: Date[] = []
  let at = new Date()
  if (!ZONES.includes(zone) || faultOfCron(pattern, zone, at) !== null) return times
  while (times.length < SHOWN) {
    const next = nextTime(pattern, zone, at)
    if (next === null) return times
    times.push(next)
    at = next
  }
  return times
}

function inZone(time: Date, zone: string): string {
  const parts = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const
  return new Intl.DateTimeFormat(undefined, { ...parts, timeZone: zone, hourCycle: 'h23' }).format(time)
}

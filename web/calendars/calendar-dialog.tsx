import { Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import {
  changeWorkingCalendar,
  createWorkingCalendar,
  listWorkingCalendars,
  type WorkingCalendar,
} from '../../src/api/endpoints/working-calendars.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './calendars.module.css'
import { hoursInWords, readDays, readHours } from './hours.ts'

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
const USUAL = ['09:00–17:00', '09:00–17:00', '09:00–17:00', '09:00–17:00', '09:00–17:00', '', '']

interface Props {
  /** Null: a new one. */
  readonly calendar: WorkingCalendar | null
  readonly isFirst: boolean
  readonly onClose: () => void
}

export function CalendarDialog({ calendar, isFirst, onClose }: Props) {
  const [name, setName] = useState(calendar?.name ?? '')
  const [zone, setZone] = useState(calendar?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone)
  const [week, setWeek] = useState<readonly string[]>(calendar?.week.map(hoursInWords) ?? USUAL)
  const [closed, setClosed] = useState(calendar?.closed.join('\n') ?? '')
  const [isDefault, setDefault] = useState(calendar?.is_default ?? isFirst)
  const [unread, setUnread] = useState<readonly number[]>([])
  const says = t.calendars
  const options = {
    changes: [listWorkingCalendars],
    quiet: true,
    onDone: () => {
      toast('good', says.saved(name.trim()))
      onClose()
    },
  }
  const create = useAction(createWorkingCalendar, options)
  const change = useAction(changeWorkingCalendar, options)
  const { error, isPending } = calendar ? change : create
  const { of, rest } = errorsFor(error, ['/name', '/zone', '/closed'])
  function submit() {
    const read = week.map(readHours)
    setUnread(read.flatMap((spans, day) => (spans === null ? [day] : [])))
    const spans = read.flatMap((one) => (one === null ? [] : [[...one]]))
    if (spans.length < week.length) return
    const body = { name: name.trim(), zone, week: spans, closed: [...readDays(closed)], is_default: isDefault }
    if (calendar) change.mutate({ params: { id: calendar.id }, body })
    else create.mutate({ body })
  }
  return (
    <Dialog title={calendar ? says.edit(calendar.name) : says.add} onClose={onClose} wide>
      <Form onSubmit={submit} problem={rest}>
        <TextInput
          label={says.name}
          value={name}
          maxLength={120}
          error={of('/name')}
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={says.zone}
          searchable
          allowDeselect={false}
          data={ZONES.includes(zone) ? ZONES : [zone, ...ZONES]}
          value={zone}
          error={of('/zone')}
          onChange={(next) => next && setZone(next)}
        />
        <fieldset className={styles.week}>
          <legend>{says.hours}</legend>
          <p className={styles.quiet}>{says.hoursHint}</p>
          {week.map((hours, day) => (
            <div key={says.days[day]} className={styles.day}>
              <label htmlFor={`day-${day}`}>{says.days[day]}</label>
              <TextInput
                id={`day-${day}`}
                size="xs"
                placeholder={says.closedDay}
                value={hours}
                error={unread.includes(day) && says.unread}
                onChange={(event) => {
                  const { value } = event.currentTarget
                  setWeek((known) => known.map((one, index) => (index === day ? value : one)))
                }}
              />
            </div>
          ))}
        </fieldset>
        <Textarea
          label={says.closed}
          description={says.closedHint}
          autosize
          minRows={2}
          maxRows={8}
          value={closed}
          error={of('/closed')}
          onChange={(event) => setClosed(event.currentTarget.value)}
        />
        <Checkbox
          label={says.isDefault}
          checked={isDefault}
          disabled={isFirst || calendar?.is_default === true}
          onChange={(event) => setDefault(event.currentTarget.checked)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={isPending}>
            {says.save}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

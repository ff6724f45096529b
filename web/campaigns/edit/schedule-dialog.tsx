import { Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { type Campaign, getCampaign, listCampaigns, scheduleCampaign } from '../../../src/api/endpoints/campaigns.ts'
import { CALENDAR_DATE, dateIn, instantOf, occurrencesOf, TIME_OF_DAY } from '../../../src/lib/zones.ts'
import { useAction, useEndpoint } from '../../query.ts'
import { AudienceCount } from '../../segments/audience-count.tsx'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { errorsFor } from '../../ui/field-errors.ts'
import { Form, FormActs, FormRow } from '../../ui/form.tsx'
import { absolute, clock } from '../../ui/format.ts'
import { Note } from '../../ui/note.tsx'
import { useNow } from '../../ui/time.tsx'
import { toast } from '../../ui/toasts.tsx'
import styles from './edit.module.css'

const DAY_MS = 86_400_000
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone
const ZONES = [...new Set(['UTC', HERE, ...Intl.supportedValuesOf('timeZone')])]

/** When it starts by itself, in a zone; what clocks there never say, or say twice, is told. */
export function ScheduleDialog({ id, name, onClose }: { id: Campaign['id']; name: string; onClose: () => void }) {
  const now = useNow()
  const query = useEndpoint(getCampaign, { id })
  const [date, setDate] = useState(() => dateIn(HERE, new Date(Date.now() + DAY_MS)))
  const [time, setTime] = useState('09:00')
  const [zone, setZone] = useState(HERE)
  const says = t.campaigns.edit
  const schedule = useAction(scheduleCampaign, {
    changes: [getCampaign, listCampaigns],
    quiet: true,
    onDone: () => {
      toast('good', t.campaigns.done.scheduled(name))
      onClose()
    },
  })
  const errors = errorsFor(schedule.error, ['/scheduled_at', '/time_zone'])
  const at = CALENDAR_DATE.test(date) && TIME_OF_DAY.test(time) ? instantOf(date, time, zone) : null
  return (
    <Dialog title={says.scheduleTitle(name)} onClose={onClose}>
      <Form
        onSubmit={() => at && schedule.mutate({ params: { id }, body: { at: at.toISOString(), time_zone: zone } })}
        problem={errors.rest}
      >
        <FormRow half>
          <TextInput label={says.date} type="date" value={date} onChange={(event) => setDate(event.currentTarget.value)} />
          <TextInput
            label={says.time}
            type="time"
            value={time}
            error={errors.of('/scheduled_at')}
            onChange={(event) => setTime(event.currentTarget.value)}
          />
        </FormRow>
        <Select
          label={says.zone}
          data={ZONES}
          searchable
          allowDeselect={false}
          value={zone}
          error={errors.of('/time_zone')}
          onChange={(value) => value && setZone(value)}
        />
        {at && (
          <>
            <Clocks date={date} time={time} zone={zone} at={at} />
            <p className={styles.quiet}>{at <= now ? says.past : says.isAt(absolute(at))}</p>
          </>
        )}
        {query.data && <AudienceCount audience={query.data.campaign.audience} />}
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={schedule.isPending} disabled={!at || at <= now}>
            {says.scheduleAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

/** Twice a year clocks jump. */
function Clocks({ date, time, zone, at }: { date: string; time: string; zone: string; at: Date }) {
  const says = t.campaigns.edit
  switch (occurrencesOf(date, time, zone)) {
    case 0:
      return <Note tone="care">{says.never(clockIn(zone, at))}</Note>
    case 2:
      return <Note tone="care">{says.twice}</Note>
    default:
      return null
  }
}

function clockIn(zone: string, at: Date): string {
  return zone === HERE
    ? clock(at)
    : new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(at)
}

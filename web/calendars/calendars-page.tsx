import { Button } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { listWorkingCalendars, removeWorkingCalendar, type WorkingCalendar } from '../../src/api/endpoints/working-calendars.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Page } from '../ui/page.tsx'
import { Rows } from '../ui/rows.tsx'
import { toast } from '../ui/toasts.tsx'
import { CalendarDialog } from './calendar-dialog.tsx'
import styles from './calendars.module.css'
import { hoursInWords } from './hours.ts'

/** When people work: what working days and hours mean in workflows. */
export function CalendarsPage() {
  const because = whyNot(useMe(), 'workflows.manage')
  const query = useEndpoint(listWorkingCalendars, {})
  const [open, setOpen] = useState<WorkingCalendar | 'new' | null>(null)
  const says = t.calendars
  return (
    <Page
      title={says.title}
      lead={says.lead}
      shape="narrow"
      acts={
        <ActButton leftSection={<Plus size={15} aria-hidden />} because={because} onClick={() => setOpen('new')}>
          {says.add}
        </ActButton>
      }
    >
      <Loadable query={query}>
        {({ items }) => (
          <>
            {items.length === 0 ? (
              <EmptyState
                title={says.emptyTitle}
                sentence={says.empty}
                act={because === null && <Button onClick={() => setOpen('new')}>{says.add}</Button>}
              />
            ) : (
              <Rows
                label={says.title}
                rows={items}
                keyOf={({ id }) => id}
                columns={[
                  { key: 'name', header: says.name, cell: (calendar) => <Name calendar={calendar} /> },
                  { key: 'hours', header: says.hours, cell: ({ week }) => <Week week={week} /> },
                  { key: 'closed', header: says.closed, cell: ({ closed }) => says.daysOff(closed.length) },
                  {
                    key: 'acts',
                    header: t.common.acts,
                    isHidden: true,
                    end: true,
                    cell: (calendar) => <Acts calendar={calendar} because={because} onEdit={() => setOpen(calendar)} />,
                  },
                ]}
              />
            )}
            {open && (
              <CalendarDialog
                calendar={open === 'new' ? null : open}
                isFirst={items.length === 0}
                onClose={() => setOpen(null)}
              />
            )}
          </>
        )}
      </Loadable>
    </Page>
  )
}

function Name({ calendar: { name, zone, is_default } }: { calendar: WorkingCalendar }) {
  return (
    <>
      <b className={styles.name}>{name}</b>
      <span className={styles.quiet}>
        {zone}
        {is_default && ` · ${t.calendars.usual}`}
      </span>
    </>
  )
}

/** Days with the same hours stand together. */
function Week({ week }: { week: WorkingCalendar['week'] }) {
  const { shortDays } = t.calendars
  const groups: { from: number; to: number; hours: string }[] = []
  for (const [day, spans] of week.entries()) {
    const hours = hoursInWords(spans)
    const last = groups.at(-1)
    if (last?.hours === hours) last.to = day
    else groups.push({ from: day, to: day, hours })
  }
  return groups
    .filter(({ hours }) => hours !== '')
    .map(({ from, to, hours }) => (
      <span key={from} className={styles.line}>
        {from === to ? shortDays[from] : `${shortDays[from]}–${shortDays[to]}`} {hours}
      </span>
    ))
}

function Acts({ calendar, because, onEdit }: { calendar: WorkingCalendar; because: string | null; onEdit: () => void }) {
  const ask = useAsk()
  const { id, name } = calendar
  const says = t.calendars
  const remove = useAction(removeWorkingCalendar, {
    changes: [listWorkingCalendars],
    onDone: () => toast('good', says.removed(name)),
  })
  async function askAndRemove() {
    const sure = await ask({ title: says.removeTitle(name), body: says.removeBody, act: says.remove, danger: true })
    if (sure) remove.mutate({ params: { id } })
  }
  const usual = { size: 'compact-sm', variant: 'default', because } as const
  return (
    <span className={styles.acts}>
      <ActButton {...usual} label={says.editLabel(name)} onClick={onEdit}>
        {says.editAct}
      </ActButton>
      <ActButton {...usual} label={says.removeLabel(name)} loading={remove.isPending} onClick={() => void askAndRemove()}>
        {says.remove}
      </ActButton>
    </span>
  )
}

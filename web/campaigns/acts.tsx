import { Button, Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { ChevronDown, Gauge, Pause, PencilLine, Play, Send } from 'lucide-react'
import { useMe, whyNot } from '../me.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { ScheduleDialog } from './edit/schedule-dialog.tsx'
import { SendDialog } from './edit/send-dialog.tsx'
import { failedOf } from './look.ts'
import { PaceDialog } from './pace-dialog.tsx'
import { RetryDialog } from './retry-dialog.tsx'
import { type Actable, useCampaignActs } from './use-acts.tsx'

type Acts = ReturnType<typeof useCampaignActs>

interface Props {
  readonly of: Actable
  /** In a row of a list: what is most needed, and the rest behind one button. */
  readonly compact?: boolean
}

export function CampaignActs({ of, compact = false }: Props) {
  const acts = useCampaignActs(of)
  const mayNotSend = whyNot(useMe(), 'campaigns.send')
  const can = (action: Actable['actions'][number]) => of.actions.includes(action)
  const common = {
    size: compact ? ('compact-sm' as const) : ('sm' as const),
    loading: acts.isBusy,
    because: mayNotSend,
  }
  const named = (act: string) => t.campaigns.actOf(act, of.name)
  const words = t.campaigns.acts
  return (
    <>
      {can('pause') && (
        <ActButton {...common} label={named(words.pause)} leftSection={<Pause size={14} aria-hidden />} onClick={acts.pause}>
          {words.pause}
        </ActButton>
      )}
      {can('resume') && (
        <ActButton {...common} label={named(words.resume)} leftSection={<Play size={14} aria-hidden />} onClick={acts.resume}>
          {words.resume}
        </ActButton>
      )}
      {can('confirm') && (
        <ActButton
          {...common}
          label={named(words.confirm)}
          leftSection={<Send size={14} aria-hidden />}
          onClick={() => acts.open('send')}
        >
          {words.confirm}
        </ActButton>
      )}
      {can('edit') && <Edit of={of} compact={compact} />}
      {can('set_pace') && !compact && (
        <ActButton
          {...common}
          variant="default"
          label={named(words.set_pace)}
          leftSection={<Gauge size={14} aria-hidden />}
          onClick={() => acts.open('pace')}
        >
          {words.set_pace}
        </ActButton>
      )}
      <More of={of} acts={acts} compact={compact} />
      <Dialogs of={of} acts={acts} />
    </>
  )
}

function Edit({ of, compact }: { of: Actable; compact: boolean }) {
  const navigate = useNavigate()
  return (
    <ActButton
      size={compact ? 'compact-sm' : 'sm'}
      variant={compact ? 'default' : 'filled'}
      because={whyNot(useMe(), 'campaigns.manage')}
      label={t.campaigns.actOf(t.campaigns.acts.edit, of.name)}
      leftSection={<PencilLine size={14} aria-hidden />}
      onClick={() => void navigate({ to: '/campaigns/$id/edit', params: { id: of.id } })}
    >
      {t.campaigns.acts.edit}
    </ActButton>
  )
}

function More({ of, acts, compact }: { of: Actable; acts: Acts; compact: boolean }) {
  const me = useMe()
  const mayWrite = me.permissions.includes('campaigns.manage')
  const maySend = me.permissions.includes('campaigns.send')
  const can = (action: Actable['actions'][number]) => of.actions.includes(action)
  const words = t.campaigns.acts
  const items: [isThere: boolean, name: string, run: () => void, danger?: boolean][] = [
    [maySend && can('set_pace') && compact, words.set_pace, () => acts.open('pace')],
    [maySend && can('start') && of.state === 'scheduled', words.start, () => acts.open('send')],
    [maySend && can('schedule'), of.state === 'scheduled' ? words.reschedule : words.schedule, () => acts.open('schedule')],
    [maySend && can('unschedule'), words.unschedule, acts.unschedule],
    [maySend && can('retry') && failedOf(of.deliveries) > 0, words.retry, () => acts.open('retry')],
    [maySend && can('extend'), words.extend, () => void acts.extend()],
    [mayWrite && of.started_at !== null, words.resend, acts.resend],
    [mayWrite, words.duplicate, acts.duplicate],
    [maySend && can('cancel'), words.cancel, () => void acts.cancel(), true],
    [mayWrite && can('remove'), words.remove, () => void acts.remove(), true],
  ]
  const shown = items.filter(([isThere]) => isThere)
  if (shown.length === 0) return null
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          size={compact ? 'compact-sm' : 'sm'}
          variant="default"
          aria-label={`${words.more}: ${t.campaigns.acts.moreOf(of.name)}`}
          rightSection={<ChevronDown size={14} aria-hidden />}
        >
          {words.more}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {shown.map(([, name, run, danger]) => (
          <Menu.Item key={name} onClick={run} {...(danger && { color: 'red' })}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Dialogs({ of, acts }: { of: Actable; acts: Acts }) {
  const close = () => acts.open(null)
  switch (acts.opened) {
    case 'pace':
      return <PaceDialog of={of} onClose={close} />
    case 'retry':
      return <RetryDialog of={of} onClose={close} />
    case 'schedule':
      return <ScheduleDialog id={of.id} name={of.name} onClose={close} />
    case 'send':
      return of.actions.includes('confirm') ? (
        <ConfirmDialog of={of} onClose={close} />
      ) : (
        <SendDialog id={of.id} onClose={close} />
      )
    case null:
      return null
  }
}

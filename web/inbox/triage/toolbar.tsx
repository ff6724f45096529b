import { ActionIcon, Menu } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import {
  Archive,
  Clock,
  Copy,
  Ellipsis,
  Eye,
  EyeOff,
  Flag,
  Inbox,
  Link2,
  MailX,
  Merge,
  MoveRight,
  PanelRight,
  ShieldAlert,
  Split,
  Star,
  Tag,
  Trash2,
  Undo2,
  UserRound,
  X,
} from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { ConversationView } from '../../../src/api/endpoints/conversations.ts'
import {
  cloneConversation,
  deleteConversation,
  followConversation,
  getConversationChoices,
  restoreConversation,
  starConversation,
  unfollowConversation,
  unstarConversation,
} from '../../../src/api/endpoints/triage.ts'
import { PRIORITIES, type Priority } from '../../../src/helpdesk/conversation.ts'
import { tagName } from '../../../src/helpdesk/triage/tag.ts'
import type { Id } from '../../../src/lib/ids.ts'
import { call, Problem } from '../../api.ts'
import { useMe } from '../../me.ts'
import { useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { clockOrDay } from '../../ui/format.ts'
import { useMedia } from '../../ui/use-media.ts'
import { INBOX_KEYS, useInboxKeys } from '../keys.ts'
import { snoozeChoices } from '../snooze-choices.ts'
import { refreshConversations } from '../undo.ts'
import { Beside, HAS_ROOM } from './details-aside.tsx'
import { MoveDialog, SnoozeDialog, SplitDialog } from './dialogs.tsx'
import { asProblem, FieldsToFill, type FieldValues, useMissingFields } from './fields-to-fill.tsx'
import { LinkDialog, MergeDialog } from './merge-dialog.tsx'
import { type Choice, Picker } from './picker.tsx'
import styles from './triage.module.css'
import { useTriage, type Wish } from './use-triage.ts'

type Open =
  | 'status'
  | 'assign'
  | 'snooze'
  | 'priority'
  | 'tags'
  | 'merge'
  | 'split'
  | 'move'
  | 'link'
  | 'until'
  | 'details'
  | 'fill'
  | null

/** Everything that is done to a conversation besides writing in it. Each act answers with its undo. */
export function ConversationToolbar({ conversation }: { conversation: ConversationView }) {
  if (!conversation.may_write) return null
  return conversation.deleted_at !== null ? <Deleted conversation={conversation} /> : <Live conversation={conversation} />
}

function Deleted({ conversation }: { conversation: ConversationView }) {
  const { run } = useTriage(conversation)
  const restore = () => void run(call(restoreConversation, { params: { id: conversation.id } }), t.triage.done.restored)
  return (
    <div className={styles.toolbar} role="toolbar" aria-label={t.triage.toolbar}>
      <Icon name={t.triage.restore} onClick={restore}>
        <Undo2 size={16} aria-hidden />
      </Icon>
    </div>
  )
}

function Live({ conversation }: { conversation: ConversationView }) {
  const [open, setOpen] = useState<Open>(null)
  const me = useMe()
  const triage = useTriage(conversation)
  const { run, undoLast } = triage
  /** What is to be closed with, once the required fields are filled in. */
  const [closing, setClosing] = useState<Wish>({})
  const change = (wish: Wish, says: string) =>
    triage.change(wish, says, (error) => {
      const lacksFields = error instanceof Problem && error.code === 'fields_missing'
      if (lacksFields) {
        setClosing(wish)
        setOpen('fill')
      }
      return lacksFields
    })
  const hasRoom = useMedia(HAS_ROOM)
  const params = { id: conversation.id }
  const isClosed = conversation.status === 'closed'
  const close = () =>
    void change({ status: isClosed ? 'open' : 'closed' }, isClosed ? t.triage.done.opened : t.triage.done.closed)
  const spam = () => setStatus(conversation.status === 'spam' ? 'open' : 'spam')
  const remove = () => void run(call(deleteConversation, { params }), t.triage.done.deleted)
  const setStatus = (status: 'open' | 'spam') =>
    void change({ status }, status === 'spam' ? t.triage.done.spam : t.triage.done.opened)
  const star = useStar(conversation)
  useInboxKeys({
    close,
    ...(star && { star }),
    ...(me.user && {
      assignMe: () => void change({ assignee_id: me.user?.id as Id<'user'> }, t.triage.done.assigned(me.user?.name ?? '')),
    }),
    assign: () => setOpen('assign'),
    label: () => setOpen('tags'),
    snooze: () => setOpen('snooze'),
    priority: () => setOpen('priority'),
    remove,
    spam,
    undo: undoLast,
  })
  const openOf = (name: Open) => ({ isOpen: open === name, setOpen: (isOpen: boolean) => setOpen(isOpen ? name : null) })
  const done = () => setOpen(null)
  return (
    <div className={styles.toolbar} role="toolbar" aria-label={t.triage.toolbar}>
      <Icon name={isClosed ? t.triage.reopen : t.triage.close} onClick={close}>
        {isClosed ? <Inbox size={16} aria-hidden /> : <Archive size={16} aria-hidden />}
      </Icon>
      <Pickers conversation={conversation} change={change} openOf={openOf} onOther={() => setOpen('until')} />
      <div className={styles.end}>
        <Attention conversation={conversation} run={run} />
        {!hasRoom && (
          <Icon name={t.triage.details} onClick={() => setOpen('details')}>
            <PanelRight size={16} aria-hidden />
          </Icon>
        )}
        <More conversation={conversation} triage={{ ...triage, change }} setOpen={setOpen} onSpam={spam} onRemove={remove} />
      </div>
      <Tags conversation={conversation} change={change} />
      {open === 'merge' && <MergeDialog conversation={conversation} onClose={done} />}
      {open === 'link' && <LinkDialog conversation={conversation} onClose={done} />}
      {open === 'split' && <SplitDialog conversation={conversation} onClose={done} />}
      {open === 'move' && <MoveDialog conversation={conversation} onClose={done} />}
      {open === 'until' && <SnoozeDialog conversation={conversation} onClose={done} />}
      {open === 'fill' && <FillDialog {...{ conversation, closing, triage }} onClose={done} />}
      {open === 'details' && (
        <Dialog title={t.triage.sidebar.title} onClose={done}>
          <Beside conversation={conversation} />
        </Dialog>
      )}
    </div>
  )
}

interface FillProps {
  readonly conversation: ConversationView
  readonly closing: Wish
  readonly triage: ReturnType<typeof useTriage>
  readonly onClose: () => void
}

/** Closing waits for what its inbox wants to know first. */
function FillDialog({ conversation, closing, triage, onClose }: FillProps) {
  const missing = useMissingFields(conversation)
  async function close(fields: FieldValues): Promise<Problem | null> {
    let problem: Problem | null = null
    const wish = { ...closing, fields: fields as Wish['fields'] }
    const done = await triage.change(wish as Wish, t.triage.done.closed, (error) => {
      problem = asProblem(error)
      return true
    })
    if (done) onClose()
    return problem
  }
  return (
    <Dialog title={t.triage.close} onClose={onClose}>
      <FieldsToFill
        fields={missing}
        act={t.triage.fill.close}
        onAct={close}
        other={{ label: t.triage.fill.leaveOpen, run: onClose }}
      />
    </Dialog>
  )
}

function Icon({ name, onClick, children }: { name: string; onClick: () => void; children: ReactNode }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={name} title={name} onClick={onClick}>
      {children}
    </ActionIcon>
  )
}

interface PickersProps {
  readonly conversation: ConversationView
  readonly change: (wish: Wish, says: string) => Promise<unknown>
  readonly openOf: (name: Open) => { isOpen: boolean; setOpen: (isOpen: boolean) => void }
  readonly onOther: () => void
}

function Pickers({ conversation: c, change, openOf, onOther }: PickersProps) {
  const me = useMe()
  const choices = useEndpoint(getConversationChoices, { id: c.id }, { keep: true }).data
  const { done, statuses } = t.triage
  const labels = choices?.labels ?? []
  const statusChoices = (['open', 'pending', 'closed'] as const).flatMap((status): Choice[] => [
    { value: status, label: statuses[status] },
    ...labels
      .filter((label) => label.status === status)
      .map(({ id, name }) => ({ value: id, label: name, hint: statuses[status] })),
  ])
  function pickStatus(value: string) {
    if (value === 'open' || value === 'pending' || value === 'closed') void change({ status: value, label_id: null }, done.change)
    else void change({ label_id: value as Id<'status_label'> }, done.change)
  }
  const own = choices?.agents.find(({ id }) => id === me.user?.id)
  const others = (choices?.agents ?? []).filter((agent) => agent !== own)
  const people: Choice[] = [
    ...(own ? [{ value: own.id, label: t.triage.me(own.name) }] : []),
    { value: 'nobody', label: t.triage.nobody },
    ...others.map(({ id, name }) => ({ value: id, label: name })),
    ...(choices?.teams ?? []).map(({ id, name }) => ({ value: `team ${id}`, label: t.triage.team(name) })),
    ...(c.team ? [{ value: 'team none', label: t.triage.noTeam }] : []),
  ]
  function pickPerson(value: string) {
    if (value.startsWith('team ')) {
      const id = value === 'team none' ? null : (value.slice(5) as Id<'team'>)
      return void change({ team_id: id }, done.change)
    }
    const name = choices?.agents.find(({ id }) => id === value)?.name
    const wish = { assignee_id: value === 'nobody' ? null : (value as Id<'user'>) }
    void change(wish, name ? done.assigned(name) : done.unassigned)
  }
  const assigned = [c.assignee?.name, c.team && t.triage.team(c.team.name)].filter(Boolean).join(', ')
  return (
    <>
      <Picker
        {...openOf('status')}
        label={t.triage.status}
        icon={Inbox}
        shown={c.label?.name ?? statuses[c.status]}
        choices={statusChoices}
        chosen={[c.label?.id ?? c.status]}
        onPick={pickStatus}
      />
      <Picker
        {...openOf('assign')}
        label={t.triage.assignee}
        icon={UserRound}
        keys={INBOX_KEYS.assign.keys}
        shown={assigned || t.triage.nobody}
        choices={people}
        chosen={[c.assignee?.id ?? 'nobody', ...(c.team ? [`team ${c.team.id}`] : [])]}
        onPick={pickPerson}
      />
      <Sleep conversation={c} change={change} openOf={openOf} onOther={onOther} />
      <Picker
        {...openOf('priority')}
        label={t.triage.priority}
        icon={Flag}
        keys={INBOX_KEYS.priority.keys}
        shown={t.triage.priorities[c.priority]}
        choices={PRIORITIES.map((value) => ({ value, label: t.triage.priorities[value] }))}
        chosen={[c.priority]}
        onPick={(value) => void change({ priority: value as Priority }, done.change)}
      />
      <Picker
        {...openOf('tags')}
        label={t.triage.tags}
        icon={Tag}
        keys={INBOX_KEYS.label.keys}
        shown={t.triage.tags}
        choices={(choices?.tags ?? []).map(({ name }) => ({ value: name, label: name }))}
        chosen={c.tags}
        create={(text) => (tagName(text) === null ? null : t.triage.newTag(text))}
        onPick={(tag) =>
          void (c.tags.includes(tag)
            ? change({ remove_tags: [tag] }, done.untagged(tag))
            : change({ add_tags: [tag] }, done.tagged(tag)))
        }
      />
    </>
  )
}

function Sleep({ conversation: c, change, openOf, onOther }: PickersProps) {
  const now = new Date()
  const presets = snoozeChoices(now)
  const choices: Choice[] = [
    ...(c.snoozed_until ? [{ value: 'wake', label: t.triage.wake }] : []),
    ...presets.map(({ preset, label }) => ({ value: preset, label })),
    { value: 'other', label: t.triage.otherTime },
  ]
  function pick(value: string) {
    if (value === 'other') return onOther()
    const at = presets.find(({ preset }) => preset === value)?.at
    void change(
      { snoozed_until: at?.toISOString() ?? null },
      at ? t.triage.done.snoozed(clockOrDay(at, now)) : t.triage.done.awake,
    )
  }
  return (
    <Picker
      {...openOf('snooze')}
      label={t.triage.snooze}
      icon={Clock}
      keys={INBOX_KEYS.snooze.keys}
      disabled={c.status === 'closed' || c.status === 'spam'}
      shown={c.snoozed_until ? t.triage.snoozedUntil(clockOrDay(c.snoozed_until, now)) : t.triage.snooze}
      choices={choices}
      chosen={[]}
      onPick={pick}
    />
  )
}

function Tags({ conversation: { tags }, change }: Pick<PickersProps, 'conversation' | 'change'>) {
  if (tags.length === 0) return null
  return (
    <div className={styles.tags}>
      {tags.map((tag) => (
        <span key={tag} className={styles.tag}>
          {tag}
          <button
            type="button"
            aria-label={t.triage.removeTag(tag)}
            onClick={() => void change({ remove_tags: [tag] }, t.triage.done.untagged(tag))}
          >
            <X size={12} aria-hidden />
          </button>
        </span>
      ))}
    </div>
  )
}

/** Stars are people's: null for whoever is none. */
function useStar({ id, is_starred }: ConversationView): (() => void) | null {
  const star = useAction(starConversation)
  const unstar = useAction(unstarConversation)
  const client = useQueryClient()
  if (!useMe().user) return null
  const act = is_starred ? unstar : star
  return () => act.mutate({ params: { id } }, { onSuccess: () => refreshConversations(client) })
}

function Attention({ conversation: c, run }: { conversation: ConversationView; run: ReturnType<typeof useTriage>['run'] }) {
  const me = useMe()
  const star = useStar(c)
  const params = { id: c.id }
  const userId = me.user?.id as Id<'user'> | undefined
  if (!userId || !star) return null
  const follow = () =>
    void (c.is_followed
      ? run(call(unfollowConversation, { params: { ...params, user_id: userId } }), t.triage.done.unfollowed)
      : run(call(followConversation, { params: { ...params, user_id: userId } }), t.triage.done.followed))
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-pressed={c.is_starred}
        aria-label={c.is_starred ? t.triage.unstar : t.triage.star}
        title={c.is_starred ? t.triage.unstar : t.triage.star}
        onClick={star}
      >
        <Star size={16} aria-hidden fill={c.is_starred ? 'currentColor' : 'none'} />
      </ActionIcon>
      <Icon name={c.is_followed ? t.triage.unfollow : t.triage.follow} onClick={follow}>
        {c.is_followed ? <EyeOff size={16} aria-hidden /> : <Eye size={16} aria-hidden />}
      </Icon>
    </>
  )
}

interface MoreProps {
  readonly conversation: ConversationView
  readonly triage: ReturnType<typeof useTriage>
  readonly setOpen: (open: Open) => void
  readonly onSpam: () => void
  readonly onRemove: () => void
}

function More({ conversation: c, triage: { change, run }, setOpen, onSpam, onRemove }: MoreProps) {
  const navigate = useNavigate()
  async function clone() {
    const made = await run(call(cloneConversation, { params: { id: c.id } }), ({ number }) => t.triage.done.cloned(number))
    if (made) void navigate({ to: '/conversations/$number', params: { number: String(made.number) } })
  }
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.triage.more} title={t.triage.more}>
          <Ellipsis size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Merge size={14} aria-hidden />} onClick={() => setOpen('merge')}>
          {t.triage.merge}
        </Menu.Item>
        <Menu.Item leftSection={<Split size={14} aria-hidden />} onClick={() => setOpen('split')}>
          {t.triage.split}
        </Menu.Item>
        <Menu.Item leftSection={<MoveRight size={14} aria-hidden />} onClick={() => setOpen('move')}>
          {t.triage.move}
        </Menu.Item>
        <Menu.Item leftSection={<Copy size={14} aria-hidden />} onClick={() => void clone()}>
          {t.triage.clone}
        </Menu.Item>
        <Menu.Item leftSection={<Link2 size={14} aria-hidden />} onClick={() => setOpen('link')}>
          {t.triage.link}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<MailX size={14} aria-hidden />}
          onClick={() => void change({ auto_reply_off: !c.auto_reply_off }, t.triage.done.change)}
        >
          {c.auto_reply_off ? t.triage.autoReplyOn : t.triage.autoReplyOff}
        </Menu.Item>
        <Menu.Item leftSection={<ShieldAlert size={14} aria-hidden />} onClick={onSpam}>
          {c.status === 'spam' ? t.triage.notSpam : t.triage.spam}
        </Menu.Item>
        <Menu.Item color="red" leftSection={<Trash2 size={14} aria-hidden />} onClick={onRemove}>
          {t.triage.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

import { ActionIcon, Button, Menu, TextInput } from '@mantine/core'
import {
  Archive,
  ChevronDown,
  Clock,
  Inbox,
  Mail,
  MailOpen,
  MoveRight,
  Play,
  ShieldAlert,
  Star,
  Tag,
  Trash2,
  Undo2,
  UserPlus,
  X,
} from 'lucide-react'
import { useState } from 'react'
import { countConversations } from '../../../src/api/endpoints/conversation-lists.ts'
import { listAgents } from '../../../src/api/endpoints/teams.ts'
import { PRIORITIES } from '../../../src/helpdesk/conversation.ts'
import { useMe } from '../../me.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { type ManyButton, PressMany, useButtonsFor } from '../../workflows/runs/press-many.tsx'
import { INBOX_KEYS } from '../keys.ts'
import { snoozeChoices } from '../snooze-choices.ts'
import styles from './bulk-bar.module.css'
import type { Place } from './list-search.ts'
import type { Wish } from './use-bulk.ts'
import type { Selection } from './use-selection.ts'

interface Props {
  readonly selection: Selection
  readonly place: Place
  readonly act: (wish: Wish) => void
}

/** What can be done with what is chosen. It stands where the filters stood. */
export function BulkBar({ selection, place, act }: Props) {
  const [tagging, setTagging] = useState<'add_tags' | 'remove_tags' | null>(null)
  const [pressing, setPressing] = useState<ManyButton | null>(null)
  const words = t.inboxList.act
  const folder = place.kind === 'folder' ? place.folder : null
  return (
    <div className={styles.bar} role="toolbar" aria-label={t.inboxList.selected(selection.rows.length)}>
      <ActionIcon variant="subtle" color="gray" aria-label={t.inboxList.selectNone} onClick={selection.none}>
        <X size={15} aria-hidden />
      </ActionIcon>
      <span className={styles.size} role="status">
        <span aria-hidden>{t.inboxList.selectedShort(selection.rows.length)}</span>
        <span className="visually-hidden">{t.inboxList.selected(selection.rows.length)}</span>
      </span>
      {folder === 'deleted' ? (
        <Act icon={Undo2} name={words.restore} onClick={() => act({ act: 'restore' })} />
      ) : (
        <>
          {folder === 'closed' || folder === 'spam' ? (
            <Act
              icon={Inbox}
              name={folder === 'spam' ? words.notSpam : words.open}
              onClick={() => act({ set: { status: 'open' } })}
            />
          ) : (
            <Act
              icon={Archive}
              name={words.close}
              keys={INBOX_KEYS.close.keys}
              onClick={() => act({ set: { status: 'closed' } })}
            />
          )}
          <Assign act={act} />
          <More act={act} onTag={setTagging} rows={selection.rows} onPress={setPressing} />
        </>
      )}
      {pressing && (
        <PressMany
          button={pressing}
          rows={selection.rows}
          onClose={() => setPressing(null)}
          onDone={() => {
            setPressing(null)
            selection.none()
          }}
        />
      )}
      {tagging && (
        <TagDialog
          act={tagging === 'add_tags' ? t.inboxList.tagAct : t.inboxList.untagAct}
          onClose={() => setTagging(null)}
          onTag={(tag) => {
            setTagging(null)
            act({ set: { [tagging]: [tag] } })
          }}
        />
      )}
    </div>
  )
}

function Act({ icon: Icon, name, keys, onClick }: { icon: typeof X; name: string; keys?: string; onClick: () => void }) {
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<Icon size={14} aria-hidden />}
      {...(keys && { title: `${name} (${keys})`, 'aria-keyshortcuts': keys })}
      onClick={onClick}
    >
      {name}
    </Button>
  )
}

const LISTED = 40

function Assign({ act }: { act: Props['act'] }) {
  const me = useMe()
  const agents = useEndpoint(listAgents, {}).data?.items ?? []
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<UserPlus size={14} aria-hidden />}
          rightSection={<ChevronDown size={13} aria-hidden />}
        >
          {t.inboxList.act.assign}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={styles.menu ?? ''}>
        {me.user && (
          <Menu.Item onClick={() => act({ set: { assignee_id: me.user?.id ?? null } })}>{t.inboxList.act.assignMe}</Menu.Item>
        )}
        <Menu.Item onClick={() => act({ set: { assignee_id: null } })}>{t.inboxList.act.unassign}</Menu.Item>
        <Menu.Divider />
        {agents.slice(0, LISTED).map(({ id, name }) => (
          <Menu.Item key={id} onClick={() => act({ set: { assignee_id: id } })}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

interface MoreProps {
  readonly act: Props['act']
  readonly onTag: (what: 'add_tags' | 'remove_tags') => void
  readonly rows: Selection['rows']
  readonly onPress: (button: ManyButton) => void
}

function More({ act, onTag, rows, onPress }: MoreProps) {
  const buttons = useButtonsFor(rows, true)
  const inboxes = useEndpoint(countConversations, {}).data?.inboxes ?? []
  const words = t.inboxList.act
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button size="compact-sm" variant="default" rightSection={<ChevronDown size={13} aria-hidden />}>
          {words.more}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={styles.menu ?? ''}>
        <Menu.Item leftSection={<Inbox size={14} aria-hidden />} onClick={() => act({ set: { status: 'open' } })}>
          {words.open}
        </Menu.Item>
        <Menu.Item leftSection={<Clock size={14} aria-hidden />} onClick={() => act({ set: { status: 'pending' } })}>
          {words.pending}
        </Menu.Item>
        <Menu.Item leftSection={<ShieldAlert size={14} aria-hidden />} onClick={() => act({ set: { status: 'spam' } })}>
          {words.spam}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<Star size={14} aria-hidden />} onClick={() => act({ act: 'star' })}>
          {words.star}
        </Menu.Item>
        <Menu.Item leftSection={<MailOpen size={14} aria-hidden />} onClick={() => act({ act: 'read' })}>
          {words.read}
        </Menu.Item>
        <Menu.Item leftSection={<Mail size={14} aria-hidden />} onClick={() => act({ act: 'unread' })}>
          {words.unread}
        </Menu.Item>
        <Menu.Item leftSection={<Tag size={14} aria-hidden />} onClick={() => onTag('add_tags')}>
          {words.tag}
        </Menu.Item>
        <Menu.Item leftSection={<Tag size={14} aria-hidden />} onClick={() => onTag('remove_tags')}>
          {words.untag}
        </Menu.Item>
        {buttons.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Label>{t.automations.buttons}</Menu.Label>
            {buttons.slice(0, LISTED).map((button) => (
              <Menu.Item
                key={`${button.workflow.id} ${button.node}`}
                leftSection={<Play size={14} aria-hidden />}
                title={button.workflow.name}
                onClick={() => onPress(button)}
              >
                {button.label}
              </Menu.Item>
            ))}
          </>
        )}
        <Menu.Divider />
        <Menu.Label>{words.snooze}</Menu.Label>
        {snoozeChoices(new Date()).map(({ preset, at, label }) => (
          <Menu.Item
            key={preset}
            leftSection={<Clock size={14} aria-hidden />}
            onClick={() => act({ set: { snoozed_until: at.toISOString() } })}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => act({ set: { snoozed_until: null } })}>{words.wake}</Menu.Item>
        <Menu.Divider />
        <Menu.Label>{words.priority}</Menu.Label>
        {PRIORITIES.map((priority) => (
          <Menu.Item key={priority} onClick={() => act({ set: { priority } })}>
            {t.inboxList.priority[priority]}
          </Menu.Item>
        ))}
        {inboxes.length > 1 && (
          <>
            <Menu.Divider />
            <Menu.Label>{words.move}</Menu.Label>
            {inboxes.slice(0, LISTED).map(({ id, name }) => (
              <Menu.Item
                key={id}
                leftSection={<MoveRight size={14} aria-hidden />}
                onClick={() => act({ set: { inbox_id: id } })}
              >
                {name}
              </Menu.Item>
            ))}
          </>
        )}
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<Trash2 size={14} aria-hidden />} onClick={() => act({ act: 'delete' })}>
          {words.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function TagDialog({ act, onTag, onClose }: { act: string; onTag: (tag: string) => void; onClose: () => void }) {
  const [tag, setTag] = useState('')
  return (
    <Dialog title={t.inboxList.tagAsk} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (tag.trim()) onTag(tag.trim().toLowerCase())
        }}
      >
        <TextInput
          label={t.inboxList.tag}
          value={tag}
          maxLength={50}
          data-autofocus
          onChange={(event) => setTag(event.currentTarget.value)}
        />
        <Button type="submit" disabled={tag.trim() === ''}>
          {act}
        </Button>
      </form>
    </Dialog>
  )
}

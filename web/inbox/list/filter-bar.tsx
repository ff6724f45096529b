import { ActionIcon, Button, Menu, Popover, Select, Switch, TextInput } from '@mantine/core'
import { ArrowUpDown, BookmarkPlus, ListFilter, MailCheck, X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { countConversations } from '../../../src/api/endpoints/conversation-lists.ts'
import { listAgents } from '../../../src/api/endpoints/teams.ts'
import type { FieldDefinition } from '../../../src/api/endpoints/triage.ts'
import { listCustomFields, listStatusLabels } from '../../../src/api/endpoints/triage-settings.ts'
import { CHANNELS, CONVERSATION_STATUSES, PRIORITIES } from '../../../src/helpdesk/conversation.ts'
import { SORTS } from '../../../src/helpdesk/list/filter.ts'
import { useMe } from '../../me.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { useReadAll } from '../seen.ts'
import { FieldInput } from '../triage/field-input.tsx'
import styles from './filter-bar.module.css'
import { FILTER_KEYS, isFiltered, type ListSearch } from './list-search.ts'

interface Props {
  readonly search: ListSearch
  readonly set: (change: ListSearch) => void
  readonly onSaveView: () => void
}

/** Filters and order, each kept in the URL: back works, and a filtered list can be sent to a colleague. */
export function FilterBar({ search, set, onSaveView }: Props) {
  const [isOpen, setOpen] = useState(false)
  const filtered = isFiltered(search)
  const readAll = useReadAll()
  const mayWrite = useMe().permissions.includes('conversations.write')
  return (
    <div className={styles.bar}>
      <Popover opened={isOpen} onChange={setOpen} position="bottom-end" withinPortal trapFocus width={260}>
        <Popover.Target>
          <ActionIcon
            variant={filtered ? 'light' : 'subtle'}
            color={filtered ? 'petrol' : 'gray'}
            aria-label={t.inboxList.filter}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            <ListFilter size={16} aria-hidden />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown aria-label={t.inboxList.filters}>
          <Fields search={search} set={set} />
          {filtered && (
            <div className={styles.foot}>
              <Button
                size="compact-sm"
                variant="subtle"
                leftSection={<X size={13} aria-hidden />}
                onClick={() => set(NO_FILTERS)}
              >
                {t.inboxList.clear}
              </Button>
            </div>
          )}
        </Popover.Dropdown>
      </Popover>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t.inboxList.sort}>
            <ArrowUpDown size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {SORTS.map((sort) => (
            <Menu.Item
              key={sort}
              aria-current={(search.sort ?? 'latest') === sort}
              fw={(search.sort ?? 'latest') === sort ? 600 : 400}
              onClick={() => set({ sort: sort === 'latest' ? undefined : sort })}
            >
              {t.inboxList.sorts[sort]}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<MailCheck size={14} aria-hidden />} onClick={readAll}>
            {t.inboxList.act.readAll}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {mayWrite && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t.inboxList.saveView}
          title={t.inboxList.saveView}
          onClick={onSaveView}
        >
          <BookmarkPlus size={16} aria-hidden />
        </ActionIcon>
      )}
    </div>
  )
}

export const NO_FILTERS = Object.fromEntries(FILTER_KEYS.map((key) => [key, undefined])) as ListSearch

function Fields({ search, set }: Pick<Props, 'search' | 'set'>) {
  const agents = useEndpoint(listAgents, {}).data?.items ?? []
  const teams = useEndpoint(countConversations, {}).data?.teams ?? []
  const words = t.inboxList
  const named = <Key extends string>(values: readonly Key[], names: Readonly<Record<Key, string>>) =>
    values.map((value) => ({ value, label: names[value] }))
  return (
    <div className={styles.fields}>
      <Choose
        label={words.statusLabel}
        value={search.status}
        onChange={(status) => set({ status: status as ListSearch['status'] })}
        data={named(CONVERSATION_STATUSES, words.status)}
      />
      <Choose
        label={words.assignee}
        value={search.assignee}
        onChange={(assignee) => set({ assignee })}
        data={[
          { value: 'me', label: words.me },
          { value: 'none', label: words.none },
          ...agents.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      {teams.length > 0 && (
        <Choose
          label={words.team}
          value={search.team}
          onChange={(team) => set({ team })}
          data={[{ value: 'none', label: words.none }, ...teams.map(({ id, name }) => ({ value: id, label: name }))]}
        />
      )}
      <Choose
        label={words.priorityLabel}
        value={search.priority}
        onChange={(priority) => set({ priority: priority as ListSearch['priority'] })}
        data={named(PRIORITIES, words.priority)}
      />
      <Choose
        label={words.channelLabel}
        value={search.channel}
        onChange={(channel) => set({ channel: channel as ListSearch['channel'] })}
        data={named(CHANNELS, words.channel)}
      />
      <TagField value={search.tag ?? ''} onChange={(tag) => set({ tag: tag || undefined })} />
      <LabelAndField search={search} set={set} />
      <Switch
        label={words.onlyFiles}
        size="xs"
        checked={search.files ?? false}
        onChange={(event) => set({ files: event.currentTarget.checked || undefined })}
      />
      <Switch
        label={words.onlyWaiting}
        size="xs"
        checked={search.waiting ?? false}
        onChange={(event) => set({ waiting: event.currentTarget.checked || undefined })}
      />
      <Switch
        label={words.onlyUnread}
        size="xs"
        checked={search.unread ?? false}
        onChange={(event) => set({ unread: event.currentTarget.checked || undefined })}
      />
    </div>
  )
}

/** What a workspace added to its conversations; nothing where it added nothing. */
function LabelAndField({ search, set }: Pick<Props, 'search' | 'set'>) {
  const labels = useEndpoint(listStatusLabels, {}).data?.items ?? []
  const fields = useEndpoint(listCustomFields, {}).data?.items ?? []
  const field = fields.find(({ id }) => id === search.field)
  return (
    <>
      {labels.length > 0 && (
        <Choose
          label={t.inboxList.labelLabel}
          value={search.label}
          onChange={(label) => set({ label })}
          data={labels.map(({ id, name }) => ({ value: id, label: name }))}
        />
      )}
      {fields.length > 0 && (
        <Choose
          label={t.inboxList.fieldLabel}
          value={search.field}
          onChange={(chosen) => set({ field: chosen, is: undefined })}
          data={fields.map(({ id, name }) => ({ value: id, label: name }))}
        />
      )}
      {field && <FieldValue key={field.id} field={field} value={search.is} onChange={(is) => set({ is })} />}
    </>
  )
}

type Value = ListSearch['is']

/** Takes effect when it is settled, in the type that the field has. */
function FieldValue({ field, value, onChange }: { field: FieldDefinition; value: Value; onChange: (value: Value) => void }) {
  const [draft, setDraft] = useState<unknown>(value ?? null)
  const isChosen = field.type === 'choice' || field.type === 'choices' || field.type === 'boolean'
  const settle = (next: unknown) => onChange((next === null || next === '' ? undefined : next) as Value)
  // Of several choices one is looked for.
  const shown: FieldDefinition = { ...field, type: field.type === 'choices' ? 'choice' : field.type, is_required: false }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears what bubbles from the field in it
    <div onBlur={() => !isChosen && settle(draft)} onKeyDown={(event) => event.key === 'Enter' && !isChosen && settle(draft)}>
      <FieldInput
        field={shown}
        value={draft}
        isInPopover
        onChange={(next) => {
          setDraft(next)
          if (isChosen) settle(next)
        }}
      />
    </div>
  )
}

interface PickProps {
  readonly label: string
  readonly value: string | undefined
  readonly onChange: (value: string | undefined) => void
  readonly data: readonly { value: string; label: string }[]
}

function Choose({ label, value, onChange, data }: PickProps): ReactNode {
  return (
    <Select
      size="xs"
      label={label}
      placeholder={t.inboxList.any}
      clearable
      searchable={data.length > 8}
      clearButtonProps={{ 'aria-label': t.inboxList.any }}
      comboboxProps={{ withinPortal: false }}
      data={[...data]}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
    />
  )
}

/** Takes effect on Enter or on leaving: half a tag finds nothing. */
function TagField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value)
  const settle = () => {
    if (text.trim().toLowerCase() !== value) onChange(text.trim().toLowerCase())
  }
  return (
    <TextInput
      size="xs"
      label={t.inboxList.tag}
      placeholder={t.inboxList.tagHint}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={(event) => event.key === 'Enter' && settle()}
    />
  )
}

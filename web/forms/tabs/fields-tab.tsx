import { ActionIcon, Button, Checkbox, Menu, Textarea, TextInput } from '@mantine/core'
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react'
import { useRef, useState } from 'react'
import { listContactFields } from '../../../src/api/endpoints/lists.ts'
import { DATA_PREFIX, type FormField, type FormSettings, OWN_FIELDS } from '../../../src/forms/form.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Panel } from '../../ui/panel.tsx'
import { useFocusNext } from '../../ui/use-focus-next.ts'
import styles from '../forms.module.css'
import type { PartProps } from '../use-form-draft.ts'
import { ConsentsPanel } from './consents-panel.tsx'
import { ListsPanel } from './lists-panel.tsx'

export function FieldsTab(part: PartProps) {
  return (
    <div className={styles.stack}>
      <ListsPanel {...part} />
      <Fields {...part} />
      <ConsentsPanel {...part} />
    </div>
  )
}

function Fields({ settings, set }: PartProps) {
  const own = useEndpoint(listContactFields, {}).data?.items ?? []
  const { fields } = settings
  const rows = useRef<HTMLDivElement>(null)
  const focusNext = useFocusNext()
  const nameOf = (key: string) =>
    key.startsWith(DATA_PREFIX)
      ? (own.find((field) => field.key === key.slice(DATA_PREFIX.length))?.label ?? key)
      : t.forms.own[key as (typeof OWN_FIELDS)[number]]
  const left = [...OWN_FIELDS, ...own.map((field) => `${DATA_PREFIX}${field.key}`)].filter(
    (key) => !fields.some((field) => field.key === key),
  )
  const change = (key: string, said: Partial<FormField>) =>
    set({ fields: fields.map((field) => (field.key === key ? { ...field, ...said } : field)) })
  function drop(at: number) {
    focusNext(() => rows.current?.children[Math.min(at, fields.length - 2)]?.querySelector('input'))
    set({ fields: fields.filter((_, i) => i !== at) })
  }
  const add = (key: string) => set({ fields: [...fields, { key, label: nameOf(key), placeholder: '', required: false }] })
  return (
    <Panel title={t.forms.fields} aside={<AddField left={left} nameOf={nameOf} onAdd={add} />}>
      <div ref={rows} className={styles.rows}>
        {fields.map((field, at) => (
          <FieldRow
            key={field.key}
            field={field}
            name={nameOf(field.key)}
            isFirst={at === 0}
            isLast={at === fields.length - 1}
            onChange={(said) => change(field.key, said)}
            onMove={(by) => set({ fields: moved(fields, at, by) })}
            onDrop={() => drop(at)}
          />
        ))}
      </div>
      {fields.some(({ key }) => key === 'language') && <Languages settings={settings} set={set} />}
    </Panel>
  )
}

function AddField({
  left,
  nameOf,
  onAdd,
}: {
  readonly left: readonly string[]
  readonly nameOf: (key: string) => string
  readonly onAdd: (key: string) => void
}) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button size="compact-sm" variant="default" leftSection={<Plus size={13} aria-hidden />}>
          {t.forms.addField}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
        {left.length === 0 && <Menu.Label>{t.forms.allFields}</Menu.Label>}
        {left.map((key) => (
          <Menu.Item key={key} onClick={() => onAdd(key)}>
            {nameOf(key)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function moved(fields: readonly FormField[], at: number, by: 1 | -1): FormField[] {
  const next = [...fields]
  const [one, other] = [next[at], next[at + by]]
  if (!one || !other) return next
  next[at] = other
  next[at + by] = one
  return next
}

interface FieldRowProps {
  readonly field: FormField
  readonly name: string
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly onChange: (said: Partial<FormField>) => void
  readonly onMove: (by: 1 | -1) => void
  readonly onDrop: () => void
}

function FieldRow({ field, name, isFirst, isLast, onChange, onMove, onDrop }: FieldRowProps) {
  const says = t.forms.field
  const isAddress = field.key === 'email'
  return (
    <div className={styles.row}>
      <TextInput
        label={`${name}: ${says.label}`}
        maxLength={100}
        value={field.label}
        onChange={(event) => onChange({ label: event.currentTarget.value })}
      />
      <TextInput
        label={says.placeholder}
        maxLength={100}
        value={field.placeholder}
        onChange={(event) => onChange({ placeholder: event.currentTarget.value })}
      />
      <Checkbox
        mb={8}
        label={says.required}
        checked={isAddress || field.required}
        disabled={isAddress}
        onChange={(event) => onChange({ required: event.currentTarget.checked })}
      />
      <span className={styles.acts}>
        <ActionIcon variant="subtle" color="gray" aria-label={t.forms.up(name)} disabled={isFirst} onClick={() => onMove(-1)}>
          <ArrowUp size={15} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={t.forms.down(name)} disabled={isLast} onClick={() => onMove(1)}>
          <ArrowDown size={15} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={t.forms.drop(name)} disabled={isAddress} onClick={onDrop}>
          <Trash2 size={15} aria-hidden />
        </ActionIcon>
      </span>
    </div>
  )
}

function Languages({ settings, set }: { readonly settings: FormSettings; readonly set: PartProps['set'] }) {
  const [text, setText] = useState(() => settings.languages.map(({ tag, name }) => `${tag} ${name}`).join('\n'))
  return (
    <Textarea
      label={t.forms.languages}
      description={t.forms.languagesHint}
      autosize
      minRows={2}
      maxRows={8}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        const rows = event.currentTarget.value
          .split('\n')
          .map((row) => /^\s*([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s+(\S.*)$/.exec(row))
        set({
          languages: rows
            .flatMap((found) => (found ? [{ tag: found[1] ?? '', name: (found[2] ?? '').trim().slice(0, 60) }] : []))
            .slice(0, 50),
        })
      }}
    />
  )
}

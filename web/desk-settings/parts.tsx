import { Button, Select } from '@mantine/core'
import { ArrowUp, Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import { COLORS, type Color } from '../../src/helpdesk/triage/tag.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { FormActs } from '../ui/form.tsx'
import styles from './desk-settings.module.css'

export function Chip({ name, color }: { name: string; color: string }) {
  return (
    <span className={styles.chip}>
      <span className={styles.dot} data-color={color} aria-hidden />
      {name}
    </span>
  )
}

export function ColorSelect({ color, onChange }: { color: Color; onChange: (color: Color) => void }) {
  const data = COLORS.map((value) => ({ value, label: t.deskSettings.colors[value] }))
  return (
    <Select
      label={t.deskSettings.color}
      data={data}
      value={color}
      allowDeselect={false}
      onChange={(value) => value && onChange(value as Color)}
    />
  )
}

export function AddButton({ because, onClick, children }: { because: string | null; onClick: () => void; children: ReactNode }) {
  return (
    <ActButton
      size="compact-sm"
      variant="default"
      leftSection={<Plus size={14} aria-hidden />}
      because={because}
      onClick={onClick}
    >
      {children}
    </ActButton>
  )
}

interface RowActsProps {
  readonly name: string
  readonly because: string | null
  readonly onEdit: () => void
  readonly onRemove: () => void
}

export function RowActs({ name, because, onEdit, onRemove }: RowActsProps) {
  const says = t.deskSettings
  return (
    <span className={styles.acts}>
      <ActButton size="compact-sm" variant="default" because={because} label={says.editOf(name)} onClick={onEdit}>
        {says.edit}
      </ActButton>
      <ActButton size="compact-sm" variant="default" because={because} label={says.removeOf(name)} onClick={onRemove}>
        {says.remove}
      </ActButton>
    </span>
  )
}

/** One place further up, where there is one. */
export function UpButton({ name, because, onClick }: { name: string; because: string | null; onClick: () => void }) {
  return (
    <ActButton size="compact-sm" variant="subtle" because={because} label={t.deskSettings.up(name)} onClick={onClick}>
      <ArrowUp size={14} aria-hidden />
    </ActButton>
  )
}

/** The ids with one of them a place further up. */
export function movedUp<Id>(items: readonly { readonly id: Id }[], index: number): Id[] {
  const ids = items.map(({ id }) => id)
  ids.splice(Math.max(0, index - 1), 0, ...ids.splice(index, 1))
  return ids
}

export function SaveActs({ busy, onClose }: { busy: boolean; onClose: () => void }) {
  return (
    <FormActs end>
      <Button variant="default" onClick={onClose}>
        {t.common.cancel}
      </Button>
      <Button type="submit" loading={busy}>
        {t.deskSettings.save}
      </Button>
    </FormActs>
  )
}

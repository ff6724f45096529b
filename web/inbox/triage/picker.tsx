import { Button, Combobox, useCombobox } from '@mantine/core'
import { Check, ChevronDown, type LucideIcon } from 'lucide-react'
import { useEffect, useState } from 'react'
import { t } from '../../texts/texts.ts'
import { KeyHint } from '../../ui/key-hint.tsx'
import styles from './triage.module.css'

export interface Choice {
  readonly value: string
  readonly label: string
  /** Found by these words as well. */
  readonly hint?: string
}

interface Props {
  readonly label: string
  readonly icon: LucideIcon
  /** What the button shows. */
  readonly shown: string
  readonly keys?: string
  readonly choices: readonly Choice[]
  readonly chosen: readonly string[]
  readonly isOpen: boolean
  readonly setOpen: (isOpen: boolean) => void
  readonly onPick: (value: string) => void
  /** What nobody has chosen before may be made. */
  readonly create?: (text: string) => string | null
  readonly disabled?: boolean
}

/** A button that opens a list with a search: everything in it is reached by typing two letters and Enter. */
export function Picker({
  label,
  icon: Icon,
  shown,
  keys,
  choices,
  chosen,
  isOpen,
  setOpen,
  onPick,
  create,
  disabled = false,
}: Props) {
  const [search, setSearch] = useState('')
  const combobox = useCombobox({ opened: isOpen, onOpenedChange: setOpen })
  const wanted = search.trim().toLowerCase()
  const found = (isOpen ? choices : [])
    .filter((choice) => `${choice.label} ${choice.hint ?? ''}`.toLowerCase().includes(wanted))
    .slice(0, 60)
  const isNew = create && wanted !== '' && !choices.some((choice) => choice.value === wanted) ? create(wanted) : null
  // biome-ignore lint/correctness/useExhaustiveDependencies: exactly when it opens and when what is found changes
  useEffect(() => {
    if (!isOpen) return setSearch('')
    combobox.focusSearchInput()
  }, [isOpen])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first of what is found is ready to be taken
  useEffect(() => {
    if (isOpen) combobox.selectFirstOption()
  }, [isOpen, wanted])
  return (
    <Combobox
      store={combobox}
      position="bottom-start"
      width={260}
      onOptionSubmit={(value) => {
        setOpen(false)
        onPick(value)
      }}
    >
      <Combobox.Target targetType="button">
        <Button
          size="compact-sm"
          variant="default"
          disabled={disabled}
          leftSection={<Icon size={14} aria-hidden />}
          rightSection={<ChevronDown size={13} aria-hidden />}
          aria-label={`${label}: ${shown}`}
          title={keys ? `${label} (${keys})` : label}
          {...(keys && { 'aria-keyshortcuts': keys })}
          onClick={() => setOpen(!isOpen)}
        >
          <span className={styles.shown}>{shown}</span>
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          placeholder={t.triage.search}
          aria-label={label}
          rightSection={keys && <KeyHint keys={keys} />}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Combobox.Options className={styles.options ?? ''} aria-label={label}>
          {found.map(({ value, label: name }) => (
            <Combobox.Option key={value} value={value} active={chosen.includes(value)}>
              <span className={styles.option}>
                <span>{name}</span>
                {chosen.includes(value) && <Check size={14} aria-hidden />}
              </span>
            </Combobox.Option>
          ))}
          {isNew && <Combobox.Option value={wanted}>{isNew}</Combobox.Option>}
          {isOpen && found.length === 0 && !isNew && <Combobox.Empty>{t.triage.nothing}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}

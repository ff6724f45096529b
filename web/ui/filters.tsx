import { SegmentedControl, Select, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { type CSSProperties, type ReactNode, useState } from 'react'
import styles from './filters.module.css'

interface BarProps {
  readonly label: string
  readonly widths?: { readonly text?: number; readonly choice?: number }
  readonly children: ReactNode
}

/** What narrows a list down, in one line above it where there is room. */
export function FilterBar({ label, widths = {}, children }: BarProps) {
  const { text, choice } = widths
  const wanted = { ...(text && { '--filter-text': `${text}px` }), ...(choice && { '--filter-choice': `${choice}px` }) }
  return (
    // biome-ignore lint/a11y/useSemanticElements: the search element is not yet known to every screen reader
    <div className={styles.bar} style={wanted as CSSProperties} role="search" aria-label={label}>
      {children}
    </div>
  )
}

interface SetsProps<Name extends string> {
  readonly label: string
  /** None of them where the filters came by a link and fit no set. */
  readonly value: Name | undefined
  readonly data: readonly { readonly value: Name; readonly label: string }[]
  readonly set: (name: Name) => void
}

/** What is asked for most, a press away; it scrolls where it has no room. */
export function FilterSets<Name extends string>({ label, value, data, set }: SetsProps<Name>) {
  return (
    <div className={styles.sets}>
      <SegmentedControl
        size="xs"
        aria-label={label}
        value={value ?? ''}
        onChange={(name) => set(name as Name)}
        data={[...data]}
      />
    </div>
  )
}

interface TextProps {
  readonly label: string
  readonly placeholder: string
  readonly value: string | undefined
  readonly set: (text: string | undefined) => void
}

/** Takes effect on Enter or on leaving: what is half typed finds nothing. */
export function TextFilter({ label, placeholder, value = '', set }: TextProps) {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  // Filters can be changed elsewhere: by a link, by going back.
  if (value !== known) {
    setKnown(value)
    setText(value)
  }
  function settle() {
    const wanted = text.trim()
    if (wanted !== value) set(wanted || undefined)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        settle()
      }}
    >
      <TextInput
        className={styles.text ?? ''}
        size="xs"
        type="search"
        aria-label={label}
        placeholder={placeholder}
        leftSection={<Search size={13} aria-hidden />}
        maxLength={320}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={settle}
      />
    </form>
  )
}

interface ChoiceProps<Value extends string> {
  readonly label: string
  /** What it says while nothing is chosen. */
  readonly any: string
  readonly data: readonly { readonly value: Value; readonly label: string }[]
  readonly value: Value | undefined
  readonly set: (value: Value | undefined) => void
  readonly searchable?: boolean
  readonly size?: 'xs' | 'sm'
}

export function ChoiceFilter<Value extends string>(props: ChoiceProps<Value>) {
  const { label, any, data, value, set, searchable = false, size = 'xs' } = props
  return (
    <Select
      className={styles.choice ?? ''}
      size={size}
      aria-label={label}
      placeholder={any}
      searchable={searchable}
      clearable
      clearButtonProps={{ 'aria-label': any }}
      data={[...data]}
      value={value ?? null}
      onChange={(next) => set((next as Value | null) ?? undefined)}
    />
  )
}

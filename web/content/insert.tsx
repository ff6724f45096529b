import { Button, Menu } from '@mantine/core'
import { Braces } from 'lucide-react'
import { createContext, type ReactNode, useContext, useMemo, useRef } from 'react'
import { listContactFields } from '../../src/api/endpoints/lists.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'

type Insert = (text: string) => void

const InsertContext = createContext<{ readonly set: (insert: Insert) => void; readonly now: Insert }>({
  set: () => {},
  now: () => {},
})

/** Whatever was written in last takes what is inserted. */
export function InsertProvider({ children }: { children: ReactNode }) {
  const last = useRef<Insert | null>(null)
  const value = useMemo(
    () => ({
      set: (insert: Insert) => {
        last.current = insert
      },
      now: (text: string) => last.current?.(text),
    }),
    [],
  )
  return <InsertContext value={value}>{children}</InsertContext>
}

/** For a field that takes them: called when it is entered. */
export function useTakesInserts(): (insert: Insert) => void {
  return useContext(InsertContext).set
}

/** For a button that puts something in. */
export function useInsert(): Insert {
  return useContext(InsertContext).now
}

/** At the caret of a field of the browser's own, by its own way, so that undo knows it. */
export function insertInto(field: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  field.focus()
  document.execCommand('insertText', false, text)
}

const USUAL = ['first_name', 'last_name', 'name', 'email', 'company', 'job_title', 'language', 'external_id'] as const

export function InsertMenu() {
  const { now } = useContext(InsertContext)
  const own = useEndpoint(listContactFields, {})
  const item = (label: string, text: string) => (
    <Menu.Item key={text} onClick={() => now(text)}>
      {label}
    </Menu.Item>
  )
  return (
    <Menu position="bottom-end" withinPortal returnFocus={false}>
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<Braces size={13} aria-hidden />} title={t.content.insertHint}>
          {t.content.insert}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
        <Menu.Label>{t.content.usualFields}</Menu.Label>
        {USUAL.map((name) => item(name, `{{ contact.${name} }}`))}
        {own.data && own.data.items.length > 0 && (
          <>
            <Menu.Label>{t.content.ownFields}</Menu.Label>
            {own.data.items.map(({ key, label }) => item(label, `{{ contact.${key} }}`))}
          </>
        )}
        <Menu.Label>{t.content.otherFields}</Menu.Label>
        {item(t.content.unsubscribe, '{{ unsubscribe_url }}')}
        {item(t.content.preferences, '{{ preferences_url }}')}
        {item(t.content.archive, '{{ archive_url }}')}
        {item(t.content.campaignName, '{{ campaign.name }}')}
      </Menu.Dropdown>
    </Menu>
  )
}

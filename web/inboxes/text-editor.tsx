import { ActionIcon, Menu } from '@mantine/core'
import type { Editor } from '@tiptap/react'
import { Braces } from 'lucide-react'
import { useRef } from 'react'
import type { Variable } from '../../src/helpdesk/variables.ts'
import { RichText } from '../inbox/composer/rich-text.tsx'
import { t } from '../texts/texts.ts'
import styles from './inboxes.module.css'

interface Props {
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly error?: string | undefined
  readonly variables: readonly Variable[]
  readonly onChange: (html: string) => void
}

/** A text that is written once, with variables in it: signatures and automatic answers. */
export function TextEditor({ label, hint, value, error, variables, onChange }: Props) {
  const editor = useRef<Editor | null>(null)
  const insert = (name: Variable) => editor.current?.chain().focus().insertContent(`{{ ${name} }}`).run()
  return (
    <div>
      <div className={styles.label}>{label}</div>
      {hint && <div className={styles.quiet}>{hint}</div>}
      <RichText
        label={label}
        initial={value}
        onChange={onChange}
        onEditor={(made) => {
          editor.current = made
        }}
        tools={
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" title={t.inboxes.variable} aria-label={t.inboxes.variable}>
                <Braces size={15} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {variables.map((name) => (
                <Menu.Item key={name} onClick={() => insert(name)}>
                  {t.variables[name]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        }
      />
      {error && <div className={styles.error}>{error}</div>}
    </div>
  )
}

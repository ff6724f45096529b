// biome-ignore-all lint/a11y/useSemanticElements: a textarea holds no bold words; the ARIA text box says what this is
import { Menu, UnstyledButton } from '@mantine/core'
import { Bold, Braces, Italic, Link as LinkIcon, List, type LucideIcon } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import type { Variable } from '../../src/helpdesk/variables.ts'
import { t } from '../texts/texts.ts'
import { AskLink } from './ask-link.tsx'
import styles from './rich-text.module.css'
import { safeNodes } from './safe-nodes.ts'

interface Props {
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly error?: string | undefined
  readonly variables?: readonly Variable[]
  readonly onChange: (html: string) => void
}

/** A few lines with bold words, links and variables: signatures and automatic answers. The server cleans what comes out of it. */
export function RichText({ label, hint, value, error, variables = [], onChange }: Props) {
  const id = useId()
  const area = useRef<HTMLDivElement>(null)
  const written = useRef<string | null>(null)
  const place = useRef<Range | null>(null)
  const [linking, setLinking] = useState(false)
  useEffect(() => {
    // What was typed here stands already; only what came from elsewhere is drawn anew, or the cursor would jump.
    if (!area.current || value === written.current) return
    area.current.replaceChildren(safeNodes(value, document))
    written.current = value
  }, [value])

  function tell() {
    written.current =
      area.current?.textContent?.trim() || area.current?.querySelector('img') ? (area.current?.innerHTML ?? '') : ''
    onChange(written.current)
  }
  function run(command: string, argument?: string) {
    area.current?.focus()
    const selection = getSelection()
    if (place.current && selection) {
      selection.removeAllRanges()
      selection.addRange(place.current)
    }
    document.execCommand(command, false, argument)
    tell()
  }
  /** Menus and dialogs take the focus away; what they do is done where it was. */
  function remember() {
    const selection = getSelection()
    const range = selection && selection.rangeCount > 0 ? selection.getRangeAt(0) : null
    place.current = range && area.current?.contains(range.commonAncestorContainer) ? range.cloneRange() : null
  }
  return (
    <div>
      <span id={id} className={styles.label}>
        {label}
      </span>
      {hint && <div className={styles.hint}>{hint}</div>}
      <div className={styles.frame}>
        <div className={styles.tools} role="toolbar" aria-label={label}>
          <Tool icon={Bold} label={t.richText.bold} onPress={() => run('bold')} />
          <Tool icon={Italic} label={t.richText.italic} onPress={() => run('italic')} />
          <Tool icon={List} label={t.richText.list} onPress={() => run('insertUnorderedList')} />
          <Tool icon={LinkIcon} label={t.richText.link} onPress={() => setLinking(true)} />
          <span className={styles.space} />
          {variables.length > 0 && <VariableMenu variables={variables} onChoose={(name) => run('insertText', `{{ ${name} }}`)} />}
        </div>
        <div
          ref={area}
          className={styles.area}
          role="textbox"
          tabIndex={0}
          aria-multiline="true"
          aria-labelledby={id}
          aria-invalid={error !== undefined}
          contentEditable
          onInput={tell}
          onBlur={remember}
          onPaste={(event) => {
            event.preventDefault()
            document.execCommand('insertText', false, event.clipboardData.getData('text/plain'))
          }}
        />
      </div>
      {error && <div className={styles.error}>{error}</div>}
      {linking && (
        <AskLink
          onClose={() => setLinking(false)}
          onDone={(address) => {
            setLinking(false)
            run('createLink', address)
          }}
        />
      )}
    </div>
  )
}

function Tool({ icon: Icon, label, onPress }: { icon: LucideIcon; label: string; onPress: () => void }) {
  return (
    <UnstyledButton className={styles.tool ?? ''} title={label} aria-label={label} onClick={onPress}>
      <Icon size={15} aria-hidden />
    </UnstyledButton>
  )
}

function VariableMenu({ variables, onChoose }: { variables: readonly Variable[]; onChoose: (name: Variable) => void }) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <UnstyledButton className={styles.tool ?? ''} title={t.inboxes.variable} aria-label={t.inboxes.variable}>
          <Braces size={15} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {variables.map((name) => (
          <Menu.Item key={name} onClick={() => onChoose(name)}>
            {t.variables[name]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

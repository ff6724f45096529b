import { Search } from 'lucide-react'
import { Fragment, type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { t } from '../texts/texts.ts'
import { KeyHint } from '../ui/key-hint.tsx'
import styles from './command-palette.module.css'
import { type Command, useCommands } from './commands.ts'

/** Go anywhere, do anything, find an address or a message. A combobox whose list is always open. */
export function CommandPalette({ onClose }: { onClose: () => void }) {
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState(0)
  const commands = useCommands(query)
  const list = useRef<HTMLDivElement>(null)
  const dialog = useRef<HTMLDialogElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  const at = Math.min(chosen, commands.length - 1)

  useLayoutEffect(() => {
    dialog.current?.showModal()
    input.current?.focus()
  }, [])
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  })

  function run(command: Command | undefined) {
    if (!command) return
    onClose()
    command.run()
  }
  function onKeyDown(event: KeyboardEvent) {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && commands.length > 0) {
      event.preventDefault()
      setChosen((at + step + commands.length) % commands.length)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      run(commands[at])
    }
  }
  return (
    // The browser's own dialog: it keeps the focus, closes on Escape, and stands above everything, at once; the first letter typed after
    // Ctrl K must not be lost to an animation.
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the palette does what Escape does
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-label={t.palette.title}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className={styles.field}>
        <Search size={17} aria-hidden />
        <input
          className={styles.input}
          ref={input}
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-autocomplete="list"
          aria-label={t.palette.title}
          aria-activedescendant={commands[at] ? `${id}-${at}` : undefined}
          placeholder={t.palette.placeholder}
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value)
            setChosen(0)
          }}
          onKeyDown={onKeyDown}
        />
        <KeyHint keys="Escape" />
      </div>
      <div className="visually-hidden" role="status">
        {t.palette.results(commands.length)}
      </div>
      {commands.length === 0 && <div className={styles.empty}>{t.palette.empty}</div>}
      <div ref={list} id={id} role="listbox" aria-label={t.palette.title} className={styles.list} hidden={commands.length === 0}>
        {commands.map((command, index) => (
          <Fragment key={command.id}>
            {commands[index - 1]?.group !== command.group && (
              <div className={styles.group} role="presentation">
                {command.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useFocusableInteractive: the input keeps the focus and names the active option */}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys are the input's */}
            <div
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === at}
              className={styles.option}
              onPointerMove={() => setChosen(index)}
              onClick={() => run(command)}
            >
              <command.icon size={16} aria-hidden />
              <span className={styles.name}>{command.name}</span>
              {command.keys && <KeyHint keys={command.keys} />}
            </div>
          </Fragment>
        ))}
      </div>
    </dialog>
  )
}

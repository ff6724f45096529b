import type { Editor } from '@tiptap/react'
import { useEditorState } from '@tiptap/react'
import { type RefObject, useEffect, useId, useImperativeHandle, useState } from 'react'
import styles from './suggest.module.css'

export interface Suggestion {
  readonly id: string
  readonly title: string
  readonly hint?: string
}

export interface SuggestHandle {
  /** True: the key was for the menu. */
  key(event: KeyboardEvent): boolean
}

interface Props {
  readonly editor: Editor
  /** What opens it: `/` or `@`, at the beginning of a word. */
  readonly trigger: string
  readonly label: string
  readonly empty: string
  readonly find: (query: string) => readonly Suggestion[]
  readonly onChoose: (suggestion: Suggestion, range: { from: number; to: number }) => void
  readonly handle: RefObject<SuggestHandle | null>
}

const SHOWN = 8

/** What fits to what is typed after a sign, in a list that the keyboard moves in while the text keeps the focus. */
export function Suggest({ editor, trigger, label, empty, find, onChoose, handle }: Props) {
  const id = useId()
  const place = useEditorState({
    editor,
    selector: ({ editor: e }) => placeOf(e, trigger),
    equalityFn: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  })
  const [chosen, setChosen] = useState(0)
  const [dismissed, setDismissed] = useState<number | null>(null)
  const isOpen = place !== null && place.from !== dismissed
  const found = isOpen ? find(place.query.toLowerCase()).slice(0, SHOWN) : []
  const at = Math.min(chosen, Math.max(0, found.length - 1))
  // biome-ignore lint/correctness/useExhaustiveDependencies: another query begins at the top
  useEffect(() => setChosen(0), [place?.query])

  function take(suggestion: Suggestion | undefined) {
    if (suggestion && place) onChoose(suggestion, { from: place.from, to: place.to })
  }
  useImperativeHandle(handle, () => ({
    key(event) {
      if (!isOpen) return false
      if (event.key === 'Escape') {
        setDismissed(place.from)
        return true
      }
      if (found.length === 0) return false
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        setChosen((at + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length)
        return true
      }
      if (event.key === 'Enter' || event.key === 'Tab') {
        take(found[at])
        return true
      }
      return false
    },
  }))
  if (!isOpen) return null
  return (
    <div className={styles.menu} role="listbox" id={id} aria-label={label}>
      {found.length === 0 && <p className={styles.empty}>{empty}</p>}
      {found.map((suggestion, i) => (
        <div
          key={suggestion.id}
          role="option"
          tabIndex={-1}
          aria-selected={i === at}
          className={styles.option}
          onMouseEnter={() => setChosen(i)}
          onMouseDown={(event) => {
            event.preventDefault()
            take(suggestion)
          }}
        >
          <span className={styles.title}>{suggestion.title}</span>
          {suggestion.hint && <span className={styles.hint}>{suggestion.hint}</span>}
        </div>
      ))}
    </div>
  )
}

/** Where the sign stands and what follows it, up to the cursor. */
function placeOf(editor: Editor, trigger: string): { from: number; to: number; query: string } | null {
  const { selection } = editor.state
  if (!selection.empty || !editor.isFocused) return null
  const { $from } = selection
  const before = $from.parent.textBetween(0, $from.parentOffset, undefined, '\ufffc')
  const match = new RegExp(`(?:^|\\s)\\${trigger}([^\\s${trigger}\\ufffc][^${trigger}\\ufffc]{0,30}|)$`).exec(before)
  if (!match) return null
  const query = match[1] ?? ''
  return { from: selection.from - query.length - trigger.length, to: selection.from, query }
}

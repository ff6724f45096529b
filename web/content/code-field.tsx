import { type KeyboardEvent, useId, useRef, useState } from 'react'
import { t } from '../texts/texts.ts'
import styles from './code-field.module.css'
import { insertInto, useTakesInserts } from './insert.tsx'

interface Props {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** Lines with something wrong in them, counted from 1. */
  readonly wrong?: readonly number[]
  /** Prose wraps and has no numbers. */
  readonly isProse?: boolean
}

/** A text in a language: lines have numbers, Tab indents, and what is wrong shows where it is. */
export function CodeField({ label, value, onChange, wrong = [], isProse = false }: Props) {
  const area = useRef<HTMLTextAreaElement>(null)
  const gutter = useRef<HTMLDivElement>(null)
  const takes = useTakesInserts()
  const hint = useId()
  /** After Escape the next Tab leaves, so that nobody is caught in here. */
  const [leaves, setLeaves] = useState(false)
  const lines = value.split('\n').length
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === 'Escape') setLeaves(true)
    else if (event.key === 'Tab' && !leaves && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault()
      insertInto(event.currentTarget, '  ')
    } else if (event.key !== 'Shift') setLeaves(false)
  }
  return (
    <div className={styles.field}>
      <div className={isProse ? styles.prose : styles.code}>
        {!isProse && (
          <div ref={gutter} className={styles.gutter} aria-hidden>
            {Array.from({ length: lines }, (_, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
              <span key={i} data-wrong={wrong.includes(i + 1) || undefined}>
                {i + 1}
              </span>
            ))}
          </div>
        )}
        <textarea
          ref={area}
          className={styles.area}
          aria-label={label}
          aria-describedby={isProse ? undefined : hint}
          aria-invalid={wrong.length > 0}
          spellCheck={isProse}
          wrap={isProse ? 'soft' : 'off'}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          onFocus={() => takes((text) => area.current && insertInto(area.current, text))}
          onBlur={() => setLeaves(false)}
          {...(!isProse && { onKeyDown })}
          onScroll={(event) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop
          }}
        />
      </div>
      {!isProse && (
        <p id={hint} className={styles.hint}>
          {t.content.codeKeys}
        </p>
      )}
    </div>
  )
}

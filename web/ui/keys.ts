/** Keyboard: one listener for the page, bindings that come and go with what is on the screen, sequences such as `g d`. */
import { useEffect, useRef } from 'react'
import { preferences } from './preferences.ts'

export interface Binding {
  /** `j`, `Enter`, `?`, `g d`, `mod+k` (Ctrl, or Command on a Mac). */
  readonly keys: string
  readonly label: string
  readonly group: string
  readonly run: () => void
  /** Comes before what else binds the same keys, whichever component is the latest. */
  readonly isFirst?: boolean
}

const SEQUENCE_MS = 1_200
const stack: { bindings: readonly Binding[] }[] = []
let pending = ''
let pendingTimer: number | undefined
let heldUntil = 0

const HOLD_MS = 3_000

/** A field is about to take the keyboard: until it has it, letters that are meant for it do nothing. */
export function holdKeys(): void {
  heldUntil = performance.now() + HOLD_MS
}

export function releaseKeys(): void {
  heldUntil = 0
}

/** Bindings live as long as the component. The latest component wins where two bind the same keys. */
export function useKeys(bindings: readonly Binding[]): void {
  const entry = useRef({ bindings })
  useEffect(() => {
    entry.current.bindings = bindings
  })
  useEffect(() => {
    const mine = entry.current
    stack.push(mine)
    return () => {
      stack.splice(stack.indexOf(mine), 1)
    }
  }, [])
}

/** What can be pressed now, for the help. */
export function activeBindings(): readonly Binding[] {
  const seen = new Map<string, Binding>()
  for (const { bindings } of stack) for (const { keys } of bindings) if (!seen.has(keys)) seen.set(keys, find(keys) as Binding)
  return [...seen.values()]
}

export function listenToKeys(): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return
    const pressed = nameOf(event)
    if (pressed === null) return
    const isPlain = !pressed.startsWith('mod+')
    if (isPlain && performance.now() < heldUntil) return
    if (isPlain && (isTyping(event.target) || !preferences().singleKeys || isInDialog(event.target))) return

    const sequence = pending === '' ? pressed : `${pending} ${pressed}`
    forget()
    const binding = find(sequence) ?? find(pressed)
    if (binding) {
      event.preventDefault()
      binding.run()
    } else if (isPlain && activeBindings().some(({ keys }) => keys.startsWith(`${pressed} `))) {
      pending = pressed
      pendingTimer = window.setTimeout(forget, SEQUENCE_MS)
    }
  }
  window.addEventListener('keydown', onKeyDown)
  return () => window.removeEventListener('keydown', onKeyDown)
}

function find(keys: string): Binding | undefined {
  const bound = stack.flatMap(({ bindings }) => bindings).filter((binding) => binding.keys === keys)
  return bound.findLast(({ isFirst }) => isFirst) ?? bound.at(-1)
}

function forget(): void {
  pending = ''
  window.clearTimeout(pendingTimer)
}

function nameOf(event: KeyboardEvent): string | null {
  if (event.altKey) return null
  if (event.ctrlKey || event.metaKey)
    return event.key.length === 1 ? `mod+${event.key.toLowerCase()}` : event.key === 'Enter' ? 'mod+Enter' : null
  if (['Shift', 'Control', 'Alt', 'Meta', 'Tab'].includes(event.key)) return null
  return event.key
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** Under a dialog the page sleeps. */
function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('dialog, [role="dialog"]') !== null
}

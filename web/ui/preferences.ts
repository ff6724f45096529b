import { useSyncExternalStore } from 'react'

/** What a person set for this browser. */
export interface Preferences {
  readonly density: 'comfortable' | 'compact'
  /** WCAG 2.2 §2.1.4: shortcuts of one character can be turned off. */
  readonly singleKeys: boolean
  /** Width of the list beside a detail, in pixels. */
  readonly listWidth: number
}

const DEFAULTS: Preferences = { density: 'comfortable', singleKeys: true, listWidth: 380 }
const KEY = 'waybill.preferences'
const listeners = new Set<() => void>()
let current: Preferences | null = null

export function preferences(): Preferences {
  current ??= read()
  return current
}

export function usePreferences(): Preferences {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, preferences)
}

export function prefer(change: Partial<Preferences>): void {
  current = { ...preferences(), ...change }
  try {
    localStorage.setItem(KEY, JSON.stringify(current))
  } catch {
    // A browser that keeps nothing still obeys until the page is closed.
  }
  applyPreferences()
  for (const listener of listeners) listener()
}

/** Density is said on the root element: style sheets do the rest. */
export function applyPreferences(): void {
  document.documentElement.dataset.density = preferences().density
}

function read(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>
    return {
      density: stored.density === 'compact' ? 'compact' : DEFAULTS.density,
      singleKeys: stored.singleKeys !== false,
      listWidth:
        typeof stored.listWidth === 'number' && Number.isFinite(stored.listWidth) ? stored.listWidth : DEFAULTS.listWidth,
    }
  } catch {
    return DEFAULTS
  }
}

import { useRef } from 'react'
import { t } from '../texts/texts.ts'
import { useKeys } from './keys.ts'

/** `j` and `k` move through a short list whose items have the focus themselves. Give the list the ref, and say which elements are its items. */
export function useListKeys<List extends HTMLElement>(selector: string) {
  const list = useRef<List>(null)
  const step = (by: number) => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>(selector) ?? [])]
    const at = items.indexOf(document.activeElement as HTMLElement)
    items[Math.max(0, Math.min(items.length - 1, at === -1 ? 0 : at + by))]?.focus()
  }
  useKeys([
    { keys: 'j', label: t.keys.next, group: t.keys.lists, run: () => step(1) },
    { keys: 'k', label: t.keys.previous, group: t.keys.lists, run: () => step(-1) },
  ])
  return list
}

import { useLayoutEffect, useRef } from 'react'

type Find = () => HTMLElement | null | undefined

/**
 * Where the focus goes when what has it is about to be taken away: browsers then forget it, and whoever works by keys would begin at the
 * top of the page. Asked for once it is gone; nothing happens where something else has the focus.
 */
export function useFocusNext(): (find: Find) => void {
  const wanted = useRef<Find | null>(null)
  useLayoutEffect(() => {
    const find = wanted.current
    wanted.current = null
    if (find && (document.activeElement === null || document.activeElement === document.body)) find()?.focus()
  })
  return (find) => {
    wanted.current = find
  }
}

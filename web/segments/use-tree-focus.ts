import { type RefObject, useRef } from 'react'
import { useFocusNext } from '../ui/use-focus-next.ts'

interface TreeFocus {
  readonly box: RefObject<HTMLDivElement | null>
  /** Called before: a node that goes into another group is drawn anew there. */
  readonly moving: (key: string) => void
  /** Called before: what comes after it has the focus then, else what is last. */
  readonly dropping: (key: string) => void
}

/** Keeps the focus in the tree, where what has it goes somewhere else or away. Nodes are known by `data-node`. */
export function useTreeFocus(): TreeFocus {
  const box = useRef<HTMLDivElement>(null)
  const focusNext = useFocusNext()
  const nodes = () => [...(box.current?.querySelectorAll<HTMLElement>('[data-node]') ?? [])]
  const stopsOf = (node: HTMLElement | null | undefined) => [
    ...(node?.querySelectorAll<HTMLElement>('input:not([type="hidden"]), button') ?? []),
  ]
  const stopsIn = (key: string) => stopsOf(nodes().find(({ dataset }) => dataset.node === key))
  return {
    box,
    moving: (key) => {
      const place = stopsIn(key).indexOf(document.activeElement as HTMLElement)
      focusNext(() => stopsIn(key)[place])
    },
    dropping: (key) => {
      const place = nodes().findIndex(({ dataset }) => dataset.node === key)
      focusNext(() => {
        const left = nodes()
        return stopsOf(left[Math.min(place, left.length - 1)] ?? box.current)[0]
      })
    },
  }
}

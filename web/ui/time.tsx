import { useSyncExternalStore } from 'react'
import { absolute, ago, clockOrDay, shortAgo } from './format.ts'

// One ticking clock for the whole page, whatever number of times it shows: it ticks only while something listens.
const listeners = new Set<() => void>()
let now = new Date()
let timer: number | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= window.setInterval(() => {
    now = new Date()
    for (const each of listeners) each()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    window.clearInterval(timer)
    timer = undefined
  }
}

/** The present moment, each second anew. A clock that stood still while nobody listened is read again at once. */
export function useNow(): Date {
  return useSyncExternalStore(subscribe, currentSecond)
}

function currentSecond(): Date {
  const fresh = Date.now()
  if (fresh - now.getTime() > 1_500) now = new Date(fresh)
  return now
}

/** "3 minutes ago"; the absolute time on hover, for machines always. */
export function Ago({ at, short = false }: { at: Date; short?: boolean }) {
  const present = useNow()
  return (
    <time dateTime={at.toISOString()} title={absolute(at)}>
      {short ? shortAgo(at, present) : ago(at, present)}
    </time>
  )
}

/** "10:17", or "20 Nov, 10:17". */
export function When({ at }: { at: Date }) {
  const present = useNow()
  return (
    <time dateTime={at.toISOString()} title={absolute(at)}>
      {clockOrDay(at, present)}
    </time>
  )
}

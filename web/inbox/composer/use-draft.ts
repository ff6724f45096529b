import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { type DraftView, listDrafts, listNewDrafts } from '../../../src/api/endpoints/answers.ts'
import { Problem } from '../../api.ts'
import { keyOf } from '../../query.ts'

export type DraftBody = DraftView['content']
export type SaveState = 'idle' | 'saving' | 'saved' | 'failed' | 'changed'

const AFTER_MS = 700
const AGAIN_MS = 5_000

interface Saving {
  readonly state: SaveState
  change(content: DraftBody): void
  /** What is not saved yet is saved now. */
  flush(): Promise<void>
  /** Nothing more is saved: it was sent or thrown away. */
  stop(): void
  overwrite(): void
}

/**
 * Keeps what is typed on the server: a moment after the last letter, one save at a time, each naming the version it changes. What cannot be saved is
 * tried again; what another window changed is asked about.
 */
export function useDraft(
  initial: DraftView | null,
  save: (version: number | null, content: DraftBody) => Promise<DraftView>,
): Saving {
  const client = useQueryClient()
  const [state, setState] = useState<SaveState>(initial ? 'saved' : 'idle')
  const version = useRef<number | null>(initial?.version ?? 0)
  const waiting = useRef<DraftBody | null>(null)
  const running = useRef<Promise<void> | null>(null)
  const timer = useRef<number | undefined>(undefined)
  const stopped = useRef(false)
  const saver = useRef(save)
  useEffect(() => {
    saver.current = save
  })

  const run = useCallback(async (): Promise<void> => {
    window.clearTimeout(timer.current)
    if (running.current) await running.current
    const content = waiting.current
    if (content === null || stopped.current) return
    waiting.current = null
    setState('saving')
    running.current = saver
      .current(version.current, content)
      .then((draft) => {
        version.current = draft.version
        setState('saved')
      })
      .catch((error: unknown) => {
        waiting.current ??= content
        const isOther = error instanceof Problem && error.code === 'draft_changed'
        setState(isOther ? 'changed' : 'failed')
        if (!isOther && !stopped.current) timer.current = window.setTimeout(() => void run(), AGAIN_MS)
      })
      .finally(() => {
        running.current = null
      })
    await running.current
  }, [])

  useEffect(() => {
    // What was typed last is not lost with the page.
    const leave = () => void run()
    window.addEventListener('pagehide', leave)
    return () => {
      window.removeEventListener('pagehide', leave)
      if (stopped.current) return
      void run().then(() => {
        void client.invalidateQueries({ queryKey: keyOf(listDrafts) })
        void client.invalidateQueries({ queryKey: keyOf(listNewDrafts) })
      })
    }
  }, [client, run])

  return useMemo(
    () => ({
      state,
      change(content) {
        if (stopped.current) return
        waiting.current = content
        window.clearTimeout(timer.current)
        timer.current = window.setTimeout(() => void run(), AFTER_MS)
      },
      flush: run,
      stop() {
        stopped.current = true
        waiting.current = null
        window.clearTimeout(timer.current)
      },
      overwrite() {
        version.current = null
        void run()
      },
    }),
    [state, run],
  )
}

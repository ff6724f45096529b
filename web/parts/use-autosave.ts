import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Problem } from '../api.ts'

/** `conflict`: somebody else saved in between. `wrong`: the server says no to it. */
export type SaveState = 'saved' | 'unsaved' | 'saving' | 'wrong' | 'conflict'
export type Side = 'theirs' | 'mine'

/** What is written in this way: a campaign, a form. */
export interface Writable<Whole extends { readonly id: unknown }, Draft extends object> {
  /** What of it is written by hand. */
  readonly draftOf: (whole: Whole) => Draft
  /** Grows with each save, whoever's. */
  readonly versionOf: (whole: Whole) => number
  readonly load: (id: Whole['id']) => Promise<Whole>
  readonly save: (id: Whole['id'], change: Partial<Draft>, version: number) => Promise<Whole>
  /** What else shows it is asked for again. */
  readonly onSaved: (client: QueryClient, whole: Whole) => void
}

const REST_MS = 700

interface Inside<Draft> {
  draft: Draft
  /** What is not saved yet, by its names. */
  pending: Partial<Draft>
  version: number
  timer: number | undefined
  /** One save after the other. */
  last: Promise<boolean>
}

/**
 * Something as it is being written: saved a moment after the last key, one save after the other, each against the version it was read at. What
 * somebody else saved meanwhile is shown where nothing was typed since, and asked about where something was.
 */
export function useAutosave<Whole extends { readonly id: unknown }, Draft extends object>(
  of: Writable<Whole, Draft>,
  whole: Whole,
) {
  const client = useQueryClient()
  const [draft, setDraft] = useState(() => of.draftOf(whole))
  const [version, setVersion] = useState(() => of.versionOf(whole))
  const [state, setState] = useState<SaveState>('saved')
  const [problem, setProblem] = useState<Problem | null>(null)
  const inside = useRef<Inside<Draft>>({ draft, pending: {}, version, timer: undefined, last: Promise.resolve(true) })

  const { id } = whole
  const acts = useMemo(() => {
    const mine = inside.current
    const isClean = () => Object.keys(mine.pending).length === 0
    function show(next: Draft): void {
      mine.draft = next
      setDraft(next)
    }
    function reach(next: number): void {
      mine.version = next
      setVersion(next)
    }
    async function save(): Promise<boolean> {
      if (isClean()) return true
      const sent = mine.pending
      mine.pending = {}
      setState('saving')
      try {
        const saved = await of.save(id, sent, mine.version)
        reach(of.versionOf(saved))
        of.onSaved(client, saved)
      } catch (cause) {
        const refused = cause instanceof Problem ? cause : new Problem({ status: 0, code: 'unreachable', detail: String(cause) })
        mine.pending = { ...sent, ...mine.pending }
        setProblem(refused)
        setState(refused.code === 'changed_meanwhile' ? 'conflict' : 'wrong')
        return false
      }
      setProblem(null)
      setState(isClean() ? 'saved' : 'unsaved')
      return true
    }
    /** Everything that was typed is saved when this is true. */
    function flush(): Promise<boolean> {
      window.clearTimeout(mine.timer)
      mine.last = mine.last.then(save)
      return mine.last
    }
    /** Told what is there now, for whoever changes a part of a part. */
    function change(said: (now: Draft) => Partial<Draft>): void {
      const changed = said(mine.draft)
      mine.pending = { ...mine.pending, ...changed }
      show({ ...mine.draft, ...changed })
      setState('unsaved')
      window.clearTimeout(mine.timer)
      mine.timer = window.setTimeout(() => void flush(), REST_MS)
    }
    function adopt(theirs: Whole): void {
      reach(of.versionOf(theirs))
      show({ ...of.draftOf(theirs), ...mine.pending })
    }
    async function settle(which: Side): Promise<void> {
      if (which === 'theirs') mine.pending = {}
      adopt(await of.load(id))
      setProblem(null)
      setState(isClean() ? 'saved' : 'unsaved')
      await flush()
    }
    return { change, flush, adopt, settle, isClean }
  }, [of, id, client])

  useEffect(() => {
    if (of.versionOf(whole) > inside.current.version && acts.isClean()) acts.adopt(whole)
  }, [of, whole, acts])

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (!acts.isClean()) event.preventDefault()
    }
    window.addEventListener('beforeunload', warn)
    return () => {
      window.removeEventListener('beforeunload', warn)
      void acts.flush()
    }
  }, [acts])

  return { draft, version, state, problem, change: acts.change, flush: acts.flush, settle: acts.settle }
}

import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { changeForm, type Form, getForm, listForms } from '../../src/api/endpoints/forms.ts'
import type { FormSettings } from '../../src/forms/form.ts'
import { call, Problem } from '../api.ts'
import { keyOf } from '../query.ts'

export type SaveState = 'saved' | 'unsaved' | 'saving' | 'wrong' | 'conflict'

export type Draft = Pick<Form, 'name' | 'slug' | 'settings'>
export interface DraftChange {
  readonly name?: string
  readonly slug?: string
  readonly settings?: Partial<FormSettings>
}

const REST_MS = 600

interface Inside {
  draft: Draft
  /** What was changed since it was saved. */
  pending: { name?: true; slug?: true; settings?: true }
  revision: number
  timer: number | undefined
  /** One save after the other. */
  last: Promise<boolean>
}

/** A form as it is being written: saved a moment after the last key, each time against the revision it was read at. */
export function useFormDraft(form: Form) {
  const client = useQueryClient()
  const [draft, setDraft] = useState<Draft>({ name: form.name, slug: form.slug, settings: form.settings })
  const [revision, setRevision] = useState(form.revision)
  const [state, setState] = useState<SaveState>('saved')
  const [problem, setProblem] = useState<Problem | null>(null)
  const inside = useRef<Inside>({ draft, pending: {}, revision: form.revision, timer: undefined, last: Promise.resolve(true) })
  const { id } = form

  const acts = useMemo(() => {
    const mine = inside.current
    const isClean = () => Object.keys(mine.pending).length === 0
    const show = (next: Draft) => {
      mine.draft = next
      setDraft(next)
    }
    async function save(): Promise<boolean> {
      if (isClean()) return true
      const sent = mine.pending
      const { name, slug, settings } = mine.draft
      mine.pending = {}
      setState('saving')
      try {
        const body = {
          ...(sent.name && { name }),
          ...(sent.slug && { slug }),
          ...(sent.settings && { settings }),
          revision: mine.revision,
        }
        const saved = await call(changeForm, { params: { id }, body })
        mine.revision = saved.revision
        client.setQueryData(keyOf(getForm, { id }), saved)
      } catch (cause) {
        const refused = cause instanceof Problem ? cause : new Problem({ status: 0, code: 'unreachable', detail: String(cause) })
        mine.pending = { ...sent, ...mine.pending }
        setProblem(refused)
        setState(refused.code === 'changed_meanwhile' ? 'conflict' : 'wrong')
        return false
      }
      setProblem(null)
      setRevision(mine.revision)
      setState(isClean() ? 'saved' : 'unsaved')
      void client.invalidateQueries({ queryKey: keyOf(listForms) })
      return true
    }
    /** Everything that was typed is saved when this is true. */
    function flush(): Promise<boolean> {
      window.clearTimeout(mine.timer)
      mine.last = mine.last.then(save)
      return mine.last
    }
    function change({ settings, ...said }: DraftChange): void {
      for (const key of Object.keys(said)) mine.pending[key as 'name' | 'slug'] = true
      if (settings) mine.pending.settings = true
      show({ ...mine.draft, ...said, settings: { ...mine.draft.settings, ...settings } })
      setState('unsaved')
      window.clearTimeout(mine.timer)
      mine.timer = window.setTimeout(() => void flush(), REST_MS)
    }
    function adopt(theirs: Form): void {
      mine.revision = theirs.revision
      setRevision(theirs.revision)
      const { name, slug, settings } = theirs
      const of = mine.pending
      show({
        name: of.name ? mine.draft.name : name,
        slug: of.slug ? mine.draft.slug : slug,
        settings: of.settings ? mine.draft.settings : settings,
      })
    }
    async function settle(which: 'theirs' | 'mine'): Promise<void> {
      if (which === 'theirs') mine.pending = {}
      adopt(await call(getForm, { params: { id } }))
      setProblem(null)
      setState(isClean() ? 'saved' : 'unsaved')
      await flush()
    }
    return { change, flush, adopt, settle, isClean }
  }, [id, client])

  useEffect(() => {
    if (form.revision > inside.current.revision && acts.isClean()) acts.adopt(form)
  }, [form, acts])

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

  return { draft, revision, state, problem, change: acts.change, flush: acts.flush, settle: acts.settle }
}

/** What each part of the page is given. */
export interface PartProps {
  readonly form: Form
  readonly settings: FormSettings
  readonly set: (change: Partial<FormSettings>) => void
}

/** A workflow as it is being drawn: saved a moment after the last act, one save after the other, each against the draft it was read at. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useReducer, useRef, useState } from 'react'
import { listWorkflowAddresses } from '../../../src/api/endpoints/workflow-addresses.ts'
import { changeWorkflow, getWorkflow, listWorkflows, type Workflow } from '../../../src/api/endpoints/workflows.ts'
import { Graph } from '../../../src/workflows/definition/graph.ts'
import { call, Problem } from '../../api.ts'
import { keyOf } from '../../query.ts'
import { editorOf, reduce } from './editor.ts'

export type SaveState = 'saved' | 'unsaved' | 'saving' | 'wrong' | 'conflict'
const REST_MS = 700

/** Null: it is nothing that can be drawn. */
export function graphOf(workflow: Pick<Workflow, 'draft' | 'name'>): Graph | null {
  const read = Graph.safeParse({ ...workflow.draft, name: workflow.draft.name || workflow.name })
  return read.success ? read.data : null
}

interface Inside {
  graph: Graph
  saved: Graph
  revision: number
  timer: number | undefined
  last: Promise<boolean>
}

export function useDraft(workflow: Workflow, first: Graph) {
  const client = useQueryClient()
  const [editor, act] = useReducer(reduce, first, editorOf)
  const [state, setState] = useState<SaveState>('saved')
  const [problem, setProblem] = useState<string | null>(null)
  const [revision, setRevision] = useState(workflow.draft_revision)
  const inside = useRef<Inside>({
    ...{ graph: first, saved: first, revision: workflow.draft_revision },
    ...{ timer: undefined, last: Promise.resolve(true) },
  })
  const { id } = workflow

  const acts = useMemo(() => {
    const mine = inside.current
    const isClean = () => mine.graph === mine.saved
    function adopted({ draft_revision }: Workflow): void {
      mine.revision = draft_revision
      setRevision(draft_revision)
    }
    async function save(): Promise<boolean> {
      if (isClean()) return true
      const sent = mine.graph
      // What could not be read again is not written down.
      const read = Graph.safeParse(sent)
      if (!read.success) {
        setProblem(read.error.issues[0]?.message ?? null)
        setState('wrong')
        return false
      }
      setState('saving')
      try {
        adopted(await call(changeWorkflow, { params: { id }, body: { draft: sent, revision: mine.revision } }))
      } catch (cause) {
        const isConflict = cause instanceof Problem && cause.code === 'changed_meanwhile'
        setProblem(cause instanceof Error ? cause.message : String(cause))
        setState(isConflict ? 'conflict' : 'wrong')
        return false
      }
      mine.saved = sent
      setProblem(null)
      setState('saved')
      // What was done, or taken back, while this was on its way.
      touched(mine.graph)
      for (const endpoint of [listWorkflows, listWorkflowAddresses]) void client.invalidateQueries({ queryKey: keyOf(endpoint) })
      return true
    }
    function flush(): Promise<boolean> {
      window.clearTimeout(mine.timer)
      mine.last = mine.last.then(save)
      return mine.last
    }
    function touched(graph: Graph): void {
      mine.graph = graph
      window.clearTimeout(mine.timer)
      if (isClean()) {
        setState((now) => (now === 'unsaved' || now === 'wrong' ? 'saved' : now))
        return
      }
      setState('unsaved')
      mine.timer = window.setTimeout(() => void flush(), REST_MS)
    }
    async function settle(which: 'theirs' | 'mine'): Promise<void> {
      const theirs = await call(getWorkflow, { params: { id } })
      adopted(theirs)
      const graph = which === 'theirs' ? graphOf(theirs) : null
      if (graph !== null) {
        mine.saved = graph
        mine.graph = graph
        act({ kind: 'replace', graph })
      }
      setProblem(null)
      setState(isClean() ? 'saved' : 'unsaved')
      await flush()
    }
    return { flush, touched, settle, isClean, revision: () => mine.revision }
  }, [id, client])

  useEffect(() => acts.touched(editor.graph), [editor.graph, acts])
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (!acts.isClean()) event.preventDefault()
    }
    window.addEventListener('beforeunload', warn)
    return () => {
      window.removeEventListener('beforeunload', warn)
      // Whoever comes back sees what was written, not what was read before.
      void acts.flush().then(() => client.invalidateQueries({ queryKey: keyOf(getWorkflow) }))
    }
  }, [acts, client])

  return { editor, act, state, problem, revision, flush: acts.flush, settle: acts.settle, revisionNow: acts.revision }
}

/** A trial of the draft: with what it is tried, what came of it, and the path that it lights. It stays while other panels are looked at. */
import { useMemo, useState } from 'react'
import { tryWorkflow } from '../../../src/api/endpoints/workflow-trials.ts'
import type { Id } from '../../../src/lib/ids.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import { listenerOf } from '../../../src/workflows/definition/nodes/triggers.ts'
import type { ReplyOf } from '../../api.ts'
import { useAction } from '../../query.ts'
import { triggersOf } from '../edit/ports.ts'
import { type Lit, litOf } from '../runs/lit.ts'
import { valuesOf, type Written } from '../runs/values.tsx'

export type Reply = ReplyOf<typeof tryWorkflow>

export interface Chosen {
  readonly id: string
  readonly label: string
}
export interface Wish {
  readonly trigger: string | null
  readonly subject: Chosen | null
  readonly payload: string
  readonly inputs: Written
  /** Node → port. */
  readonly ways: Readonly<Record<string, string>>
}

export interface TrialState {
  readonly wish: Wish
  readonly setWish: (change: Partial<Wish>) => void
  /** The node that it would begin at. */
  readonly trigger: string | null
  readonly run: (change?: Partial<Wish>) => void
  readonly clear: () => void
  readonly isPending: boolean
  readonly error: string | null
  readonly told: { readonly reply: Reply; readonly graph: Graph } | null
  /** The draft is no more what was tried. */
  readonly isOld: boolean
  readonly lit: Lit | null
}

const NOTHING: Wish = { trigger: null, subject: null, payload: '{}', inputs: {}, ways: {} }

export function useTrial(workflowId: Id<'workflow'>, graph: Graph): TrialState {
  const [wish, put] = useState(NOTHING)
  const [told, tell] = useState<(TrialState['told'] & { readonly trigger: string }) | null>(null)
  const attempt = useAction(tryWorkflow, { quiet: true })
  const triggers = triggersOf(graph)
  const trigger = wish.trigger !== null && triggers.includes(wish.trigger) ? wish.trigger : (triggers[0] ?? null)
  const isOld = told !== null && told.graph !== graph
  const lit = useMemo(
    () =>
      told?.reply.begins && told.graph === graph
        ? litOf(graph, { ...told.reply, tokens: told.reply.stands, trigger: told.trigger })
        : null,
    [told, graph],
  )
  function run(change: Partial<Wish> = {}): void {
    const next = { ...wish, ...change }
    put(next)
    if (trigger === null) return
    attempt.mutate(
      { params: { id: workflowId }, body: bodyOf(next, trigger, graph) },
      { onSuccess: (reply) => tell({ reply, graph, trigger }) },
    )
  }
  function clear(): void {
    attempt.reset()
    tell(null)
    put((now) => ({ ...now, ways: {} }))
  }
  return {
    ...{ wish, trigger, run, clear, told, isOld, lit, isPending: attempt.isPending, error: attempt.error?.message ?? null },
    setWish: (change) => put((now) => ({ ...now, ...change })),
  }
}

function bodyOf(wish: Wish, trigger: string, graph: Graph) {
  const { subject, ways } = wish
  return {
    ...{ draft: graph, trigger, ways: { ...ways } },
    ...(subject && (graph.subject === 'contact' ? { contact_id: subject.id as Id<'contact'> } : { conversation_id: subject.id })),
    ...(bringsPayload(graph, trigger) && { payload: payloadOf(wish.payload) ?? {} }),
    ...(graph.inputs.length > 0 && { inputs: valuesOf(graph.inputs, wish.inputs).values }),
  }
}

const WITH_PAYLOAD = new Set(['event.received', 'webhook.received'])
const ALONE = new Set(['schedule.due', 'run.asked', ...WITH_PAYLOAD])

function happeningOf(graph: Graph, trigger: string | null): string {
  const node = graph.nodes[trigger ?? '']
  return (node && listenerOf(node, { workflowId: '', nodeId: trigger ?? '' })?.binding.happening) ?? ''
}

/** What begins it comes with something of its own. */
export function bringsPayload(graph: Graph, trigger: string | null): boolean {
  return WITH_PAYLOAD.has(happeningOf(graph, trigger))
}

/** It cannot be tried without somebody, or some conversation, that it happened to. */
export function needsSubject(graph: Graph, trigger: string | null): boolean {
  return graph.subject !== 'none' || !ALONE.has(happeningOf(graph, trigger))
}

export function payloadOf(written: string): Record<string, unknown> | null {
  try {
    const read: unknown = JSON.parse(written.trim() || '{}')
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Record<string, unknown>) : null
  } catch {
    return null
  }
}

export type HowTried = 'goes' | 'waits' | 'held'

/** What a trial says of a step; null: it does not come to it. */
export function triedAt(lit: Lit | null, id: string): HowTried | null {
  const standing = lit?.standing.get(id)
  if (standing) return standing === 'held' ? 'held' : 'waits'
  return (lit?.visits[id] ?? 0) > 0 ? 'goes' : null
}

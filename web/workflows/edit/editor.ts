/** A workflow as it is being drawn: the graph, what is looked at, and what can be taken back. Pure: ids come with the acts. */

import { typeOf } from '../../../src/workflows/definition/catalogue.ts'
import type { Condition } from '../../../src/workflows/definition/condition.ts'
import type { Graph, Node } from '../../../src/workflows/definition/graph.ts'
import { addTrigger, changeNode, duplicateNode, insertNode, leadTo, moveNode, type Place, removeNode } from './graph-acts.ts'
import { drawnPorts } from './ports.ts'
import { moveAction, setRuleCondition } from './rule.ts'

export interface Editor {
  readonly graph: Graph
  readonly past: readonly Graph[]
  readonly future: readonly Graph[]
  /** What was changed last, letter by letter: one step back takes all of it. */
  readonly merge: string | null
  readonly selected: string | null
}

/** `seed`: what new ids are made of, random, fresh with each act. */
export type Act =
  | { readonly kind: 'insert'; readonly at: Place; readonly type: string; readonly seed: string }
  | { readonly kind: 'add_trigger'; readonly type: string; readonly seed: string }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'duplicate'; readonly id: string; readonly seed: string }
  | { readonly kind: 'lead'; readonly at: Place; readonly to: string | null }
  | { readonly kind: 'change_node'; readonly id: string; readonly change: Partial<Omit<Node, 'next'>>; readonly merge?: string }
  | { readonly kind: 'change'; readonly change: Partial<Omit<Graph, 'nodes' | 'schema'>>; readonly merge?: string }
  | { readonly kind: 'move_action'; readonly id: string; readonly by: -1 | 1 }
  /** In a flow: with whatever stands before it, or behind it. */
  | { readonly kind: 'move_node'; readonly id: string; readonly by: -1 | 1 }
  | { readonly kind: 'rule_condition'; readonly when: Condition | null; readonly seed: string; readonly merge?: string }
  | { readonly kind: 'select'; readonly id: string | null }
  | { readonly kind: 'replace'; readonly graph: Graph }
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' }

const MAX_PAST = 200

export function editorOf(graph: Graph): Editor {
  return { graph, past: [], future: [], merge: null, selected: null }
}

export function reduce(editor: Editor, act: Act): Editor {
  const { graph, selected } = editor
  switch (act.kind) {
    case 'insert': {
      const type = typeOf(act.type)
      if (type === null) return editor
      const done = insertNode(graph, act.at, type, ids(editor, act.seed))
      return changed(editor, done.graph, done.focus)
    }
    case 'add_trigger': {
      const type = typeOf(act.type)
      if (type?.kind !== 'trigger') return editor
      const done = addTrigger(graph, type, ids(editor, act.seed))
      return changed(editor, withSubject(done.graph, type.subjects), done.focus)
    }
    case 'remove': {
      const done = removeNode(graph, act.id)
      return changed(editor, done.graph, done.focus)
    }
    case 'duplicate': {
      const done = duplicateNode(graph, act.id, ids(editor, act.seed))
      return changed(editor, done.graph, done.focus)
    }
    case 'lead':
      return changed(editor, leadTo(graph, act.at, act.to), selected)
    case 'change_node':
      return changed(editor, changeNode(graph, act.id, act.change), selected, mergeOf(`node ${act.id}`, act.merge))
    case 'change':
      return changed(editor, { ...graph, ...act.change }, selected, mergeOf('workflow', act.merge))
    case 'move_action':
      return changed(editor, moveAction(graph, act.id, act.by), act.id)
    case 'move_node':
      return changed(editor, moveNode(graph, act.id, act.by), act.id)
    case 'rule_condition':
      return changed(editor, setRuleCondition(graph, act.when, ids(editor, act.seed)), selected, mergeOf('rule', act.merge))
    case 'select':
      return { ...editor, selected: act.id, merge: null }
    case 'replace':
      return changed(editor, act.graph, standing(act.graph, selected))
    case 'undo':
      return turned(editor, editor.past.at(-1), editor.past.slice(0, -1), [graph, ...editor.future])
    case 'redo':
      return turned(editor, editor.future[0], [...editor.past, graph], editor.future.slice(1))
  }
}

function mergeOf(what: string, merge: string | undefined): string | null {
  return merge === undefined ? null : `${what} ${merge}`
}

function changed(editor: Editor, graph: Graph, focus: string | null, merge: string | null = null): Editor {
  if (graph === editor.graph) return editor
  const isSame = merge !== null && merge === editor.merge
  const past = isSame ? editor.past : [...editor.past, editor.graph].slice(-MAX_PAST)
  return { graph, past, future: [], merge, selected: standing(graph, focus) }
}

function turned(editor: Editor, graph: Graph | undefined, past: readonly Graph[], future: readonly Graph[]): Editor {
  if (graph === undefined) return editor
  return { graph, past, future, merge: null, selected: standing(graph, editor.selected) }
}

function standing(graph: Graph, id: string | null): string | null {
  return id !== null && graph.nodes[id] !== undefined ? id : null
}

/** Ids that no node has, or had in what can be taken back. */
function ids({ graph, past, future }: Editor, seed: string): (base: string) => string {
  const taken = new Set([graph, ...past, ...future].flatMap((one) => Object.keys(one.nodes)))
  return (base) => {
    let id = `${base}_${seed}`.slice(0, 36)
    for (let n = 2; taken.has(id); n++) id = `${base}_${seed}`.slice(0, 33) + `_${n}`
    taken.add(id)
    return id
  }
}

/** The first trigger says what a workflow is about, where its kind leaves no other choice. */
function withSubject(graph: Graph, subjects: readonly Graph['subject'][] | undefined): Graph {
  const [first] = subjects ?? []
  if (subjects === undefined || first === undefined || subjects.includes(graph.subject)) return graph
  const isOnlyOne = Object.values(graph.nodes).filter((node) => typeOf(node.type)?.kind === 'trigger').length === 1
  return isOnlyOne ? { ...graph, subject: first } : graph
}

export function portLabel(node: Node, port: string): string {
  return drawnPorts(node).find((one) => one.key === port)?.label || port
}

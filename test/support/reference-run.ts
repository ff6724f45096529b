/**
 * A second interpreter of workflows, to hold the real one against: a tree that is changed in place, where the real one has tokens that name forks. It
 * shares no code with it.
 */
import type { Graph, Json } from '../../src/workflows/definition/graph.ts'
import type { StepResult } from '../../src/workflows/interpret/result.ts'

/** Which ports mean failure, as these tests use them. */
const FAILURES: Readonly<Record<string, readonly string[]>> = { 'http.request@1': ['failed'], 'join@1': ['short'] }
const PORTS: Readonly<Record<string, readonly string[]>> = {
  'trigger.called@1': ['out'],
  'if@1': ['yes', 'no'],
  'http.request@1': ['ok', 'failed'],
  'wait.reply@1': ['replied', 'timeout'],
  'join@1': ['out', 'short'],
  'each@1': ['item', 'done'],
  'break@1': [],
  'end@1': [],
}

interface Leaf {
  readonly is: 'leaf'
  node: string
  visit: number
  state: 'ready' | 'waiting' | 'held'
  dueAt: Date | null
  timeoutPort: string | null
  arms: string[]
  attempt: number
  trouble: string | null
  left: Json
}
interface Group {
  readonly is: 'group'
  readonly node: string
  readonly items: readonly Json[] | null
  readonly abreast: number
  readonly need: number
  readonly total: number
  begun: number
  arrived: number
  dead: number
  join: string | null
  readonly branches: Map<number, Leaf | Group>
}
type Tree = Leaf | Group

/** What became of a part of the tree. */
type Fate =
  | { is: 'there'; tree: Tree }
  | { is: 'dead' }
  | { is: 'arrived'; join: string | null }
  | { is: 'break' }
  | { is: 'end'; outputs: Record<string, Json> }

type Act =
  | { do: 'advance'; result: StepResult }
  | { do: 'hit'; port: string; output: Json }
  | { do: 'timeOut' }
  | { do: 'retry' }
  | { do: 'skip'; port: string }
  | { do: 'hold'; trouble: string }

export interface Seen {
  readonly path: string
  readonly node: string
  readonly visit: number
  readonly state: string
  readonly due: 'never' | 'now' | 'later'
  readonly timeoutPort: string | null
  readonly arms: readonly string[]
  readonly attempt: number
  readonly trouble: string | null
}

export class ReferenceRun {
  status = 'running'
  endReason: string | null = null
  vars: Record<string, Json>
  outputs: Record<string, Json> = {}
  steps = 1
  visits: Record<string, number>
  now: Date
  readonly graph: Graph
  readonly evaluate: (expression: string, vars: Record<string, Json>, result: Json) => Json
  private root: Tree | null = null

  constructor(graph: Graph, trigger: string, vars: Record<string, Json>, now: Date, evaluate: ReferenceRun['evaluate']) {
    this.graph = graph
    this.vars = vars
    this.now = now
    this.evaluate = evaluate
    this.visits = { [trigger]: 1 }
    this.settle(this.leaves(this.leafAt(trigger, 1), 'out', null, [], false, {}))
  }

  act(path: string, act: Act): void {
    if (this.root === null) return
    const steps = path === '' ? [] : path.split('.').map(Number)
    this.settle(this.within(this.root, steps, [], act))
  }

  cancel(reason: string): void {
    this.root = null
    this.status = 'cancelled'
    this.endReason = reason
  }

  seen(): Seen[] {
    const found: Seen[] = []
    const walk = (tree: Tree, path: string[]): void => {
      if (tree.is === 'group') {
        for (const [branch, child] of tree.branches) walk(child, [...path, String(branch)])
        return
      }
      const { node, visit, state, dueAt, timeoutPort, arms, attempt, trouble } = tree
      const due = dueAt === null ? 'never' : dueAt <= this.now ? 'now' : 'later'
      found.push({ path: path.join('.'), node, visit, state, due, timeoutPort, arms, attempt, trouble })
    }
    if (this.root) walk(this.root, [])
    return found.sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  private settle(fate: Fate): void {
    this.root = fate.is === 'there' ? fate.tree : null
    if (fate.is === 'there') return
    this.status = 'completed'
    this.endReason = fate.is === 'end' ? 'end' : 'ran_out'
    if (fate.is === 'end') this.outputs = fate.outputs
  }

  private within(tree: Tree, path: number[], around: Group[], act: Act): Fate {
    if (tree.is === 'leaf') return this.actOn(tree, around, act)
    const [branch = -1, ...rest] = path
    const child = tree.branches.get(branch)
    if (child === undefined) throw new Error(`there is no branch ${branch}`)
    const fate = this.within(child, rest, [...around, tree], act)
    switch (fate.is) {
      case 'there':
        tree.branches.set(branch, fate.tree)
        return { is: 'there', tree }
      case 'end':
        return fate
      case 'break':
        if (tree.items === null) return fate
        return this.leaves(
          this.leafAt(tree.node, this.visits[tree.node] ?? 1),
          'done',
          tree.arrived + tree.dead,
          around,
          false,
          {},
        )
      case 'dead':
      case 'arrived':
        tree.branches.delete(branch)
        this.count(tree, fate)
        return this.look(tree, around)
    }
  }

  private count(group: Group, fate: Fate): void {
    if (fate.is === 'dead') group.dead += 1
    if (fate.is !== 'arrived') return
    group.arrived += 1
    if (group.items === null) group.join = fate.join
  }

  /** Whether a group goes on, begins more, or is over. */
  private look(group: Group, around: Group[]): Fate {
    for (;;) {
      const over = group.arrived + group.dead
      if (group.items === null) {
        if (group.arrived < group.need && over < group.total) return { is: 'there', tree: group }
        if (group.arrived === 0) return { is: 'dead' }
        const port = group.arrived >= group.need || group.need === group.total ? 'out' : 'short'
        const at = group.join ?? '?'
        return this.leaves(this.leafAt(at, this.visits[at] ?? 1), port, group.arrived, around, false, {})
      }
      if (over === group.total) {
        return this.leaves(this.leafAt(group.node, this.visits[group.node] ?? 1), 'done', group.total, around, false, {})
      }
      if (group.begun >= group.total || group.branches.size >= group.abreast) return { is: 'there', tree: group }
      this.start(group, group.begun, this.graph.nodes[group.node]?.next.item, around)
      group.begun += 1
    }
  }

  private start(group: Group, branch: number, to: string | undefined, around: Group[]): void {
    const fate: Fate = to === undefined ? { is: 'dead' } : this.comesTo(to, [...around, group])
    if (fate.is === 'there') group.branches.set(branch, fate.tree)
    else this.count(group, fate)
  }

  private actOn(leaf: Leaf, around: Group[], act: Act): Fate {
    const stays: Fate = { is: 'there', tree: leaf }
    switch (act.do) {
      case 'hit':
        if (leaf.state !== 'waiting' || !leaf.arms.includes(act.port)) return stays
        return this.leaves(leaf, act.port, act.output, around, false, {})
      case 'timeOut':
        if (leaf.state !== 'waiting' || leaf.dueAt === null || leaf.dueAt > this.now) return stays
        return this.leaves(leaf, leaf.timeoutPort ?? '?', null, around, false, {})
      case 'retry':
        if (leaf.state === 'waiting') return stays
        if (leaf.trouble === 'limit') this.steps = 0
        if (leaf.state === 'held') leaf.attempt = 0
        return { is: 'there', tree: Object.assign(leaf, { state: 'ready', dueAt: this.now, trouble: null, left: null }) }
      case 'skip':
        return this.leaves(leaf, act.port, leaf.left, around, true, {})
      case 'hold':
        return leaf.state === 'held' ? stays : this.held(leaf, act.trouble)
      case 'advance':
        return leaf.state === 'held' ? stays : this.advance(leaf, around, act.result)
    }
  }

  private advance(leaf: Leaf, around: Group[], result: StepResult): Fate {
    const node = this.graph.nodes[leaf.node]
    switch (result.kind) {
      case 'go':
        return this.leaves(leaf, result.port, result.output ?? null, around, false, result.vars ?? {})
      case 'wait': {
        const { arms, until, timeoutPort } = result
        if (arms.length === 0 && until === null) return this.held(leaf, 'invalid')
        const waits = { state: 'waiting', dueAt: until, timeoutPort, arms: arms.map((arm) => arm.port) } as const
        return { is: 'there', tree: Object.assign(leaf, waits) }
      }
      case 'fork': {
        const total = result.ports.length
        if (result.need < 1 || result.need > total) return this.held(leaf, 'invalid')
        const group = this.group(leaf.node, null, total, result.need, total)
        result.ports.forEach((port, branch) => {
          this.start(group, branch, node?.next[port], around)
        })
        return this.look(group, around)
      }
      case 'each': {
        if (result.items.length > 1_000) return this.held(leaf, 'limit')
        const hasBody = node?.next.item !== undefined
        if (result.items.length === 0 || !hasBody) return this.leaves(leaf, 'done', result.items.length, around, false, {})
        const abreast = Math.max(1, Math.min(result.atOnce, 100))
        return this.look(this.group(leaf.node, result.items, abreast, result.items.length, result.items.length), around)
      }
      case 'join':
        return around.at(-1)?.items === null ? { is: 'arrived', join: leaf.node } : this.held(leaf, 'invalid')
      case 'break':
        return around.some((group) => group.items !== null) ? { is: 'break' } : this.held(leaf, 'invalid')
      case 'end':
        return { is: 'end', outputs: result.outputs }
      case 'fail': {
        if (result.retryAt !== null && leaf.attempt < (node?.retry?.max ?? 8)) {
          const later = new Date(this.now.getTime() + 1)
          const again = { state: 'ready', dueAt: later, timeoutPort: null, arms: [], attempt: leaf.attempt + 1 } as const
          return { is: 'there', tree: Object.assign(leaf, again) }
        }
        if (result.port === null || node?.next[result.port] === undefined) return this.held(leaf, result.class)
        const output = result.output ?? { class: result.class, sentence: result.sentence }
        return this.leaves(leaf, result.port, output, around, false, {})
      }
    }
  }

  private group(node: string, items: readonly Json[] | null, abreast: number, need: number, total: number): Group {
    const begun = items === null ? total : 0
    return { is: 'group', node, items, abreast, need, total, begun, arrived: 0, dead: 0, join: null, branches: new Map() }
  }

  private leaves(leaf: Leaf, port: string, output: Json, around: Group[], isChosen: boolean, vars: Record<string, Json>): Fate {
    const node = this.graph.nodes[leaf.node]
    const type = node?.type ?? ''
    const to = node?.next[port]
    const known = type === 'fork@1' ? ((node?.config.branches ?? []) as { key: string }[]).map((one) => one.key) : PORTS[type]
    const isFailure = FAILURES[type]?.includes(port) ?? false
    if (to === undefined && !known?.includes(port)) return this.held(leaf, 'invalid', output)
    if (to === undefined && isFailure && !isChosen) return this.held(leaf, `unhandled:${port}`, output)
    const before = { ...this.vars, ...vars }
    const after = { ...before }
    for (const [key, expression] of Object.entries(node?.set ?? {})) {
      try {
        after[key] = this.evaluate(expression, before, output)
      } catch {
        if (!isChosen) return this.held(leaf, 'invalid', output)
      }
    }
    this.vars = after
    return to === undefined ? { is: 'dead' } : this.comesTo(to, around)
  }

  private held(leaf: Leaf, trouble: string, left: Json = leaf.left): Fate {
    const is = { state: 'held', dueAt: null, timeoutPort: null, arms: [], trouble, left: left ?? leaf.left } as const
    return { is: 'there', tree: Object.assign(leaf, is) }
  }

  private comesTo(node: string, around: Group[]): Fate {
    const inner = around.at(-1)
    if (inner?.node === node && inner.items !== null) return { is: 'arrived', join: null }
    this.steps += 1
    this.visits[node] = (this.visits[node] ?? 0) + 1
    const leaf = this.leafAt(node, this.visits[node])
    if (around.some((group) => group.node === node)) return this.held(leaf, 'invalid')
    if (this.steps > this.graph.limits.steps) return this.held(leaf, 'limit')
    return { is: 'there', tree: leaf }
  }

  private leafAt(node: string, visit: number): Leaf {
    const begins = {
      state: 'ready',
      dueAt: this.now,
      timeoutPort: null,
      arms: [],
      attempt: 0,
      trouble: null,
      left: null,
    } as const
    return { is: 'leaf', node, visit, ...begins, arms: [] }
  }
}

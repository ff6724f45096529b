/**
 * A workflow of Elsa 3 as one of ours. What has a counterpart is carried, what has none stays as a step of a kind that nobody knows, so that it cannot be
 * published before somebody has decided what to do; and a report says both, activity by activity.
 */
import { z } from 'zod'
import { Graph, type Json, type Node, SCHEMA, type Variable, type VarType } from '../definition/graph.ts'
import { placeActivity } from './activities.ts'
import { keyOf } from './expressions.ts'
import { forgetJoinsOfNothing, joinWhatMeets } from './meeting.ts'
import { giveOutputs } from './outputs.ts'
import { type Activity, type DefinedVariable, Definition, variablesIn, withNames } from './read.ts'

export interface Remark {
  /** The activity's own id; null: the workflow as a whole. */
  readonly activity: string | null
  /** `carried`: with a difference; `lost`: somebody has to do it again. */
  readonly what: 'carried' | 'lost'
  readonly sentence: string
}

export type Imported =
  | { readonly ok: true; readonly graph: Graph; readonly remarks: readonly Remark[]; readonly activities: number }
  | { readonly ok: false; readonly sentence: string }

const TYPES: Readonly<Record<string, VarType>> = {
  ...{
    string: 'text',
    boolean: 'boolean',
    int32: 'number',
    int64: 'number',
    double: 'number',
    decimal: 'number',
    single: 'number',
  },
  ...{ datetime: 'date', datetimeoffset: 'date', object: 'object' },
}

export function importElsa(given: unknown): Imported {
  const read = Definition.safeParse(given)
  if (!read.success) {
    const [issue] = read.error.issues
    return {
      ok: false,
      sentence: `This is no workflow definition of Elsa 3: ${issue?.path.join('.') || 'the file'} is not as expected (${issue?.message}).`,
    }
  }
  const definition = read.data
  const root = structuredClone(definition.root)
  const remarks: Remark[] = []
  const defined = [...(definition.variables ?? []), ...variablesIn(root)]
  withNames(root, defined)
  const building = new Building(remarks, defined)
  building.place(root, () => null)
  if (!building.hasTrigger) {
    remarks.push({
      activity: null,
      what: 'carried',
      sentence: 'Nothing begins it by itself: it is started by another workflow or the API.',
    })
    building.begin(building.entryOf(root))
  }
  joinWhatMeets(building)
  forgetJoinsOfNothing(building)
  giveOutputs(building)
  const inputs = (definition.inputs ?? []).map(
    (one): Variable => ({ key: keyOf(one.name), type: TYPES[lastOf(one.type)] ?? 'object' }),
  )
  const outputs = (definition.outputs ?? []).map(
    (one): Variable => ({ key: keyOf(one.name), type: TYPES[lastOf(one.type)] ?? 'object' }),
  )
  const graph = Graph.safeParse({
    schema: SCHEMA,
    name: (definition.name ?? 'Imported workflow').slice(0, 120) || 'Imported workflow',
    description: (definition.description ?? '').slice(0, 2_000),
    subject: 'none',
    reentry: 'allow',
    vars: distinct([...defined.map(variableOf), ...building.ownVars]),
    inputs: distinct(inputs),
    outputs: distinct([...outputs, ...building.outputs.values()]),
    nodes: building.nodes,
  })
  if (!graph.success)
    return {
      ok: false,
      sentence: `It does not fit into a workflow of ours: ${graph.error.issues[0]?.path.join('.')}: ${graph.error.issues[0]?.message}.`,
    }
  return { ok: true, graph: graph.data, remarks, activities: building.count }
}

function variableOf(one: DefinedVariable): Variable {
  const type = one.isArray
    ? 'list'
    : (TYPES[(one.typeName ?? 'object').split(/[.,]/)[0]?.toLowerCase() ?? ''] ?? TYPES[lastOf(one.typeName)] ?? 'object')
  const start = one.value === undefined || one.value === null || one.value === '' ? undefined : startOf(one.value, type)
  return {
    key: keyOf(one.name),
    type,
    ...(keyOf(one.name) !== one.name && { label: one.name.slice(0, 200) }),
    ...(start !== undefined && { default: start }),
  }
}

function lastOf(typeName: string | null | undefined): string {
  return (typeName ?? '').split(',')[0]?.split('.').at(-1)?.toLowerCase() ?? ''
}

function startOf(value: unknown, type: VarType): Json | undefined {
  if (type === 'number') return Number.isFinite(Number(value)) ? Number(value) : undefined
  if (type === 'boolean') return value === true || value === 'true' || value === 'True'
  const read = z.json().safeParse(value)
  return read.success ? (read.data as Json) : undefined
}

function distinct(vars: readonly Variable[]): Variable[] {
  return [...new Map(vars.toReversed().map((one) => [one.key, one])).values()].toReversed()
}

/** Where an activity leads, by its port; null: nowhere. */
export type Next = (port: string) => string | null

/** Nodes as they come to be. */
export class Building {
  readonly nodes: Record<string, Node> = {}
  readonly ownVars: Variable[] = []
  /** What the run comes to, by the variable that it is kept in meanwhile. */
  readonly outputs = new Map<string, Variable>()
  /** Joins that go on with whatever comes first. */
  readonly anyJoins = new Set<string>()
  hasTrigger = false
  count = 0
  readonly #remarks: Remark[]
  readonly #ids = new Map<Activity, string>()
  readonly #parts = new Map<string, string>()
  readonly #used = new Set<string>()

  readonly #exits: Next[] = []
  readonly #variables: ReadonlyMap<string, string>

  constructor(remarks: Remark[], variables: readonly DefinedVariable[]) {
    this.#remarks = remarks
    this.#variables = new Map(variables.flatMap(({ id, name }) => [name, ...(id ? [id] : [])].map((one) => [one, keyOf(name)])))
  }

  /** The variable that an output is kept in; null: in none. */
  variableOf(output: unknown): string | null {
    const id = (output as { memoryReference?: { id?: unknown } } | null | undefined)?.memoryReference?.id
    return typeof id === 'string' ? (this.#variables.get(id) ?? null) : null
  }

  /** What is placed meanwhile stands in a composite, which leads on so. */
  within(next: Next, work: () => void): void {
    this.#exits.push(next)
    work()
    this.#exits.pop()
  }

  /** Where the composite leads on that an activity stands in; null: it is the workflow itself. */
  exit(): Next | null {
    return this.#exits.length > 1 ? (this.#exits.at(-1) ?? null) : null
  }

  /** The node of an activity: its id as far as ids of ours allow, and another where two would be the same. */
  idOf(activity: Activity): string {
    const known = this.#ids.get(activity)
    if (known !== undefined) return known
    const wanted = activity.id.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 32) || 'step'
    const id = this.freeId(wanted)
    this.#ids.set(activity, id)
    return id
  }

  /** Another node of the same activity. */
  partOf(activity: Activity, part: string): string {
    const key = `${this.idOf(activity)}_${part}`
    const known = this.#parts.get(key)
    if (known !== undefined) return known
    const id = this.freeId(key.slice(0, 36))
    this.#parts.set(key, id)
    return id
  }

  freeId(wanted: string): string {
    let id = wanted
    for (let n = 2; this.#used.has(id); n++) id = `${wanted}_${n}`
    this.#used.add(id)
    return id
  }

  put(id: string, node: Omit<Node, 'next'> & { readonly next?: Readonly<Record<string, string | null>> }): void {
    const next = Object.fromEntries(
      Object.entries(node.next ?? {}).filter((entry): entry is [string, string] => entry[1] !== null),
    )
    this.nodes[id] = { ...node, next }
  }

  /** A trigger that leads into it. */
  begin(target: string | null, type = 'trigger.called@1', config: Node['config'] = {}, wanted = 'begin'): void {
    this.hasTrigger = true
    this.put(this.freeId(wanted), { type, config, next: { out: target } })
  }

  remark(activity: Activity | null, what: Remark['what'], sentence: string): void {
    this.#remarks.push({ activity: activity?.id ?? null, what, sentence })
  }

  /** Of a node: by the activity that it came of. */
  note(node: string, what: Remark['what'], sentence: string): void {
    this.remark([...this.#ids].find(([, id]) => id === node)?.[0] ?? null, what, sentence)
  }

  entryOf(activity: Activity): string | null {
    return placeActivity(this, activity).entry
  }

  place(activity: Activity, next: Next): void {
    this.count += 1
    placeActivity(this, activity).build(next)
  }
}

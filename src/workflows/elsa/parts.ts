/** What every activity is built of. */
import type { Json, Node } from '../definition/graph.ts'
import { keyOf, toCel } from './expressions.ts'
import type { Building, Next } from './import.ts'
import { type Activity, given, kindOf } from './read.ts'

export interface Placed {
  /** Where a path comes in; null: there is nothing in it. */
  readonly entry: string | null
  build(next: Next): void
}

export type Config = Record<string, Json>
export type Make = (building: Building, activity: Activity) => Placed

/** One node; our ports by the names of Elsa's. */
export function node(
  building: Building,
  activity: Activity,
  type: string,
  config: () => Config,
  ports: Readonly<Record<string, string>> = { out: 'Done' },
  /** Output of Elsa's → what of our result it is: kept in the variable that it was kept in. */
  outputs: Readonly<Record<string, string>> = {},
): Placed {
  const id = building.idOf(activity)
  return {
    entry: id,
    build(next) {
      const named = typeof activity.name === 'string' && activity.name !== '' ? { name: activity.name.slice(0, 120) } : {}
      building.put(id, {
        ...{ type, config: config(), ...named, ...kept(building, activity, outputs) },
        next: Object.fromEntries(Object.entries(ports).map(([ours, theirs]) => [ours, next(theirs)])),
      })
    },
  }
}

function kept(building: Building, activity: Activity, outputs: Readonly<Record<string, string>>): Pick<Node, 'set'> {
  const set = Object.entries(outputs).flatMap(([output, expression]) => {
    const key = building.variableOf(activity[output])
    return key === null ? [] : [[key, expression] as const]
  })
  return set.length === 0 ? {} : { set: Object.fromEntries(set) }
}

/** A step of a kind that nobody knows: the checks refuse to publish it, and say its name. */
export function unknown(building: Building, activity: Activity, sentence: string): Placed {
  const name = keyOf(kindOf(activity)).replace(/[^a-z_]/g, '') || 'activity'
  return {
    ...node(building, activity, `elsa.${name}@1`, () => ({})),
    build(next) {
      building.remark(activity, 'lost', `${sentence} Put another step in its place, or take it out.`)
      node(building, activity, `elsa.${name}@1`, () => ({})).build(next)
    },
  }
}

/** Nothing of it is needed here: paths go past it. */
export function passing(building: Building, activity: Activity, sentence: string | null): Placed {
  const id = building.idOf(activity)
  return {
    entry: id,
    build(next) {
      if (sentence !== null) building.remark(activity, 'carried', sentence)
      building.put(id, {
        type: 'data.set@1',
        config: { values: {} },
        ...(activity.name ? { name: String(activity.name).slice(0, 120) } : {}),
        next: { out: next('Done') },
      })
    },
  }
}

export function trigger(building: Building, activity: Activity, type: string, config: () => Config): Placed {
  return {
    ...node(building, activity, type, config),
    build(next) {
      building.hasTrigger = true
      if (Object.values(activity).some((one) => building.variableOf(one) !== null))
        building.remark(activity, 'lost', 'What came with it was kept in a variable: here it is `event` in every step.')
      node(building, activity, type, config).build(next)
    },
  }
}

export function mayStart({ customProperties }: Activity): boolean {
  return (
    typeof customProperties === 'object' &&
    customProperties !== null &&
    (customProperties as { canStartWorkflow?: unknown }).canStartWorkflow === true
  )
}

export const lostBy = (building: Building, activity: Activity) => (sentence: string) =>
  building.remark(activity, 'lost', sentence)

/** A condition that is computed: worked out into a variable of its own, and asked for. */
export function condition(
  building: Building,
  activity: Activity,
  input: string,
  yes: (next: Next) => string | null,
  no: (next: Next) => string | null,
): Placed {
  const first = building.idOf(activity)
  const asked = building.partOf(activity, 'if')
  const key = keyOf(`holds_${activity.id}`)
  return {
    entry: first,
    build(next) {
      const cel = toCel(given(activity, input), lostBy(building, activity))
      building.ownVars.push({ key, type: 'boolean', default: false })
      building.put(first, { type: 'data.compute@1', config: { values: { [key]: cel ?? 'false' } }, next: { out: asked } })
      building.put(asked, {
        type: 'if@1',
        config: { when: { field: `vars.${key}`, op: 'is_true' } },
        next: { yes: yes(next), no: no(next) },
      })
    },
  }
}

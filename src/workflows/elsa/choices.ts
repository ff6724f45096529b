/** Activities by which a path is chosen, or gone again. */
import { keyOf, toCel } from './expressions.ts'
import type { Building } from './import.ts'
import { condition, lostBy, type Make, type Placed, unknown } from './parts.ts'
import { type Activity, activityIn, given } from './read.ts'

function ifElse(building: Building, activity: Activity): Placed {
  const [yes, no] = [activityIn(activity.then), activityIn(activity.else)]
  const placed = condition(
    building,
    activity,
    'condition',
    (next) => (yes && building.entryOf(yes)) ?? next('Done'),
    (next) => (no && building.entryOf(no)) ?? next('Done'),
  )
  return {
    entry: placed.entry,
    build(next) {
      placed.build(next)
      for (const one of [yes, no]) if (one) building.place(one, () => next('Done'))
    },
  }
}

function switchCases(building: Building, activity: Activity): Placed {
  const raw = given(activity, 'cases')?.value ?? activity.cases
  const cases = (Array.isArray(raw) ? raw : []).flatMap((one: unknown) => {
    const {
      label,
      condition: test,
      activity: inside,
    } = (one ?? {}) as { label?: unknown; condition?: unknown; activity?: unknown }
    return typeof label === 'string'
      ? [{ label, test: given({ type: 'x', id: 'x', test: { expression: test } }, 'test'), inside: activityIn(inside) }]
      : []
  })
  const other = activityIn(activity.default)
  const [first, asked] = [building.idOf(activity), building.partOf(activity, 'switch')]
  return {
    entry: cases.length === 0 ? ((other && building.entryOf(other)) ?? first) : first,
    build(next) {
      const lost = lostBy(building, activity)
      const keys = cases.map(({ label }, at) => `c${at + 1}_${keyOf(label)}`.slice(0, 40))
      const values = Object.fromEntries(
        cases.map(({ test }, at) => [keyOf(`case_${activity.id}_${at + 1}`), toCel(test, lost) ?? 'false']),
      )
      for (const key of Object.keys(values)) building.ownVars.push({ key, type: 'boolean', default: false })
      if (String(given(activity, 'mode')?.value ?? '') === 'MatchAny')
        building.remark(
          activity,
          'lost',
          'It went the ways of all cases that fit; here the first one is gone. Put a split with a condition in each branch in its place.',
        )
      for (const one of [...cases.map(({ inside }) => inside), other]) if (one) building.place(one, () => next('Done'))
      building.put(first, { type: 'data.compute@1', config: { values }, next: { out: asked } })
      building.put(asked, {
        type: 'switch@1',
        config: {
          cases: cases.map(({ label }, at) => ({
            key: keys[at] as string,
            label: label.slice(0, 60),
            when: { field: `vars.${Object.keys(values)[at]}`, op: 'is_true' },
          })),
        },
        next: {
          ...Object.fromEntries(
            cases.map(({ label, inside }, at) => [keys[at] as string, (inside && building.entryOf(inside)) ?? next(label)]),
          ),
          else: (other && building.entryOf(other)) ?? next('Default'),
        },
      })
    },
  }
}

function each(atOnce: number): Make {
  return (building, activity) => {
    const id = building.idOf(activity)
    const body = activityIn(activity.body)
    return {
      entry: id,
      build(next) {
        const items = toCel(given(activity, 'items'), lostBy(building, activity)) ?? '[]'
        if (body) building.place(body, () => null)
        if (given(activity, 'currentValue'))
          building.remark(activity, 'carried', 'The item of the round is called `item` in all that stands inside.')
        building.put(id, {
          type: 'each@1',
          config: { items, at_once: atOnce },
          next: { item: body ? building.entryOf(body) : null, done: next('Done') },
        })
      },
    }
  }
}

function whileLoop(building: Building, activity: Activity): Placed {
  const body = activityIn(activity.body)
  const placed = condition(
    building,
    activity,
    'condition',
    () => body && building.entryOf(body),
    (next) => next('Done'),
  )
  return {
    entry: placed.entry,
    build(next) {
      placed.build(next)
      if (body) building.place(body, () => placed.entry)
    },
  }
}

const MOST_ROUNDS = 200

/** The rounds as a list, where they are known beforehand: one after the other, each with its number. */
function forLoop(building: Building, activity: Activity): Placed {
  const rounds = roundsOf(activity)
  if (rounds === null)
    return unknown(
      building,
      activity,
      'How often it goes round is only known while it runs, or more than 200 times: use “For each” with a list.',
    )
  const id = building.idOf(activity)
  const body = activityIn(activity.body)
  return {
    entry: id,
    build(next) {
      if (body) building.place(body, () => null)
      building.remark(activity, 'carried', 'The number of the round is called `item` in all that stands inside.')
      building.put(id, {
        type: 'each@1',
        config: { items: JSON.stringify(rounds), at_once: 1 },
        next: { item: body ? building.entryOf(body) : null, done: next('Done') },
      })
    },
  }
}

function roundsOf(activity: Activity): number[] | null {
  const numberOf = (name: string, otherwise: number) => {
    const found = given(activity, name)
    return found === null ? otherwise : found.kind === 'Literal' ? Number(found.value) : Number.NaN
  }
  const [from, to, by] = [numberOf('start', 0), numberOf('end', 0), numberOf('step', 1)]
  const isInclusive = String(given(activity, 'outerBoundInclusive')?.value ?? true) !== 'false'
  if (![from, to, by].every(Number.isFinite) || by === 0) return null
  const rounds: number[] = []
  for (let i = from; by > 0 ? (isInclusive ? i <= to : i < to) : isInclusive ? i >= to : i > to; i += by) {
    if (rounds.length >= MOST_ROUNDS) return null
    rounds.push(i)
  }
  return rounds
}

export const CHOICES: Readonly<Record<string, Make>> = {
  If: ifElse,
  FlowDecision: (building, activity) =>
    condition(
      building,
      activity,
      'condition',
      (next) => next('True'),
      (next) => next('False'),
    ),
  Switch: switchCases,
  FlowSwitch: switchCases,
  For: forLoop,
  ForEach: each(1),
  ParallelForEach: each(100),
  While: whileLoop,
}

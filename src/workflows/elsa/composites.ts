/** Activities that hold others: what they hold is laid out flat. */
import { keyOf } from './expressions.ts'
import type { Building } from './import.ts'
import { type Make, node, type Placed, passing } from './parts.ts'
import { type Activity, activitiesIn, activityIn, Connection, given, kindOf, listIn } from './read.ts'

function sequence(building: Building, activity: Activity): Placed {
  const inside = activitiesIn(activity.activities)
  return {
    entry: inside.map((one) => building.entryOf(one)).find((entry) => entry !== null) ?? null,
    build(next) {
      building.within(next, () => {
        for (const [at, one] of inside.entries()) {
          const after =
            inside
              .slice(at + 1)
              .map((later) => building.entryOf(later))
              .find((entry) => entry !== null) ?? next('Done')
          building.place(one, () => after)
        }
      })
    },
  }
}

function flowchart(building: Building, activity: Activity): Placed {
  const inside = activitiesIn(activity.activities)
  const connections = Array.isArray(activity.connections)
    ? activity.connections.flatMap((one) => {
        const read = Connection.safeParse(one)
        return read.success ? [read.data] : []
      })
    : []
  const targets = new Set(connections.map(({ target }) => target.activity))
  const named = typeof activity.start === 'string' ? activity.start : (activityIn(activity.start)?.id ?? null)
  const start =
    inside.find(({ id }) => id === named) ??
    inside.find((one) => kindOf(one) === 'Start') ??
    inside.find(({ id }) => !targets.has(id)) ??
    inside[0]
  return {
    entry: start ? building.entryOf(start) : null,
    build(next) {
      building.within(next, () => {
        for (const one of inside) {
          const leaving = connections.filter(({ source }) => source.activity === one.id)
          building.place(one, (port) => {
            const entries = leaving
              .filter(({ source }) => (source.port ?? 'Done') === port)
              .flatMap(({ target }) => {
                const found = inside.find(({ id }) => id === target.activity)
                return found ? [building.entryOf(found)] : []
              })
              .filter((entry) => entry !== null)
            if (entries.length > 1) return several(building, one, port, entries)
            return entries[0] ?? (leaving.length === 0 ? next('Done') : null)
          })
        }
      })
    },
  }
}

/** Two lines from one port: both are followed, which here is a split of its own. */
function several(building: Building, activity: Activity, port: string, entries: readonly string[]): string {
  const id = building.partOf(activity, `split_${keyOf(port)}`)
  if (!building.nodes[id]) {
    building.remark(
      activity,
      'carried',
      `Several lines leave “${port}”: they go on side by side, which is a split of its own now.`,
    )
    const branches = entries.map((_, at) => ({ key: `b${at + 1}`, label: `Branch ${at + 1}` }))
    building.put(id, {
      type: 'fork@1',
      config: { branches, need: 'all' },
      next: Object.fromEntries(entries.map((entry, at) => [`b${at + 1}`, entry])),
    })
  }
  return id
}

/** Branches that stand in it, and the place where they come together again. */
function fork(building: Building, activity: Activity): Placed {
  const inside = activitiesIn(activity.branches ?? activity.activities)
  if (inside.length < 2) return sequence(building, { ...activity, activities: inside })
  const id = building.idOf(activity)
  const join = building.partOf(activity, 'join')
  return {
    entry: id,
    build(next) {
      const mode = String(given(activity, 'joinMode')?.value ?? 'WaitAll')
      const branches = inside.map((one, at) => ({
        key: `b${at + 1}`,
        label: (one.name ?? `Branch ${at + 1}`).slice(0, 60) || `Branch ${at + 1}`,
      }))
      for (const one of inside) building.place(one, () => join)
      building.put(id, {
        ...{ type: 'fork@1', config: { branches, need: mode === 'WaitAny' ? 'any' : 'all' } },
        next: Object.fromEntries(inside.map((one, at) => [`b${at + 1}`, building.entryOf(one) ?? join])),
      })
      building.put(join, { type: 'join@1', config: {}, next: { out: next('Done') } })
    },
  }
}

function flowFork(building: Building, activity: Activity): Placed {
  const id = building.idOf(activity)
  return {
    entry: id,
    build(next) {
      const names = listIn(given(activity, 'branches'), activity.branches).filter((one): one is string => typeof one === 'string')
      const branches = names.map((label, at) => ({ key: `b${at + 1}`, label: label.slice(0, 60) || `Branch ${at + 1}` }))
      if (branches.length < 2)
        return passing(building, activity, 'It has fewer than two branches, so nothing is split.').build((port) =>
          next(names[0] ?? port),
        )
      building.put(id, {
        type: 'fork@1',
        config: { branches, need: 'all' },
        next: Object.fromEntries(names.map((name, at) => [`b${at + 1}`, next(name)])),
      })
    },
  }
}

function join(building: Building, activity: Activity): Placed {
  const mode = String(given(activity, 'mode')?.value ?? 'WaitAny')
  // What is said of the join here is said of the split that it belongs to, once all is in its place.
  if (mode === 'WaitAny') building.anyJoins.add(building.idOf(activity))
  return node(building, activity, 'join@1', () => ({}))
}

export const COMPOSITES: Readonly<Record<string, Make>> = {
  Sequence: sequence,
  Container: sequence,
  Flowchart: flowchart,
  Fork: fork,
  Parallel: fork,
  FlowFork: flowFork,
  FlowJoin: join,
}

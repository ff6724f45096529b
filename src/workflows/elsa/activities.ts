/** Elsa's activities, each as the nodes that do the same. What a composite holds is laid out flat: here a path leads on by ports alone. */
import type { Json, Node } from '../definition/graph.ts'
import { keyOf, lengthOf, secondsOf, toCel, toText } from './expressions.ts'
import type { Building, Next } from './import.ts'
import { type Activity, activitiesIn, activityIn, Connection, given, kindOf } from './read.ts'

export interface Placed {
  /** Where a path comes in; null: there is nothing in it. */
  readonly entry: string | null
  build(next: Next): void
}

type Config = Record<string, Json>

export function placeActivity(building: Building, activity: Activity): Placed {
  const kind = kindOf(activity)
  const composite = COMPOSITES[kind]
  if (composite) return composite(building, activity)
  const simple = SIMPLE[kind]
  if (simple) return simple(building, activity)
  return unknown(building, activity, `There is no step for ${kind}.`)
}

type Make = (building: Building, activity: Activity) => Placed

/** One node; our ports by the names of Elsa's. */
function node(
  building: Building,
  activity: Activity,
  type: string,
  config: () => Config,
  ports: Readonly<Record<string, string>> = { out: 'Done' },
): Placed {
  const id = building.idOf(activity)
  return {
    entry: id,
    build(next) {
      const named = typeof activity.name === 'string' && activity.name !== '' ? { name: activity.name.slice(0, 120) } : {}
      building.put(id, {
        ...{ type, config: config(), ...named },
        next: Object.fromEntries(Object.entries(ports).map(([ours, theirs]) => [ours, next(theirs)])),
      })
    },
  }
}

/** A step of a kind that nobody knows: the checks refuse to publish it, and say its name. */
function unknown(building: Building, activity: Activity, sentence: string): Placed {
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
function passing(building: Building, activity: Activity, sentence: string | null): Placed {
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

function trigger(building: Building, activity: Activity, type: string, config: () => Config): Placed {
  return {
    ...node(building, activity, type, config),
    build(next) {
      building.hasTrigger = true
      node(building, activity, type, config).build(next)
    },
  }
}

function mayStart({ customProperties }: Activity): boolean {
  return (
    typeof customProperties === 'object' &&
    customProperties !== null &&
    (customProperties as { canStartWorkflow?: unknown }).canStartWorkflow === true
  )
}

const lostBy = (building: Building, activity: Activity) => (sentence: string) => building.remark(activity, 'lost', sentence)

/** A condition that is computed: worked out into a variable of its own, and asked for. */
function condition(
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

function sequence(building: Building, activity: Activity): Placed {
  const inside = activitiesIn(activity.activities)
  return {
    entry: inside.map((one) => building.entryOf(one)).find((entry) => entry !== null) ?? null,
    build(next) {
      for (const [at, one] of inside.entries()) {
        const after =
          inside
            .slice(at + 1)
            .map((later) => building.entryOf(later))
            .find((entry) => entry !== null) ?? next('Done')
        building.place(one, () => after)
      }
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

const COMPOSITES: Readonly<Record<string, Make>> = {
  ...{
    Sequence: sequence,
    Flowchart: flowchart,
    Container: sequence,
    Fork: fork,
    Parallel: fork,
    If: ifElse,
    While: whileLoop,
    For: forLoop,
  },
  ...{ ForEach: each(1), ParallelForEach: each(100), Switch: switchCases, FlowSwitch: switchCases },
}

/** One that begins the workflow where it may, and is waited for elsewhere. */
function event(building: Building, activity: Activity): Placed {
  const config = () => ({ name: eventName(building, activity, toText(given(activity, 'eventName'), lostBy(building, activity))) })
  if (mayStart(activity)) return trigger(building, activity, 'trigger.event@1', config)
  return node(building, activity, 'wait.event@1', () => ({ ...config(), after: null }), { came: 'Done' })
}

function eventName(building: Building, activity: Activity, text: string): string {
  const name = text
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, 80)
  if (name !== text) building.remark(activity, 'carried', `The event “${text}” is called ${name || 'event'} here.`)
  return name || 'event'
}

function timer(building: Building, activity: Activity): Placed {
  const seconds = () => secondsOf(toText(given(activity, 'interval') ?? given(activity, 'timeSpan'), lostBy(building, activity)))
  if (!mayStart(activity)) return delay(building, activity)
  return trigger(building, activity, 'trigger.schedule@1', () => {
    const cron = cronOf(seconds() ?? 0)
    if (cron === null)
      building.remark(
        activity,
        'lost',
        'This interval does not come at the same minutes of every hour or day: choose when it is to begin.',
      )
    return { cron: cron ?? '0 * * * *', zone: 'UTC', misfire: 'once' }
  })
}

function cronOf(seconds: number): string | null {
  const minutes = seconds / 60
  if (Number.isInteger(minutes) && minutes >= 1 && minutes < 60 && 60 % minutes === 0)
    return minutes === 1 ? '* * * * *' : `*/${minutes} * * * *`
  const hours = minutes / 60
  if (Number.isInteger(hours) && hours >= 1 && hours <= 24 && 24 % hours === 0)
    return hours === 24 ? '0 0 * * *' : hours === 1 ? '0 * * * *' : `0 */${hours} * * *`
  return null
}

function cron(building: Building, activity: Activity): Placed {
  if (!mayStart(activity))
    return unknown(building, activity, 'A schedule in the middle of a path has no counterpart; a schedule begins a workflow.')
  return trigger(building, activity, 'trigger.schedule@1', () => {
    const pattern = toText(given(activity, 'cronExpression'), lostBy(building, activity)).trim().split(/\s+/)
    if (pattern.length === 6) {
      if (pattern[0] !== '0') building.remark(activity, 'carried', 'Schedules know minutes, not seconds.')
      pattern.shift()
    }
    return { cron: pattern.join(' ').replaceAll('?', '*'), zone: 'UTC', misfire: 'once' }
  })
}

function delay(building: Building, activity: Activity): Placed {
  return node(building, activity, 'wait.time@1', () => {
    const text = toText(given(activity, 'timeSpan') ?? given(activity, 'interval'), () => {})
    const seconds = secondsOf(text)
    if (seconds === null) building.remark(activity, 'lost', 'How long it waits was computed: say it here.')
    return { for: { for: lengthOf(seconds ?? 86_400) } }
  })
}

function mail(building: Building, activity: Activity): Placed {
  const error = activityIn(activity.error)
  const placed = node(
    building,
    activity,
    'email.send@1',
    () => {
      const lost = lostBy(building, activity)
      const html = toText(given(activity, 'body'), lost)
      const people = (input: string) => addressesOf(building, activity, input)
      if (given(activity, 'from')) building.remark(activity, 'carried', 'The sender is one of yours: choose it in the step.')
      if (given(activity, 'attachments'))
        building.remark(activity, 'lost', 'Attachments were paths or web addresses; here they are files that are kept already.')
      if (!error)
        building.remark(
          activity,
          'carried',
          'Mail that could not be sent ended as if all were well; now the run is held and you are told, until its port “Not delivered” leads somewhere.',
        )
      const to = people('to')
      if (to.length === 0) lost('It is not known whom it goes to.')
      return {
        to: { who: 'addresses', addresses: to.length > 0 ? to : ['{{ inputs.to }}'] },
        cc: people('cc'),
        bcc: people('bcc'),
        content: {
          by: 'text',
          subject: toText(given(activity, 'subject'), lost) || '(no subject)',
          text: plain(html) || ' ',
          ...(html !== '' && { html }),
        },
        wait_for: 'accepted',
      }
    },
    { sent: 'Done' },
  )
  return {
    entry: placed.entry,
    build(next) {
      placed.build(next)
      if (!error) return
      building.place(error, () => next('Done'))
      const own = building.nodes[building.idOf(activity)] as Node
      const way = building.entryOf(error)
      if (way !== null)
        building.put(building.idOf(activity), {
          ...own,
          next: { ...own.next, failed: way, suppressed: way, expired: way, unknown: way },
        })
    },
  }
}

function addressesOf(building: Building, activity: Activity, input: string): string[] {
  const found = given(activity, input)
  if (!found) return []
  const list = typeof found.value === 'string' && found.kind === 'Object' ? (parsed(found.value) ?? found.value) : found.value
  if (Array.isArray(list)) return list.filter((one): one is string => typeof one === 'string').slice(0, 50)
  const text = toText(found, lostBy(building, activity))
  return text
    .split(/[;,]\s*/)
    .map((one) => one.trim())
    .filter(Boolean)
    .slice(0, 50)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

function plain(html: string): string {
  return html
    .replace(/<(?:br|\/p|\/div|\/li|\/h\d)\s*\/?>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim()
}

function http(building: Building, activity: Activity): Placed {
  const placed = node(building, activity, 'http.request@1', () => {
    const lost = lostBy(building, activity)
    const body = given(activity, 'content')
    const method = (toText(given(activity, 'method'), lost) || 'GET').toUpperCase()
    const value = body && method !== 'GET' && method !== 'HEAD' ? toCel(body, lost) : null
    if (given(activity, 'authorization')) building.remark(activity, 'lost', 'Secrets are not carried: choose one in the step.')
    const statuses = given(activity, 'expectedStatusCodes')?.value
    const expect = (Array.isArray(statuses) ? statuses : [])
      .map((one) => Number((one as { statusCode?: unknown }).statusCode ?? one))
      .filter((n) => n >= 100 && n <= 599)
    if (expect.length > 1)
      building.remark(activity, 'carried', 'All statuses that were expected lead on by one port; its status is in the result.')
    return {
      method,
      url: toText(given(activity, 'url'), lost) || 'https://example.com/',
      ...(value !== null && { body: { as: 'json', value } }),
      ...(expect.length > 0 && { expect }),
    }
  })
  return {
    entry: placed.entry,
    build(next) {
      placed.build(next)
      const own = building.nodes[building.idOf(activity)] as Node
      const firstOf = (...ports: readonly string[]) => ports.map(next).find((one) => one !== null) ?? null
      building.put(building.idOf(activity), {
        ...own,
        next: {
          ok: firstOf('Done', '200', '201', '202', '204'),
          failed: firstOf('Failed to connect', 'Timeout', 'Unmatched status code', 'Unmatched Status Code'),
        },
      })
    },
  }
}

function join(building: Building, activity: Activity): Placed {
  return {
    ...node(building, activity, 'join@1', () => ({})),
    build(next) {
      const mode = String(given(activity, 'mode')?.value ?? 'WaitAny')
      if (mode === 'WaitAny')
        building.remark(
          activity,
          'carried',
          'It went on with the first branch: say so in the split above it (“first that is through”), which stops the others.',
        )
      node(building, activity, 'join@1', () => ({})).build(next)
    },
  }
}

function flowFork(building: Building, activity: Activity): Placed {
  const id = building.idOf(activity)
  return {
    entry: id,
    build(next) {
      const raw = given(activity, 'branches')?.value ?? activity.branches
      const names = (Array.isArray(raw) ? raw : []).filter((one): one is string => typeof one === 'string')
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

function setVariable(building: Building, activity: Activity): Placed {
  return node(building, activity, 'data.compute@1', () => {
    const variable = activity.variable
    const name =
      typeof variable === 'string'
        ? variable
        : ((variable as { name?: unknown } | null)?.name ??
          (given(activity, 'variable')?.value as { name?: unknown } | undefined)?.name ??
          'value')
    const key = keyOf(String(name))
    building.ownVars.push({ key, type: 'object' })
    return { values: { [key]: toCel(given(activity, 'value'), lostBy(building, activity)) ?? 'null' } }
  })
}

function otherWorkflow(building: Building, activity: Activity): Placed {
  const waits = toCel(given(activity, 'waitForCompletion'), () => {}) === 'true' || kindOf(activity) === 'ExecuteWorkflow'
  const config = (): Config => {
    const target = toText(given(activity, 'workflowDefinitionId'), lostBy(building, activity))
    building.remark(activity, 'lost', `It runs the workflow “${target}”: import that one, too, and choose it here.`)
    return { workflow: target || 'unknown', inputs: {}, ...(waits && { after: null }) }
  }
  return waits
    ? node(building, activity, 'workflow.run@1', config, { completed: 'Done' })
    : node(building, activity, 'workflow.start@1', config)
}

function ending(building: Building, activity: Activity): Placed {
  return node(building, activity, 'end@1', () => ({ outputs: {} }), {})
}

function fault(building: Building, activity: Activity): Placed {
  return {
    ...ending(building, activity),
    build(next) {
      const words = toText(given(activity, 'message'), () => {})
      building.remark(
        activity,
        'lost',
        `It ended the run as failed${words === '' ? '' : ` (“${words}”)`}. Runs here end well or are held for somebody: ask a person instead, or end.`,
      )
      ending(building, activity).build(next)
    },
  }
}

const SIMPLE: Readonly<Record<string, Make>> = {
  Start: (building, activity) => passing(building, activity, null),
  End: ending,
  Finish: ending,
  Complete: ending,
  Fault: fault,
  Break: (building, activity) => node(building, activity, 'break@1', () => ({}), {}),
  SetVariable: setVariable,
  SetName: (building, activity) =>
    passing(building, activity, 'Runs are found by what they are about; they have no name of their own.'),
  Correlate: (building, activity) =>
    passing(building, activity, 'A run is found by its conversation, its contact or its inputs.'),
  WriteLine: (building, activity) => passing(building, activity, 'Each step stands in the story of the run; nothing is printed.'),
  WriteHttpResponse: (building, activity) =>
    passing(building, activity, 'A web address that is called answers at once that it was heard.'),
  Event: event,
  PublishEvent: (building, activity) =>
    node(building, activity, 'event.publish@1', () => ({
      name: eventName(building, activity, toText(given(activity, 'eventName'), lostBy(building, activity))),
      payload: {},
    })),
  Delay: delay,
  StartAt: (building, activity) =>
    node(building, activity, 'wait.until@1', () => ({
      at: toCel(given(activity, 'dateTime'), lostBy(building, activity)) ?? 'vars.at',
    })),
  Timer: timer,
  Cron: cron,
  HttpEndpoint: (building, activity) =>
    trigger(building, activity, 'trigger.webhook@1', () => {
      building.remark(activity, 'carried', 'It has another web address now, which stands in the step.')
      return {}
    }),
  SendEmail: mail,
  SendHttpRequest: http,
  FlowSendHttpRequest: http,
  FlowDecision: (building, activity) =>
    condition(
      building,
      activity,
      'condition',
      (next) => next('True'),
      (next) => next('False'),
    ),
  FlowFork: flowFork,
  FlowJoin: join,
  DispatchWorkflow: otherWorkflow,
  ExecuteWorkflow: otherWorkflow,
  RunTask: (building, activity) =>
    node(
      building,
      activity,
      'human.task@1',
      () => {
        building.remark(
          activity,
          'lost',
          'A task was done by a program; here a person is asked. Choose who, or call a web address instead.',
        )
        return {
          title: toText(given(activity, 'taskName'), () => {}) || 'Task',
          decisions: [{ key: 'done', label: 'Done' }],
          after: null,
        }
      },
      { done: 'Done' },
    ),
}

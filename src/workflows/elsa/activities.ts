/** Elsa's activities, each as the nodes that do the same. What a composite holds is laid out flat: here a path leads on by ports alone. */
import { CHOICES } from './choices.ts'
import { COMPOSITES } from './composites.ts'
import { keyOf, objectOf, toCel, toText } from './expressions.ts'
import { HTTP } from './http.ts'
import type { Building } from './import.ts'
import { mail } from './mail.ts'
import { type Config, lostBy, type Make, node, type Placed, passing, unknown } from './parts.ts'
import { type Activity, given, kindOf, listIn } from './read.ts'
import { TIMES } from './times.ts'

export function placeActivity(building: Building, activity: Activity): Placed {
  const kind = kindOf(activity)
  const make = KINDS[kind]
  if (make) return make(building, activity)
  // A workflow that is used as an activity has a name of its own, and says which it is.
  if (typeof activity.workflowDefinitionId === 'string') return otherWorkflow(building, activity)
  return unknown(building, activity, `There is no step for ${kind}.`)
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

/** What is no input of the workflow that is used as an activity. */
const NOT_GIVEN = new Set(['workflowDefinitionId', 'workflowDefinitionVersionId', 'latestAvailablePublishedVersionId', 'version'])

function inputsOf(building: Building, activity: Activity, isItself: boolean): Record<string, string> {
  const lost = lostBy(building, activity)
  if (!isItself) return objectOf(given(activity, 'input'), lost) ?? {}
  const found: Record<string, string> = {}
  for (const [name, value] of Object.entries(activity)) {
    const isInput = typeof value === 'object' && value !== null && 'expression' in value && !NOT_GIVEN.has(name)
    const cel = isInput ? toCel(given(activity, name), lost) : null
    if (cel !== null) found[keyOf(name)] = cel
  }
  return found
}

function otherWorkflow(building: Building, activity: Activity): Placed {
  const kind = kindOf(activity)
  const isItself = kind !== 'DispatchWorkflow' && kind !== 'ExecuteWorkflow'
  const says = toCel(given(activity, 'waitForCompletion'), () => {})
  const waits = isItself || (kind === 'ExecuteWorkflow' ? says !== 'false' : says === 'true')
  const config = (): Config => {
    const target = toText(given(activity, 'workflowDefinitionId'), lostBy(building, activity))
    building.remark(activity, 'lost', `It runs the workflow “${target}”: import that one, too, and choose it here.`)
    return { workflow: target || 'unknown', inputs: inputsOf(building, activity, isItself), ...(waits && { after: null }) }
  }
  return waits
    ? node(building, activity, 'workflow.run@1', config, { completed: 'Done' }, { result: 'result.outputs' })
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

/** Whoever completes a composite goes on behind it; whoever completes the workflow ends it. */
function completing(building: Building, activity: Activity): Placed {
  const outcomes = listIn(given(activity, 'outcomes'), activity.outcomes).filter((one): one is string => typeof one === 'string')
  return {
    entry: building.idOf(activity),
    build(next) {
      const exit = building.exit()
      if (exit === null) return ending(building, activity).build(next)
      const way = [...outcomes, 'Done'].map(exit).find((one) => one !== null) ?? null
      passing(building, activity, null).build(() => way)
    },
  }
}

/** Kept in a variable until the run ends. */
function setOutput(building: Building, activity: Activity): Placed {
  return node(building, activity, 'data.compute@1', () => {
    const lost = lostBy(building, activity)
    const name = toText(given(activity, 'outputName'), lost) || 'result'
    const kept = keyOf(`output_${name}`)
    building.ownVars.push({ key: kept, type: 'object' })
    building.outputs.set(kept, { key: keyOf(name), type: 'object' })
    return { values: { [kept]: toCel(given(activity, 'outputValue') ?? given(activity, 'value'), lost) ?? 'null' } }
  })
}

function runTask(building: Building, activity: Activity): Placed {
  return node(
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
    { result: 'result' },
  )
}

const OTHERS: Readonly<Record<string, Make>> = {
  Start: (building, activity) => passing(building, activity, null),
  End: completing,
  Complete: completing,
  Finish: ending,
  Fault: fault,
  Break: (building, activity) => node(building, activity, 'break@1', () => ({}), {}),
  SetVariable: setVariable,
  SetOutput: setOutput,
  SetName: (building, activity) =>
    passing(building, activity, 'Runs are found by what they are about; they have no name of their own.'),
  Correlate: (building, activity) =>
    passing(building, activity, 'A run is found by its conversation, its contact or its inputs.'),
  WriteLine: (building, activity) => passing(building, activity, 'Each step stands in the story of the run; nothing is printed.'),
  SendEmail: mail,
  DispatchWorkflow: otherWorkflow,
  ExecuteWorkflow: otherWorkflow,
  RunTask: runTask,
}

const KINDS: Readonly<Record<string, Make>> = { ...COMPOSITES, ...CHOICES, ...TIMES, ...HTTP, ...OTHERS }

/** Activities that begin at a time, or wait for one; and events by name. */
import { lengthOf, objectOf, secondsOf, toCel, toText } from './expressions.ts'
import type { Building } from './import.ts'
import { lostBy, type Make, mayStart, node, type Placed, trigger, unknown } from './parts.ts'
import { type Activity, given } from './read.ts'

/** One that begins the workflow where it may, and is waited for elsewhere. */
function event(building: Building, activity: Activity): Placed {
  const config = () => ({ name: eventName(building, activity, toText(given(activity, 'eventName'), lostBy(building, activity))) })
  if (mayStart(activity)) return trigger(building, activity, 'trigger.event@1', config)
  const came = { came: 'Done' }
  return node(building, activity, 'wait.event@1', () => ({ ...config(), after: null }), came, { result: 'result.payload' })
}

function publish(building: Building, activity: Activity): Placed {
  return node(building, activity, 'event.publish@1', () => {
    const lost = lostBy(building, activity)
    const key = toCel(given(activity, 'correlationId'), lost)
    return {
      name: eventName(building, activity, toText(given(activity, 'eventName'), lost)),
      ...(key !== null && key !== '""' && key !== 'null' && { key }),
      payload: objectOf(given(activity, 'payload'), lost) ?? {},
    }
  })
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

export const TIMES: Readonly<Record<string, Make>> = {
  Event: event,
  PublishEvent: publish,
  Delay: delay,
  StartAt: (building, activity) =>
    node(building, activity, 'wait.until@1', () => ({
      at: toCel(given(activity, 'dateTime'), lostBy(building, activity)) ?? 'vars.at',
    })),
  Timer: timer,
  Cron: cron,
}

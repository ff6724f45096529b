/** What is asked of web addresses, and what asks ours. */
import type { Json } from '../definition/graph.ts'
import { keyOf, toCel, toText } from './expressions.ts'
import type { Building, Next } from './import.ts'
import { type Config, lostBy, type Make, mayStart, node, type Placed, passing, trigger, unknown } from './parts.ts'
import { type Activity, activityIn, given, listIn } from './read.ts'

interface Expected {
  readonly status: number
  /** What stands in the case itself. */
  readonly inside: Activity | null
}

function expectedOf(activity: Activity): Expected[] {
  return listIn(given(activity, 'expectedStatusCodes'), activity.expectedStatusCodes).flatMap((one) => {
    const { statusCode = one, activity: inside = null } = (typeof one === 'object' && one !== null ? one : {}) as Record<
      string,
      unknown
    >
    const status = Number(statusCode)
    return status >= 100 && status <= 599 ? [{ status, inside: activityIn(inside) }] : []
  })
}

const OUTPUTS = {
  statusCode: 'result.status',
  parsedContent: 'result.body',
  responseContent: 'result.body',
  result: 'result.body',
}
const FAILURES = ['failedToConnect', 'timeout', 'unmatchedStatusCode'] as const
const FAILURE_PORTS = ['Failed to connect', 'Timeout', 'Unmatched status code', 'Unmatched Status Code']

function request(building: Building, activity: Activity): Placed {
  const expected = expectedOf(activity)
  const id = building.idOf(activity)
  const placed = node(building, activity, 'http.request@1', () => configOf(building, activity, expected), {}, OUTPUTS)
  return {
    entry: id,
    build(next) {
      placed.build(next)
      const failures = FAILURES.map((name) => activityIn(activity[name])).filter((one) => one !== null)
      const ways = expected.map(({ status, inside }) => ({
        status,
        to: (inside && building.entryOf(inside)) ?? next(String(status)) ?? next('Done'),
      }))
      for (const one of [...expected.flatMap(({ inside }) => inside ?? []), ...failures]) building.place(one, () => next('Done'))
      const failed = [...failures.map((one) => building.entryOf(one)), ...FAILURE_PORTS.map(next)].filter((one) => one !== null)
      if (new Set(failed).size > 1)
        building.remark(activity, 'carried', 'It had several ways of failing, which are one here; its class is in the result.')
      const ok =
        new Set(ways.map(({ to }) => to)).size > 1 ? byStatus(building, activity, ways, next) : (ways[0]?.to ?? next('Done'))
      const own = building.nodes[id]
      if (own) building.put(id, { ...own, next: { ok, failed: failed[0] ?? null } })
    },
  }
}

function configOf(building: Building, activity: Activity, expected: readonly Expected[]): Config {
  const lost = lostBy(building, activity)
  const body = given(activity, 'content')
  const method = (toText(given(activity, 'method'), lost) || 'GET').toUpperCase()
  const value = body && method !== 'GET' && method !== 'HEAD' ? toCel(body, lost) : null
  if (given(activity, 'authorization')) building.remark(activity, 'lost', 'Secrets are not carried: choose one in the step.')
  return {
    method,
    url: toText(given(activity, 'url'), lost) || 'https://example.com/',
    ...headersOf(building, activity),
    ...(value !== null && { body: { as: 'json', value } }),
    ...(expected.length > 0 && { expect: expected.map(({ status }) => status) }),
  }
}

/** What looks like a secret is not carried into a text that everybody can read. */
const SECRET = /auth|token|secret|key|cookie|password/i

function headersOf(building: Building, activity: Activity): { readonly headers?: Readonly<Record<string, string>> } {
  const found = given(activity, 'requestHeaders')
  if (found === null) return {}
  const read = typeof found.value === 'string' ? parsed(found.value) : found.value
  if (typeof read !== 'object' || read === null || Array.isArray(read)) {
    building.remark(activity, 'lost', 'Its headers are computed: set them in the step.')
    return {}
  }
  const headers = Object.entries(read).flatMap(([name, value]: [string, unknown]) => {
    const text = Array.isArray(value) ? String(value[0] ?? '') : String(value ?? '')
    if (SECRET.test(name) || text === '') {
      building.remark(activity, 'lost', `The header ${name} is not carried: choose a secret in the step.`)
      return []
    }
    return [[name, text] as const]
  })
  return headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

/** Each status led on by a way of its own: which it was is kept, and asked. */
function byStatus(
  building: Building,
  activity: Activity,
  ways: readonly { status: number; to: string | null }[],
  next: Next,
): string {
  const id = building.partOf(activity, 'status')
  const key = keyOf(`status_${activity.id}`)
  building.ownVars.push({ key, type: 'number' })
  const own = building.nodes[building.idOf(activity)]
  if (own) building.put(building.idOf(activity), { ...own, set: { ...own.set, [key]: 'result.status' } })
  const cases = ways.map(
    ({ status }): Json => ({
      key: `s${status}`,
      label: String(status),
      when: { field: `vars.${key}`, op: 'is', value: status },
    }),
  )
  building.put(id, {
    type: 'switch@1',
    config: { cases },
    next: { ...Object.fromEntries(ways.map(({ status, to }) => [`s${status}`, to])), else: next('Done') },
  })
  return id
}

function endpoint(building: Building, activity: Activity): Placed {
  if (!mayStart(activity))
    return unknown(
      building,
      activity,
      'A call that is waited for in the middle of a path has no address here: let the other program tell an event, and wait for that.',
    )
  return trigger(building, activity, 'trigger.webhook@1', () => {
    building.remark(activity, 'carried', 'It has another web address now, which stands in the step.')
    return {}
  })
}

export const HTTP: Readonly<Record<string, Make>> = {
  HttpEndpoint: endpoint,
  SendHttpRequest: request,
  FlowSendHttpRequest: request,
  WriteHttpResponse: (building, activity) =>
    passing(building, activity, 'A web address that is called answers at once that it was heard.'),
}

import type { BulkAct } from '../../src/api/endpoints/bulk-acts.ts'
import { receiverName } from '../parts/receiver-name.ts'
import { t } from '../texts/texts.ts'
import { clockOrDay } from '../ui/format.ts'

/** Which deliveries an act was of, in a few words. */
export function filterWords({ filter }: BulkAct, nameOf: (routeId: string) => string, now: Date): string {
  const says = t.bulk.filter
  const { states, streams, route_id, receivers, from_domains, recipient_domains, tags, classes, since } = filter
  const parts = [
    states && says.states(states.map((state) => t.states[state])),
    streams && says.states(streams.map((stream) => t.streams[stream])),
    route_id && says.route(nameOf(route_id)),
    receivers && says.receivers(receivers.map(receiverName)),
    from_domains && says.fromDomains(from_domains),
    recipient_domains && says.recipientDomains(recipient_domains),
    tags && says.tags(tags),
    classes && says.classes(classes.map(classWords)),
    since && says.since(clockOrDay(since, now)),
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? t.bulk.everything : parts.join(', ')
}

export function classWords(code: string): string {
  return code.replaceAll('_', ' ')
}

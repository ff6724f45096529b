/** Mail. */
import type { Node } from '../definition/graph.ts'
import { toText } from './expressions.ts'
import type { Building } from './import.ts'
import { lostBy, node, type Placed } from './parts.ts'
import { type Activity, activityIn, given, listIn } from './read.ts'

export function mail(building: Building, activity: Activity): Placed {
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
  const list = listIn(found)
  if (list.length > 0) return list.filter((one): one is string => typeof one === 'string').slice(0, 50)
  const text = toText(found, lostBy(building, activity))
  return text
    .split(/[;,]\s*/)
    .map((one) => one.trim())
    .filter(Boolean)
    .slice(0, 50)
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

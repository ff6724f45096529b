import { formatDate } from '../mail/compose.ts'
import type { Field } from '../mail/raw-head.ts'
import { type Reply, reply } from './protocol/reply.ts'

/** RFC 5321 §6.3 would allow a hundred. No honest way to us has so many stations; a loop reaches it in seconds. */
const HOPS_MAX = 30

/**
 * Our line of the trace (RFC 5321 §4.4). Whose machine the mail came from is kept with the message, for people; it is not told to every recipient,
 * since it names machines of an inner network and is held against home connections.
 */
export function receivedLine(
  by: string,
  how: { readonly id: string; readonly tls: boolean; readonly signedIn: boolean },
  now: Date,
): string {
  const protocol = `ESMTP${how.tls ? 'S' : ''}${how.signedIn ? 'A' : ''}`
  return `Received: by ${by} (Waybill) with ${protocol} id ${how.id};\r\n\t${formatDate(now)}\r\n`
}

export function refuseLoop(fields: readonly Field[]): Reply | null {
  const hops = fields.filter(({ key }) => key === 'received').length
  return hops > HOPS_MAX
    ? reply(554, '5.4.6', `The mail has come through ${hops} servers already: it goes in a circle. Look at its Received headers.`)
    : null
}

import { SECOND } from '../../lib/clock.ts'
import { live as liveEndpoint } from '../endpoints/live.ts'
import type { Live } from '../live.ts'
import { type Route, route } from '../route.ts'

/** A line is cut after this, and the browser dials again: so that one whose session was revoked does not listen for ever. */
const LONGEST_LINE_MS = 300 * SECOND

export function liveRoutes(live: Live): Route[] {
  return [
    route(liveEndpoint, async ({ actor, request, signal, reply }) => {
      // Proxies that collect answers before passing them on (nginx) are told not to.
      reply.header('x-accel-buffering', 'no')
      const last = request.headers['last-event-id']
      const end = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_LINE_MS)])
      return { content: live.listen(actor, typeof last === 'string' ? last : null, end) }
    }),
  ]
}

import { AGENTS } from './agents.ts'
import type { HitKind, Who } from './hit.ts'

export interface Request {
  readonly kind: HitKind
  readonly method: string
  readonly userAgent: string
  /** Since the mail was taken over; null where that is not known yet. */
  readonly msSinceSent: number | null
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Nobody receives, opens, reads and follows within this time; gateways do. */
const TOO_SOON_MS = 2_000
/** Of a browser ahead of a person who may never look. */
const PREFETCH_HEADERS = ['purpose', 'sec-purpose', 'x-purpose', 'x-moz']
/** As browsers and mail programs introduce themselves: with the system that they run on. */
const PROGRAM_OF_A_PERSON = /^mozilla\/\d\.\d \(/

/** Who asks, as far as one request tells. */
export function classify({ kind, method, userAgent, msSinceSent, headers }: Request): Who {
  if (method !== 'GET' || isPrefetch(headers)) return 'scanner'
  const agent = userAgent.trim().toLowerCase()
  const known = AGENTS.find(({ pattern }) => pattern.test(agent))
  if (known) return known.who
  const isTooSoon = msSinceSent !== null && msSinceSent < TOO_SOON_MS
  // Links are followed too soon by scanners alone. A picture may be: the mail lies open while it comes.
  if (isTooSoon) return kind === 'click' ? 'scanner' : 'unknown'
  return PROGRAM_OF_A_PERSON.test(agent) ? 'human' : 'unknown'
}

function isPrefetch(headers: Request['headers']): boolean {
  return PREFETCH_HEADERS.some((name) => /prefetch|preview|prerender/i.test(String(headers[name] ?? '')))
}

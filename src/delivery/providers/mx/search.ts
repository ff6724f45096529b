import type { Clock } from '../../../lib/clock.ts'
import { type Destination, type DestinationDeps, findDestination } from './destination.ts'
import { Share } from './share.ts'

const MAX_DOMAINS = 1_000

/** Where the mail of a domain goes; or when to ask again, because as much of it as may is waiting for the name servers already. */
export type Found = Destination | { readonly waitMs: number }

/** Looks destinations up. A domain whose name servers hang leaves room for the mail of the others, as a dead mail server does. */
export class Search {
  readonly #deps: DestinationDeps & { readonly clock: Clock }
  readonly #shares = new Map<string, Share>()

  constructor(deps: DestinationDeps & { readonly clock: Clock }) {
    this.#deps = deps
  }

  async find(domain: string, free: number): Promise<Found> {
    const share = this.#shareOf(domain)
    if (share.isFull(free)) return { waitMs: share.waitMs() }
    const destination = await share.use(() => findDestination(domain, this.#deps).catch(faultOf))
    share.works(destination.ok)
    return destination
  }

  #shareOf(domain: string): Share {
    const known = this.#shares.get(domain)
    if (known) return known
    if (this.#shares.size >= MAX_DOMAINS) {
      for (const [name, { inHand }] of this.#shares) if (inHand === 0) this.#shares.delete(name)
    }
    const share = new Share(this.#deps.clock)
    this.#shares.set(domain, share)
    return share
  }
}

function faultOf(fault: unknown): Destination {
  const message = fault instanceof Error ? fault.message : String(fault)
  return { ok: false, ending: { stage: 'dns', kind: 'lost', code: 'SERVFAIL', message, bodySent: false } }
}

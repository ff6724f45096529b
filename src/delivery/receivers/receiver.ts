import { OTHER, RECEIVER_SEEDS, type ReceiverLimits, USUAL_LIMITS } from './receiver-seeds.ts'

/**
 * A receiver is whoever runs the mail servers of a domain: one of the seeds, by name, or the registrable domain of the servers. Lanes,
 * circuits and figures know the seeds and `other`; limits and connections know each receiver.
 */
const SEEDS = new Map(RECEIVER_SEEDS.map((seed) => [seed.name, seed]))
const OWN_DOMAINS = new Map(RECEIVER_SEEDS.flatMap(({ name, domains }) => domains.map((domain) => [domain, name])))
const MX_SUFFIXES = new Map(RECEIVER_SEEDS.flatMap(({ name, mx }) => mx.map((suffix) => [suffix, name])))

/** The seed that owns a recipient's domain, known without asking anybody. */
export function receiverOfOwnDomain(domain: string): string | null {
  return OWN_DOMAINS.get(domain) ?? null
}

/** The seed that runs a mail server of this name. */
export function seedOfMx(host: string): string | null {
  for (let name = host; name !== ''; name = name.slice(name.indexOf('.') + 1)) {
    const found = MX_SUFFIXES.get(name)
    if (found !== undefined) return found
    if (!name.includes('.')) return null
  }
  return null
}

export function laneReceiver(receiver: string): string {
  return SEEDS.has(receiver) ? receiver : OTHER
}

export function limitsOfReceiver(receiver: string): ReceiverLimits {
  return SEEDS.get(receiver)?.limits ?? USUAL_LIMITS
}

/** Its name as people write it. */
export function titleOfReceiver(receiver: string): string {
  return SEEDS.get(receiver)?.title ?? (receiver === OTHER ? 'Other receivers' : receiver)
}

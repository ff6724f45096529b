const MAX_DOMAINS = 50_000

/** Receivers of the domains that were asked for lately, each for as long as it may be believed. */
export interface Memory {
  get(domain: string): string | null
  set(domain: string, receiver: string, forMs: number): void
}

export function createMemory(monotonicMs: () => number, max = MAX_DOMAINS): Memory {
  const known = new Map<string, { readonly receiver: string; readonly untilMs: number }>()
  return {
    get(domain) {
      const found = known.get(domain)
      if (found === undefined) return null
      known.delete(domain)
      if (found.untilMs <= monotonicMs()) return null
      // Put behind all others: a map hands its keys out in order, so the first is the one that nobody asked for longest.
      known.set(domain, found)
      return found.receiver
    },
    set(domain, receiver, forMs) {
      known.delete(domain)
      const oldest = known.size >= max ? known.keys().next().value : undefined
      if (oldest !== undefined) known.delete(oldest)
      known.set(domain, { receiver, untilMs: monotonicMs() + forMs })
    },
  }
}

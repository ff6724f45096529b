/** So many a second for each key, with some more at once after a pause. It protects this process alone; nothing that matters is counted here. */
export interface TokenBuckets {
  /** Milliseconds until the next one, 0 when this one may pass. */
  take(key: string, nowMs: number): number
}

export function createTokenBuckets({ perSecond, burst, keys }: { perSecond: number; burst: number; keys: number }): TokenBuckets {
  /** For each key, the moment at which its bucket is full again. */
  const fullAt = new Map<string, number>()
  const eachMs = 1_000 / perSecond
  return {
    take(key, nowMs) {
      const full = Math.max(fullAt.get(key) ?? 0, nowMs)
      const waitMs = full + eachMs - nowMs - burst * eachMs
      if (waitMs > 1e-6) return waitMs
      fullAt.delete(key)
      // The longest untouched is the fullest: forgetting it gives it the least.
      for (const oldest of fullAt.keys()) if (fullAt.size >= keys) fullAt.delete(oldest)
      fullAt.set(key, full + eachMs)
      return 0
    },
  }
}

/**
 * How many connections a receiver is given at one time: a little more with every success, a little less with every refusal, by 1/N each, so
 * that it takes N answers of one kind to change by one (Postfix's scheduler; steps of a whole connection made it swing and deferred three
 * times as much mail).
 */
export interface Concurrency {
  /** With its fraction; what counts is the whole number below. */
  readonly limit: number
  readonly max: number
}

const BEGIN_WITH = 5

export function beginWith(max: number): Concurrency {
  return { limit: Math.min(BEGIN_WITH, max), max }
}

export function grow({ limit, max }: Concurrency): Concurrency {
  return { limit: Math.min(max, limit + 1 / limit), max }
}

export function shrink({ limit, max }: Concurrency): Concurrency {
  return { limit: Math.max(1, limit - 1 / limit), max }
}

/** A lower ceiling holds at once; a higher one has to be earned. */
export function withMax(concurrency: Concurrency, max: number): Concurrency {
  return concurrency.max === max ? concurrency : { limit: Math.min(concurrency.limit, max), max }
}

export function connectionsOf({ limit }: Concurrency): number {
  // 0.1 added ten times is a little less than 1.
  return Math.max(1, Math.floor(limit + 1e-9))
}

/** Chance that repeats itself: the same seed gives the same workspace. */
export interface Random {
  /** From 0 up to, and without, 1. */
  next(): number
  /** A whole number from 0 up to, and without, `below`. */
  below(below: number): number
  is(probability: number): boolean
  one<T>(values: readonly T[]): T
  /** The first few are met far more often than the last, as people, tags and words are. */
  skewed<T>(values: readonly T[], steepness?: number): T
}

/** sfc32 (Chris Doty-Humphrey, 2010): small, fast, and good enough for texts. */
export function seededRandom(seed: number): Random {
  let [a, b, c, d] = [0x9e3779b9 ^ seed, 0x243f6a88, 0xb7e15162, 1]
  const next = () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return (t >>> 0) / 4_294_967_296
  }
  for (let i = 0; i < 15; i += 1) next()
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    is: (probability) => next() < probability,
    one: (values) => values[below(values.length)]!,
    skewed: (values, steepness = 2) => values[Math.floor(next() ** steepness * values.length)]!,
  }
}

/** A UUIDv7 of that millisecond (RFC 9562 §5.7), made of seeded chance. */
export function idAt<T extends string>(random: Random, atMs: number): T {
  const time = Math.floor(atMs).toString(16).padStart(12, '0')
  const hex = (below: number, digits: number) => random.below(below).toString(16).padStart(digits, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(0x1000, 3)}-${(0x8000 | random.below(0x4000)).toString(16)}-${hex(0x1000000, 6)}${hex(0x1000000, 6)}` as T
}

import { isAbsent, type Lookup } from './lookup.ts'

const MAX_ANSWERS = 10_000
/** A name that does not exist is asked again soon: people correct their zones while they look at our page (RFC 2308 allows hours). */
const ABSENT_TTL_SECONDS = 15

type Remembered<Found> = { readonly answer: Lookup<Found>; readonly staleAtMs: number }

/** Answers of one kind, kept as long as they live, a bounded number of them; many who ask for one name at the same time ask once. */
export interface Answers<Found> {
  get(name: string, ask: () => Promise<Lookup<Found>>): Promise<Lookup<Found>>
}

/** `lifetimeSeconds`: how long a good answer may be used. What a server could not answer is never kept. */
export function createAnswers<Found>(
  lifetimeSeconds: (found: Found) => number,
  monotonicMs: () => number,
  max = MAX_ANSWERS,
): Answers<Found> {
  const known = new Map<string, Remembered<Found>>()
  const asking = new Map<string, Promise<Lookup<Found>>>()

  function keep(name: string, answer: Lookup<Found>): void {
    const seconds = answer.ok ? lifetimeSeconds(answer.found) : isAbsent(answer) ? ABSENT_TTL_SECONDS : 0
    known.delete(name)
    if (seconds <= 0) return
    // A map hands its keys out in the order they came: the first is the one that was learned longest ago.
    const oldest = known.size >= max ? known.keys().next().value : undefined
    if (oldest !== undefined) known.delete(oldest)
    known.set(name, { answer, staleAtMs: monotonicMs() + seconds * 1_000 })
  }

  return {
    get(name, ask) {
      const remembered = known.get(name)
      if (remembered && remembered.staleAtMs > monotonicMs()) return Promise.resolve(remembered.answer)
      const asked = asking.get(name)
      if (asked) return asked
      const answer = ask()
        .then((given) => {
          keep(name, given)
          return given
        })
        .finally(() => asking.delete(name))
      asking.set(name, answer)
      return answer
    },
  }
}

/**
 * What came of mail to one receiver through one route in some time. `sent` is what the next hop took responsibility for, and no more:
 * only `delivered` says that somebody saw it arrive. Counted when it is told, not when the message was sent.
 */
export interface Figures {
  readonly sent: number
  readonly deferred: number
  readonly blocked: number
  /** Refused for good, at once or later. */
  readonly bounced: number
  /** Of these: the next hop had taken them before. */
  readonly returned: number
  readonly complained: number
  readonly delivered: number
  readonly unknown: number
  /** Of `sent`: from submission to acceptance; one counter more than `TIME_EDGES`. */
  readonly times: readonly number[]
}

/** Seconds. A counter holds what took at least the edge before it and less than its own; the last holds the rest. */
export const TIME_EDGES = [1, 2, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400] as const

export const NO_FIGURES: Figures = {
  sent: 0,
  deferred: 0,
  blocked: 0,
  bounced: 0,
  returned: 0,
  complained: 0,
  delivered: 0,
  unknown: 0,
  times: [],
}

export function addFigures(a: Figures, b: Figures): Figures {
  return {
    sent: a.sent + b.sent,
    deferred: a.deferred + b.deferred,
    blocked: a.blocked + b.blocked,
    bounced: a.bounced + b.bounced,
    returned: a.returned + b.returned,
    complained: a.complained + b.complained,
    delivered: a.delivered + b.delivered,
    unknown: a.unknown + b.unknown,
    times: Array.from({ length: Math.max(a.times.length, b.times.length) }, (_, i) => (a.times[i] ?? 0) + (b.times[i] ?? 0)),
  }
}

export function sumFigures(all: readonly Figures[]): Figures {
  return all.reduce(addFigures, NO_FIGURES)
}

/** Tries that came to an answer. */
export function attemptsOf({ sent, deferred, blocked, bounced, returned }: Figures): number {
  return sent + deferred + blocked + bounced - returned
}

/** Share of tries that were put off. */
export function putOffShare(figures: Figures): number | null {
  return share(figures.deferred + figures.blocked, attemptsOf(figures))
}

/** Share of answers for good that were no. */
export function refusedShare({ sent, bounced, returned }: Figures): number | null {
  return share(bounced - returned, sent + bounced - returned)
}

export function complainedShare({ sent, complained }: Pick<Figures, 'sent' | 'complained'>): number | null {
  return share(complained, sent)
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null
}

/**
 * The time within which `part` of the mail was accepted, in seconds: as if times were spread evenly between two edges. Beyond the last edge
 * nothing is known but that it took longer. Null without mail.
 */
export function timeWithin(times: readonly number[], part: number): number | null {
  const total = times.reduce((sum, n) => sum + n, 0)
  if (total === 0) return null
  let below = 0
  for (const [i, n] of times.entries()) {
    if (n > 0 && below + n >= part * total) {
      const from = TIME_EDGES[i - 1] ?? 0
      const to = TIME_EDGES[i] ?? from
      return from + (to - from) * ((part * total - below) / n)
    }
    below += n
  }
  return TIME_EDGES.at(-1) ?? null
}

import type { Ways } from '../routing/choose.ts'
import type { RouteState } from '../routing/picture.ts'
import type { Stream } from '../stream.ts'
import type { WaitingLane } from './queries.ts'

/** A lane with due mail, and the ways it may take. */
export interface Errand {
  readonly lane: WaitingLane
  readonly ways: Ways
}

/** How a sender's room is shared when several streams wait for it: whoever waits gets something, sign-in codes get most. */
const WEIGHT: Readonly<Record<Stream, number>> = { transactional: 6, conversation: 3, bulk: 1 }
const LEAST = 25

/** Streams in the order of their urgency; within one, whose turn is longest ago, and then who waits longest. */
export function inFairOrder(errands: readonly Errand[], turns: ReadonlyMap<number, number>): Errand[] {
  const turnOf = ({ lane }: Errand) => turns.get(lane.id) ?? 0
  return errands
    .filter(({ ways }) => ways.open.length > 0 || ways.probes.length > 0)
    .sort(
      (a, b) =>
        WEIGHT[b.lane.stream] - WEIGHT[a.lane.stream] ||
        turnOf(a) - turnOf(b) ||
        a.lane.nextDueAt.getTime() - b.lane.nextDueAt.getTime(),
    )
}

/** Which sender takes a lane's mail on a route: direct routes have one for each receiver known by name. */
export function senderKeyOf(lane: Pick<WaitingLane, 'receiver'>, route: Pick<RouteState, 'id' | 'kind'>): string {
  return route.kind === 'mx' ? `${route.id} ${lane.receiver}` : route.id
}

/**
 * Shares each sender's room among the streams that wait for it, by weight, and within a stream among its lanes. The room is asked once a round:
 * what the first lane took would leave too little for a batch of the others.
 */
export class Shares {
  private readonly waiting = new Map<string, Map<Stream, number>>()
  private readonly rooms = new Map<string, { readonly whole: number; left: number }>()

  constructor(errands: readonly Errand[]) {
    for (const { lane, ways } of errands) {
      for (const { route } of ways.open) {
        const key = senderKeyOf(lane, route)
        let streams = this.waiting.get(key)
        if (!streams) this.waiting.set(key, (streams = new Map()))
        streams.set(lane.stream, (streams.get(lane.stream) ?? 0) + 1)
      }
    }
  }

  /** How many a lane of this stream is given of the sender's room. */
  of(key: string, room: () => number, stream: Stream): number {
    let rest = this.rooms.get(key)
    if (!rest) {
      const whole = room()
      this.rooms.set(key, (rest = { whole, left: whole }))
    }
    const streams = this.waiting.get(key) ?? new Map<Stream, number>()
    const weights = [...streams.keys()].reduce((sum, each) => sum + WEIGHT[each], 0)
    const ofStream = weights === 0 ? rest.whole : (rest.whole * WEIGHT[stream]) / weights
    const share = Math.max(1, Math.floor(Math.max(ofStream / (streams.get(stream) ?? 1), Math.min(LEAST, ofStream))))
    const given = Math.min(rest.left, share)
    rest.left -= given
    return given
  }
}

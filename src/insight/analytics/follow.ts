import type { Follower } from '../../events/follow.ts'
import { addFacts } from './queries.ts'

/** What the log says of campaigns' mail, in the numbers of each campaign. */
export const FIGURE_FOLLOWER = 'campaigns.figures'

export const figureFollower: Follower = {
  name: FIGURE_FOLLOWER,
  apply: (tx, from, to) => addFacts(tx, from, to),
}

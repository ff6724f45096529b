import type { Follower } from '../../../events/follow.ts'
import { addVerdicts } from './queries.ts'

/** How much each recipient domain said lately: what a number of unknown addresses is measured by. */
export const verdictCounter: Follower = {
  name: 'delivery.domain_verdicts',
  apply: (tx, from, to) => addVerdicts(tx, from, to),
}

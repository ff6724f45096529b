import type { Follower } from '../../events/follow.ts'
import { addHours } from './queries.ts'

export { type HourRow, selectHours as listHours } from './queries.ts'

/** What came of attempts, by hour and route: what the chart on the overview shows. */
export const hourCounter: Follower = {
  name: 'delivery.hours',
  apply: (tx, from, to) => addHours(tx, from, to),
}

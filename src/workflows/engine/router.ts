/**
 * Reads the log and brings what happened to the lanes: new runs to those of their subjects, hits to those of the tokens that waited. It never waits for
 * whoever works in a lane, and never touches a lane that is there.
 *
 * A wait that a burst made is `new` until this has looked back for it, from the place of the token that made it to the place reached here; from then on
 * it is `open`, and everything later is held against it. This is serial under the cursor's lock, so nothing falls in between: what happened before its
 * commit, while it was not yet seen, or after.
 */
import type { Tx } from '../../db/database.ts'
import { type Follower, type LogPosition, type WantedEvents, wantedEvents } from '../../events/follow.ts'
import { HAPPENINGS } from '../happening.ts'
import { eventTypesOf, happeningsOf } from '../triggers/happenings.ts'
import { byPlace } from './letters.ts'
import { insertBox, type Listening, lockNewWaits, type NewBoxRow, selectListening } from './route-queries.ts'
import { starts, startsAgain } from './route-starts.ts'
import { cancels, hitsOf, lookBack } from './route-waits.ts'

export const ROUTER = 'workflows'
export const NEW_WAITS_AT_ONCE = 2_000

/** Told what each step came to: letters for lanes, and waits that were looked back for; asked before whether there may be any. */
export function createRouter(
  brought: (what: { readonly letters: number; readonly waits: number }) => void,
  mayHaveWaits: () => boolean,
): Follower {
  return {
    name: ROUTER,
    async apply(tx, from, to, now) {
      const looked = mayHaveWaits() ? await lockNewWaits(tx, NEW_WAITS_AT_ONCE) : []
      const hits = [...(from === to ? [] : await route(tx, from, to, now)), ...(await lookBack(tx, looked, to))]
      await insertBox(tx, hits)
      brought({ letters: hits.length, waits: looked.length })
    },
  }
}

/** Everything new against what begins and what waits. */
async function route(tx: Tx, from: LogPosition, to: LogPosition, now: Date): Promise<NewBoxRow[]> {
  const listening = await selectListening(tx, HAPPENINGS)
  const { triggers, awaited } = listening
  const wanted = wantedOf(listening)
  if (wanted.length === 0) return []
  const events = await wantedEvents(tx, from, to, wanted)
  if (events.length === 0) return []
  const happened = await happeningsOf(tx, events)
  return [
    ...(await starts(tx, triggers, happened, now)),
    ...(await startsAgain(tx, triggers, events, now)),
    ...(await cancels(tx, events)),
    ...(await hitsOf(tx, new Set(awaited), happened)),
  ].sort(byPlace)
}

/** Which events anybody could want, by workspace. */
function wantedOf({ triggers, awaited, waiting }: Listening): WantedEvents[] {
  const kinds = new Map<string, Set<string>>()
  for (const { workspaceId, happening } of triggers) {
    const own = kinds.get(workspaceId) ?? new Set()
    // Whoever asks another one to begin, or to stop, is heard also where nobody waits for anything.
    kinds.set(workspaceId, own.add(happening).add('run.asked'))
  }
  for (const workspaceId of waiting) {
    const own = kinds.get(workspaceId) ?? new Set()
    for (const kind of awaited) own.add(kind)
    // Whoever ends calls off what they began.
    kinds.set(workspaceId, own.add('run.asked'))
  }
  return [...kinds].map(([workspaceId, own]) => ({ workspaceId, types: eventTypesOf(own), typesOfIds: [], ids: [] }))
}

/** The first thing that is in hand ended processes, or broke, again and again: a person looks at it, and the others go on. */

import { hold } from '../interpret/moves.ts'
import type { RunId } from '../steps/step.ts'
import type { Start } from './box.ts'
import { interpretDeps } from './context.ts'
import { take } from './live-run.ts'
import type { Work } from './take-queries.ts'
import type { TurnRuns } from './turn-runs.ts'

/** After so many crashes with the same thing in hand it is put aside. Whoever kills processes from outside may meet the same lane twice, or three times. */
export const CRASHES_MAX = 5

const TROUBLE = {
  class: 'poison',
  sentence: 'Waybill broke off at this step, time and again. It is not tried any more by itself.',
}

/** The letter that is done with by this, and the start that is not to be; both absent where it was something that was due. */
export function putAside(
  { box, due, place }: Work,
  runs: TurnRuns,
  now: Date,
): { readonly letter?: string; readonly start?: Start } {
  const holdToken = (runId: RunId, id: string) => {
    const run = runs.known(runId)
    if (run) take(run, hold(run.state, id, TROUBLE, interpretDeps(run, now)), place)
  }
  const [row] = box
  const [first] = due
  if (!row) {
    if (first) holdToken(first.runId, first.id)
    return {}
  }
  const { letter } = row
  if (letter.what === 'hit') {
    const of = runs.ofWait(letter.waitId)
    if (of) holdToken(of.run.row.id, of.tokenId)
  }
  return { letter: row.id, ...(letter.what === 'start' && { start: letter }) }
}

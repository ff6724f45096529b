import type { Tx } from '../../db/database.ts'
import { emptyHands, rebasePlaces } from './restore-queries.ts'

/** After a restore, in its transaction: what waits goes on waiting from the same place of the log, whatever that is called here. */
export async function bringPlacesAlong(tx: Tx, isRebased: boolean): Promise<void> {
  await emptyHands(tx)
  if (isRebased) await rebasePlaces(tx)
}

import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import { REBASED_TXID, rebasedSeq } from '../../events/follow.ts'

/** What tokens, waits and letters know of the log, in its new numbers. Where runs began is only told, and stays. */
export async function rebasePlaces(tx: Tx): Promise<void> {
  const seq = rebasedSeq(sql`t.txid`, sql`t.seq`)
  await sql`update workflow_token as t set txid = ${REBASED_TXID}, seq = ${seq}`.execute(tx)
  await sql`update workflow_wait as t set txid = ${REBASED_TXID}, seq = ${seq}`.execute(tx)
  await sql`update workflow_box as t set txid = ${REBASED_TXID}, seq = ${seq}`.execute(tx)
}

/** Processes of another machine have nothing in their hands here. */
export async function emptyHands(tx: Tx): Promise<void> {
  await sql`delete from workflow_hand`.execute(tx)
}

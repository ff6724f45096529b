import { type Database, ENGINE, isDatabaseUnavailable, type Tx } from '../db/database.ts'

export interface Steps {
  /** As many as a transaction takes while all is well. */
  readonly atOnce: number
  /** The next `n`; true while there is more. */
  step(tx: Tx, n: number): Promise<boolean>
  /** The next one, which failed alone: what becomes of it. */
  passOver(tx: Tx, error: unknown): Promise<unknown>
}

/** Until there is nothing more. A step that fails is tried again one by one: whose fault it is is passed over with that reason, and holds up nobody else. */
export async function inSteps(database: Database, { atOnce, step, passOver }: Steps): Promise<void> {
  let alone = 0
  for (;;) {
    const n = alone > 0 ? 1 : atOnce
    let fault: unknown
    try {
      const isMore = await database.transaction(ENGINE, async (tx) => {
        try {
          return await step(tx, n)
        } catch (error) {
          fault = error
          throw error
        }
      })
      if (!isMore) return
      alone = Math.max(0, alone - 1)
    } catch (error) {
      // What befell the transaction is nobody's fault: the next turn does it again.
      if (error !== fault || isDatabaseUnavailable(error)) throw error
      if (n === 1) await database.transaction(ENGINE, (tx) => passOver(tx, error))
      alone = n === 1 ? alone - 1 : atOnce
    }
  }
}
